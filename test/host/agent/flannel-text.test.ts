// What flannel itself makes of configs, keys, values and VXLAN data: the same texts, the same
// answers. Where the two are meant to differ is in the other files.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import {
  parseLeaseAttrs,
  parseNetworkConfig,
  parseSubnetKey,
  parseVxlanData,
  printLeaseAttrs,
} from "../../../bindings/agent/index.ts";
import { HeddleError, LeaseRules, openCore } from "../../../bindings/core/index.ts";

interface Told {
  readonly kind: "config" | "key" | "value" | "vxlan";
  readonly text: string;
  /** In our words; null where it refuses. */
  readonly answer: unknown;
}

const rules = new LeaseRules(await openCore({ memoryBytes: 1 << 16 }));

const ANSWERS: Readonly<Record<Told["kind"], (text: string) => unknown>> = {
  config: (text) => parseNetworkConfig(text, rules),
  key: parseSubnetKey,
  value: (text) => printLeaseAttrs(parseLeaseAttrs(text)),
  vxlan: (text) => parseVxlanData(dataOf(text)),
};

function dataOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // no lease has it
  }
}

function answer({ kind, text }: Told): unknown {
  try {
    return ANSWERS[kind](text);
  } catch (error) {
    if (error instanceof HeddleError) return null;
    throw error;
  }
}

const file = new URL("../../../../test/vectors/flannel-text.jsonl", import.meta.url);
const told = readFileSync(file, "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as Told);

describe("what flannel makes of a text", () => {
  for (const kind of Object.keys(ANSWERS) as Told["kind"][]) {
    const texts = told.filter((one) => one.kind === kind);
    const [taken, refused] = [true, false].map((isTaken) =>
      texts.filter((one) => (one.answer !== null) === isTaken),
    );

    it(`is what heddle makes of it: ${kind}`, () => {
      assert.ok((taken?.length ?? 0) > 10);
      for (const one of taken ?? []) assert.deepEqual(answer(one), one.answer, one.text);
    });

    it(`is nothing where it is nothing to heddle: ${kind}`, () => {
      assert.ok((refused?.length ?? 0) > 10);
      for (const one of refused ?? []) assert.equal(answer(one), null, one.text);
    });
  }
});
