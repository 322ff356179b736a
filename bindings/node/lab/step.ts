// `heddle lab SCENARIO --step`: hop by hop, forward and back, by keys and Enter. Where nobody can
// type, all steps are printed.
import { createInterface, type Interface } from "node:readline/promises";
import type { Core } from "../../core/index.ts";
import { hopText, packetHead } from "../../lab/render/index.ts";
import type { Hop, Trace } from "../../lab/trace/trace.ts";
import type { Lang } from "../../lab/why/index.ts";
import { bytesText } from "./bytes.ts";

/** Where steps are shown, and asked for. */
export interface Steps {
  readonly core: Core;
  readonly trace: Trace;
  readonly lang: Lang;
}

const PROMPT = "Enter next, b back, q quit: ";

export function stepsText(steps: Steps): string {
  return steps.trace.hops.map((_, at) => stepText(steps, at)).join("\n");
}

/** Walks until the last hop is left, or somebody quits. */
export async function walk(
  steps: Steps,
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
): Promise<void> {
  const lines = createInterface({ input, output });
  const { length } = steps.trace.hops;
  try {
    for (let at = 0; at < length; ) {
      output.write(`\n${stepText(steps, at)}\n[${at + 1} of ${length}] `);
      const key = await ask(lines);
      if (key === "q") return;
      if (key === "b") at = Math.max(0, at - 1);
      else if (key === "" || key === "n") at += 1;
      else output.write("n or Enter, b, or q\n");
    }
  } finally {
    lines.close();
  }
}

/** An input that ends, or Ctrl-C, quits. */
async function ask(lines: Interface): Promise<string> {
  const ended = new AbortController();
  const stop = (): void => ended.abort();
  lines.once("close", stop);
  lines.once("SIGINT", stop);
  try {
    return (await lines.question(PROMPT, { signal: ended.signal })).trim().toLowerCase();
  } catch {
    return "q";
  } finally {
    lines.off("close", stop);
    lines.off("SIGINT", stop);
  }
}

function stepText({ core, trace, lang }: Steps, at: number): string {
  const hop = trace.hops[at];
  const packet = trace.packets[hop?.packet ?? -1];
  if (hop === undefined || packet === undefined) return "";
  const asides = hop.side.map((index) => {
    const side = trace.packets[index];
    return side === undefined ? "" : `      + ${packetHead(trace, side)}`;
  });
  const words = hopText(core, trace, hop, lang);
  return `${packetHead(trace, packet)}${words}${asides.join("")}${hexText(trace, hop)}`;
}

/** As they left, or as they came where nothing left. */
function hexText(trace: Trace, hop: Hop): string {
  const span = hop.out[0] ?? hop.in;
  if (span === null) return "";
  return bytesText(trace.bytes.subarray(span.offset, span.offset + span.len));
}
