// The rules of a bridge, walked by the core's. test/net/bridge.test.ts has the kernel walk them.
import assert from "node:assert/strict";
import { openCore } from "../../../bindings/core/index.ts";
import { hexOf } from "../../model/packet.ts";
import { PORTS, RULES, type Step } from "./bridge-rules.ts";
import { type BridgeRow, inBothModes, type Mode } from "./rows.ts";

const FLAGS = { linux: ["learn", "flood", "linuxMode"], rfc: ["learn", "flood"] } as const;
const AGE_S = 10;
const DROPPED_ROW = "a sticky entry is not moved by learning";

async function walk(mode: Mode, steps: readonly Step[]): Promise<void> {
  const core = await openCore({ memoryBytes: 1 << 20 });
  const node = core.openNode({ seed: 1n, slots: 8, fdb: 16, routes: 1, neighbors: 1 });
  node.domains.set({ index: 0, vni: null, ageS: AGE_S });
  for (const index of PORTS) {
    node.ports.set({ index, kind: "ethernet", domain: 0, flags: FLAGS[mode] });
  }
  node.flood.set(PORTS.map((port) => ({ domain: 0, port, remote: null })));
  const burst = node.openBurst({ capacity: 1, outCapacity: 4, spareBytes: 0 });
  let nowMs = 0;
  let sentMs = 0;
  for (const step of steps) {
    if ("aged" in step) {
      nowMs = sentMs + step.aged * AGE_S * 1000;
    } else if ("mac" in step) {
      const { mac, port, isSticky } = step;
      const kinds = isSticky ? (["static", "sticky"] as const) : (["static"] as const);
      node.fdb.set([{ domain: 0, mac, port, remote: null, flags: kinds }], nowMs);
    } else {
      sentMs = nowMs;
      burst.clear();
      burst.push({ bytes: step.frame, port: step.from });
      const count = burst.run("bridge_burst", nowMs, 0);
      const outs = Array.from({ length: count }, (_, at) => burst.outAt(at).port);
      assert.deepEqual(outs, step.to, `${hexOf(step.frame)} from ${step.from}`);
      outs.forEach((_, at) => {
        assert.equal(hexOf(burst.outBytes(at)), hexOf(step.frame));
      });
    }
  }
}

// Linux forwards a frame whose source a fixed entry places elsewhere; without linuxMode it is
// dropped as a spoofed one.
function stepsFor(row: BridgeRow, mode: Mode): readonly Step[] {
  if (row !== DROPPED_ROW || mode === "linux") return RULES[row];
  return RULES[row].map((step) => ("to" in step && step.from === 2 ? { ...step, to: [] } : step));
}

const tests = Object.fromEntries(
  (Object.keys(RULES) as BridgeRow[]).map((row) => {
    return [row, (mode: Mode) => walk(mode, stepsFor(row, mode))];
  }),
) as Record<BridgeRow, (mode: Mode) => Promise<void>>;

inBothModes("bridge", tests);
