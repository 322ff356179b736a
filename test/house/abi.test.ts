// ABI.md, layout.ts, abi.ts and the binaries say the same, in both directions.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as layout from "../../bindings/core/layout.ts";
import { type PageField, readPage } from "./page.ts";
import { ROOT, textOf } from "./tree.ts";

const BINARIES = ["core.wasm", "core.plain.wasm", "core.debug.wasm"];
const TYPE = /^([uif])(\d+)(?:\[(\d+)\])?$/;

type Layout = ReadonlyMap<string, readonly (readonly [string, number])[]>;

const page = readPage();

function exportsOf(name: string): WebAssembly.Exports {
  const bytes = new Uint8Array(readFileSync(new URL(`bindings/core/${name}`, ROOT)));
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), {}).exports;
}

function globalsOf(exports: WebAssembly.Exports): Map<string, number> {
  const globals = Object.entries(exports).filter(
    ([, global]) => global instanceof WebAssembly.Global,
  );
  return new Map(globals.map(([name, global]) => [name, (global as WebAssembly.Global).value]));
}

function functionsOf(exports: WebAssembly.Exports): string[] {
  return Object.entries(exports).flatMap(([name, value]) =>
    typeof value === "function" ? `${name}/${value.length}` : [],
  );
}

/** What ABI.md says the globals are. */
function globalsOfPage(): Map<string, number> {
  const places = page.layouts.flatMap(({ name, len, fields }): [string, number][] => [
    ...fields.map((field): [string, number] => [`${name}.${field.name}`, field.at]),
    [`${name}.End`, len],
  ]);
  const values = page.enums.flatMap(({ name, members }) =>
    [...members].map(([member, value]): [string, number] => [`${name}.${member}`, value]),
  );
  return new Map([...places, ...values]);
}

function sorted(names: Iterable<[string, number]>): [string, number][] {
  return [...names].sort(([a], [b]) => (a < b ? -1 : 1));
}

test("ABI.md was understood", () => {
  assert.ok(page.functions.length > 40);
  assert.ok(page.layouts.length >= 13);
  assert.ok(page.enums.some(({ name }) => name === "Status"));
});

test("Status numbers follow one another in each of their ranges", () => {
  const status = page.enums.find(({ name }) => name === "Status");
  const numbers = [...(status?.members.values() ?? [])];
  const jumps = numbers.filter((value, at) => at > 0 && value !== Number(numbers[at - 1]) - 1);
  assert.deepEqual(jumps, [-32, -128]);
});

test("core.debug.wasm has the layouts and constants of ABI.md", () => {
  const { abi_layout, ...globals } = Object.fromEntries(globalsOf(exportsOf("core.debug.wasm")));
  assert.equal(abi_layout, layout.ABI_LAYOUT);
  assert.deepEqual(sorted(Object.entries(globals)), sorted(globalsOfPage()));
});

for (const binary of BINARIES) {
  test(`${binary} says which layouts and constants it has`, () => {
    assert.equal(globalsOf(exportsOf(binary)).get("abi_layout"), layout.ABI_LAYOUT);
  });

  test(`${binary} has the functions of ABI.md`, () => {
    const named = page.functions.map(({ name, parameters }) => `${name}/${parameters.length}`);
    assert.deepEqual(functionsOf(exportsOf(binary)).sort(), named.sort());
  });

  test(`${binary} has the functions of exports.txt, in this order`, () => {
    const listed = textOf("test/house/exports.txt").trimEnd().split("\n");
    assert.deepEqual(functionsOf(exportsOf(binary)), listed);
  });
}

for (const binary of BINARIES.filter((name) => name !== "core.debug.wasm")) {
  test(`${binary} has no other global`, () => {
    assert.deepEqual([...globalsOf(exportsOf(binary)).keys()], ["abi_layout"]);
  });
}

test("abi_layout follows every name and every value", async () => {
  const { layoutHash }: { layoutHash(layout: Layout): number } = await import(
    new URL("layout.mjs", ROOT).href
  );
  const members = (name: string, value: number): Layout => new Map([["PortAt", [[name, value]]]]);
  const hashes = [members("Mtu", 20), members("Mtv", 20), members("Mtu", 24)].map(layoutHash);
  assert.equal(new Set(hashes).size, hashes.length);
  assert.equal(layoutHash(members("Mtu", 20)), hashes[0]);
});

test("layout.ts has the layouts and constants of the page", () => {
  const { ABI_LAYOUT: _, ...enums } = layout;
  const groups = Object.entries<Record<string, number>>(enums);
  const members = groups.flatMap(([group, values]) =>
    Object.entries(values).map(([member, value]): [string, number] => [
      `${group}.${member}`,
      value,
    ]),
  );
  assert.deepEqual(sorted(members), sorted(globalsOfPage()));
});

test("abi.ts has the functions of the binary", () => {
  const lines = textOf("bindings/core/abi.ts").matchAll(/^ {2}readonly (\w+): /gm);
  const others = ["memory", "abi_layout"];
  const named = [...lines].map(([, name = ""]) => name).filter((name) => !others.includes(name));
  const functions = functionsOf(exportsOf("core.wasm")).map((name) => name.split("/")[0]);
  assert.deepEqual(named.sort(), functions.sort());
});

test("no layout has fields that overlap, reach past its end, or lie unaligned", () => {
  for (const { name, len, fields } of page.layouts) {
    let end = 0;
    for (const field of fields) {
      const { unit, bytes } = sizeOf(field);
      assert.ok(field.at >= end, `${name}.${field.name} overlaps`);
      assert.equal(field.at % unit, 0, `${name}.${field.name} lies unaligned`);
      end = field.at + bytes;
    }
    assert.ok(end <= len, `${name} is longer than ${len}`);
  }
});

function sizeOf({ name, type }: PageField): { unit: number; bytes: number } {
  const [, , bits, count = "1"] = TYPE.exec(type) ?? [];
  assert.ok(bits !== undefined, `${name} has the type ${type}`);
  return { unit: Number(bits) / 8, bytes: (Number(bits) / 8) * Number(count) };
}
