// What the binaries may not do: import, start by themselves, grow, or get fat.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Abi } from "../../bindings/core/index.ts";
import { ROOT } from "./tree.ts";
import { anatomyOf } from "./wasm.ts";

const KIB = 1024;
// 33 KiB hold tunnels, bridge and router, 7 address translation, with its rules and flows; the rest
// is for offloads and for loops of their own where packets are many.
const BUDGET: Readonly<Record<string, number>> = {
  "core.wasm": 48 * KIB,
  "core.plain.wasm": 48 * KIB,
};
const ANYTHING = [0, -1, 64, 0x10000, 0x7fffffff, -0x80000000, Number.NaN];

function bytesOf(name: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(new URL(`bindings/core/${name}`, ROOT)));
}

function functionsOf(exports: WebAssembly.Exports): [string, (...args: number[]) => number][] {
  return Object.entries(exports).filter(
    (entry): entry is [string, (...args: number[]) => number] => typeof entry[1] === "function",
  );
}

for (const [name, budget] of Object.entries(BUDGET)) {
  const bytes = bytesOf(name);
  const module = new WebAssembly.Module(bytes);

  test(`${name} imports nothing`, () => {
    assert.deepEqual(WebAssembly.Module.imports(module), []);
  });

  test(`${name} has no start section`, () => {
    assert.equal(anatomyOf(bytes).hasStart, false);
  });

  test(`${name} grows its memory in one place, inside memory_claim`, () => {
    const { exported, grows } = anatomyOf(bytes);
    const where = grows.flatMap((count, index) => Array.from({ length: count }, () => index));
    assert.deepEqual(where, [exported.get("memory_claim")]);
  });

  test(`${name} is at most ${budget} bytes`, () => {
    assert.ok(bytes.length <= budget, `${bytes.length} bytes`);
  });

  test(`${name} neither grows nor traps in any other function, whatever it is given`, () => {
    const { exports } = new WebAssembly.Instance(module, {});
    const { memory, memory_claim } = exports as unknown as Abi;
    const before = memory.buffer.byteLength;
    const calls = functionsOf(exports).filter(([call]) => call !== "memory_claim");
    for (const [, call] of calls) callWithAnything(call);
    assert.equal(memory.buffer.byteLength, before);
    assert.ok(memory_claim(1 << 20) > 0);
    const claimed = memory.buffer.byteLength;
    for (const [, call] of calls) callWithAnything(call);
    assert.equal(memory.buffer.byteLength, claimed);
    assert.ok(memory_claim(1 << 20) < 0);
    assert.equal(memory.buffer.byteLength, claimed);
  });
}

function callWithAnything(call: (...args: number[]) => number): void {
  for (const first of ANYTHING) {
    for (const other of ANYTHING) {
      call(first, ...Array.from({ length: call.length }, () => other));
    }
  }
}
