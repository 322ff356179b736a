// What somebody does in a network while it runs.
import { encode } from "../../core/index.ts";
import { MILLISECOND } from "../clock.ts";
import { start } from "../programs/index.ts";
import type { Action, CommandAction, FrameAction } from "../scenario.ts";
import { Refusal } from "../words/refusal.ts";
import { receive } from "./input.ts";
import type { Lab } from "./lab.ts";
import { runCommand } from "./operator.ts";
import { sendFrame } from "./output.ts";

const BITS = 8;

/** Plans an action: at its time, or once all before it has come to rest. */
export function perform(lab: Lab, action: Action): void {
  const { clock } = lab;
  if (action.atMs === undefined) clock.run();
  const atNs = action.atMs === undefined ? clock.nowNs : action.atMs * MILLISECOND;
  clock.after(Math.max(0, atNs - clock.nowNs), () => act(lab, action));
}

function act(lab: Lab, action: Action): void {
  const namespace = lab.namespace(action.in);
  switch (action.do) {
    case "wait":
      lab.clock.after(action.forMs * MILLISECOND, () => {});
      return;
    case "command":
      command(lab, action);
      return;
    case "frame":
      sendRaw(lab, action);
      return;
    default: {
      if (namespace.programs === null) throw new Error(`nobody lives in ${namespace.name}`);
      start(namespace.programs, action);
    }
  }
}

function command(lab: Lab, { in: name, command: line, refusedWith }: CommandAction): void {
  const namespace = lab.namespace(name);
  const { text, exitCode } = answerTo(() => runCommand(namespace, line));
  const timeNs = lab.clock.nowNs;
  lab.recorder.outputs.push({ timeNs, namespace: name, command: line, text, exitCode });
  const isAsExpected = refusedWith === undefined ? exitCode === 0 : text.includes(refusedWith);
  const expected = refusedWith === undefined ? "is accepted" : `is refused: ${refusedWith}`;
  if (refusedWith === undefined && isAsExpected) return;
  const found = text === "" ? "accepted" : text;
  const fact = { name: `"${line}" ${expected}`, isHeld: isAsExpected, found, at: null };
  lab.recorder.facts.push(fact);
}

function answerTo(act: () => string): { readonly text: string; readonly exitCode: number } {
  try {
    return { text: act(), exitCode: 0 };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { text: `${error.message}\n`, exitCode: error.exitCode };
  }
}

function sendRaw(lab: Lab, { in: name, device: at, frame, flips = [], from }: FrameAction): void {
  const device = lab.namespace(name).deviceOr(at);
  const bytes = encode(frame);
  for (const bit of flips) {
    bytes[Math.floor(bit / BITS)] = (bytes[Math.floor(bit / BITS)] ?? 0) ^ (0x80 >> (bit % BITS));
  }
  if (from === "wire") {
    receive(device, lab.recorder.depart(bytes, "ethernet", { line: "main", because: null }));
  } else sendFrame(device, bytes);
}
