// The package as somebody else has it: packed, and installed into a project of its own, once for
// all tests of this process. Nothing here reads what was built but `npm pack`.
import { execFile } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** The checkout; compiled tests run from dist/test/runtimes. */
export const ROOT: string = fileURLToPath(new URL("../../../", import.meta.url));

const MODULES = `${ROOT}test/runtimes/node_modules`;
const RUN_MS_MAX = 120_000;
const OUTPUT_LEN_MAX = 1 << 24;

/** A program and the arguments that come first. */
export type Command = readonly [string, ...string[]];

export type EngineName = "Node 20" | "Node 22" | "Node 24" | "Deno" | "Bun";

/** The engines, each as it runs a file. */
export const ENGINES: Readonly<Record<EngineName, Command>> = {
  "Node 20": [process.execPath],
  "Node 22": [`${MODULES}/node-22/bin/node`],
  "Node 24": [`${MODULES}/node-24/bin/node`],
  Deno: [`${MODULES}/@deno/linux-x64-glibc/deno`, "run", "--no-prompt", "--allow-all"],
  Bun: [`${MODULES}/@oven/bun-linux-x64/bin/bun`],
};

export const DENO: string = ENGINES.Deno[0];
export const BUN: string = ENGINES.Bun[0];

/** A file of a package of test/runtimes. */
export function toolOf(file: string): string {
  return `${MODULES}/${file}`;
}

const execute = promisify(execFile);

/** Runs a program to its end. Returns its standard output; rejects with all that it said. */
export async function run(
  [program, ...first]: Command,
  args: string[],
  cwd: string,
): Promise<string> {
  // With it, a `node --test` below this one would be silent.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const limits = { timeout: RUN_MS_MAX, killSignal: "SIGKILL", maxBuffer: OUTPUT_LEN_MAX } as const;
  const more = { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" };
  try {
    const options = { cwd, env: { ...env, ...more }, ...limits };
    return (await execute(program, [...first, ...args], options)).stdout;
  } catch (error) {
    const { message, stdout, killed } = error as Error & { stdout?: string; killed?: boolean };
    throw new Error(`${killed ? "killed: it took too long\n" : ""}${message}\n${stdout ?? ""}`);
  }
}

/** A folder that is removed when the process ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "heddle-runtimes-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

/** A folder that has `heddle` in its node_modules. */
export interface Project {
  readonly folder: string;
  readonly tarball: string;
  /** The path of a file of the installed package. */
  fileOf(name: string): string;
  /** Puts a file of the project where it belongs. Returns its path. */
  write(name: string, text: string): string;
  /** Copies a compiled file that lies beside this one. */
  copy(name: string): string;
}

let opened: Promise<Project> | undefined;

/** The one project of this process. It is removed when the process ends. */
export function openProject(): Promise<Project> {
  opened ??= installProject();
  return opened;
}

async function installProject(): Promise<Project> {
  const folder = temporaryFolder();
  await run(["npm"], ["pack", "--ignore-scripts", "--pack-destination", folder], ROOT);
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"));
  if (tarball === undefined) throw new Error(`npm pack left no tarball in ${folder}`);
  const project = { name: "guest", private: true, type: "module" };
  writeFileSync(join(folder, "package.json"), JSON.stringify(project));
  const { devDependencies } = JSON.parse(readFileSync(`${ROOT}package.json`, "utf8"));
  const peer = `fast-check@${devDependencies["fast-check"]}`; // of heddle/arbitraries
  const quiet = ["--prefer-offline", "--no-audit", "--no-fund", "--no-package-lock"];
  await run(["npm"], ["install", ...quiet, `./${tarball}`, peer], folder);
  return {
    folder,
    tarball: join(folder, tarball),
    fileOf: (name) => join(folder, "node_modules/heddle", name),
    write: (name, text) => {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    },
    copy: (name) => {
      copyFileSync(new URL(name, import.meta.url), join(folder, name));
      return join(folder, name);
    },
  };
}
