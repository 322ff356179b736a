// Runs libFuzzer, and reads what it says.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dictionary, seeds } from "./seeds.ts";

const LEN_MAX = 512;
const TIMEOUT_S = 10; // of one input

export interface Hunt {
  readonly runs?: number;
  readonly seconds?: number;
  readonly seed: number;
}

export interface Found {
  readonly runs: number;
  readonly perSecond: number;
  /** Places of the core that were reached. */
  readonly coverage: number;
  /** What was broken; undefined when nothing was. */
  readonly law?: string;
  /** Where the input lies. */
  readonly file?: string;
}

/** Hunts with the seeds; what breaks a law is written into `folder`. */
export async function hunt(program: string, hunted: Hunt, folder: string): Promise<Found> {
  const room = mkdtempSync(join(tmpdir(), "heddle-seeds-"));
  try {
    const files = seeds().map((bytes, at) => {
      const file = join(room, `seed-${at}`);
      writeFileSync(file, bytes);
      return file;
    });
    writeFileSync(join(room, "words"), dictionary());
    writeFileSync(join(room, "list"), files.join(","));
    const { text, code } = await run(program, [
      ...[`-seed=${Math.max(1, hunted.seed)}`, `-max_len=${LEN_MAX}`, `-timeout=${TIMEOUT_S}`],
      ...["-use_value_profile=1", `-dict=${join(room, "words")}`, "-print_final_stats=1"],
      ...[`-seed_inputs=@${join(room, "list")}`, `-artifact_prefix=${folder}/`],
      ...(hunted.runs === undefined ? [] : [`-runs=${hunted.runs}`]),
      ...(hunted.seconds === undefined ? [] : [`-max_total_time=${hunted.seconds}`]),
    ]);
    return reportOf(text, code);
  } finally {
    rmSync(room, { recursive: true, force: true });
  }
}

/** Runs one input. Returns what it breaks, if it breaks anything. */
export async function replay(program: string, file: string): Promise<string | undefined> {
  const { text, code } = await run(program, [`-timeout=${TIMEOUT_S}`, file]);
  return code === 0 ? undefined : lawOf(text);
}

function run(program: string, args: readonly string[]): Promise<{ text: string; code: number }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
    let text = "";
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk.replace(/^#\d+\s+(REDUCE|NEW|RELOAD)\b.*\n/gm, "");
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ text, code: code ?? -1 }));
  });
}

function reportOf(text: string, code: number): Found {
  const stat = (name: string): number => {
    return Number(new RegExp(`stat::${name}:\\s+(\\d+)`).exec(text)?.[1] ?? 0);
  };
  const places = [...text.matchAll(/ cov: (\d+) /g)].map(([, count]) => Number(count));
  const report = {
    runs: stat("number_of_executed_units"),
    perSecond: stat("average_exec_per_sec"),
    coverage: Math.max(0, ...places),
  };
  if (code === 0) return report;
  const file = /Test unit written to (\S+)/.exec(text)?.[1];
  const isKept = file !== undefined && existsSync(file);
  return { ...report, law: lawOf(text), ...(isKept ? { file } : {}) };
}

// What the harness says, else what the sanitizer does, else the end of it all.
function lawOf(text: string): string {
  const said = /^heddle: (.*)$/m.exec(text)?.[1];
  const seen = /^(?:==\d+==)?\s*ERROR: (.*)$/m.exec(text)?.[1];
  return said ?? seen ?? text.slice(-1000);
}
