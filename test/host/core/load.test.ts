import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import {
  ABI_LAYOUT,
  compileCore,
  HeddleError,
  hasSimd,
  openCore,
  Status,
} from "../../../bindings/core/index.ts";
import { coreOf } from "../../../bindings/core/instance.ts";

const fileOf = (name: string): URL => new URL(`../../../bindings/core/${name}`, import.meta.url);
const small = { memoryBytes: 1 << 20 };

const functionsOf = (exports: object): string[] =>
  Object.entries(exports).flatMap(([name, value]) => (typeof value === "function" ? [name] : []));

const isError = (code: string) => (error: unknown) =>
  error instanceof HeddleError && error.code === code;

describe("openCore", () => {
  it("takes each of its three builds, which have the same functions", async () => {
    const cores = await Promise.all([
      openCore(small),
      openCore({ ...small, simd: false }),
      openCore({ ...small, debug: true }),
    ]);
    const names = cores.map(({ exports }) => functionsOf(exports));
    assert.deepEqual(names[1], names[0]);
    assert.deepEqual(names[2], names[0]);
    assert.ok(hasSimd(), "Node has SIMD");
  });

  it("takes a URL, a Response, bytes and a module", async () => {
    const bytes = new Uint8Array(readFileSync(fileOf("core.wasm")));
    const headers = { "content-type": "application/wasm" };
    const sources = [
      fileOf("core.wasm"),
      new Response(bytes, { headers }),
      new Response(bytes),
      bytes,
      new WebAssembly.Module(bytes),
    ];
    for (const wasm of sources) {
      const core = await openCore({ ...small, wasm });
      assert.equal(core.exports.abi_version(), 1);
    }
  });

  it("asks for no Response, which costs Node its HTTP client, unless it may be one", async () => {
    const bytes = new Uint8Array(readFileSync(fileOf("core.wasm")));
    const before = Object.getOwnPropertyDescriptor(globalThis, "Response");
    let asked = 0;
    const get = (): void => {
      asked += 1;
    };
    Object.defineProperty(globalThis, "Response", { get, configurable: true });
    try {
      for (const wasm of [fileOf("core.wasm"), bytes]) await openCore({ ...small, wasm });
      assert.equal(asked, 0);
      await assert.rejects(openCore({ wasm: {} as Response }), isError("BadCore"));
      assert.ok(asked > 0);
    } finally {
      Object.defineProperty(globalThis, "Response", before as PropertyDescriptor);
    }
  });

  it("refuses a binary that is not this core", async () => {
    const empty = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
    await assert.rejects(openCore({ wasm: empty }), isError("BadCore"));
    const missing = new Response(null, { status: 404 });
    await assert.rejects(openCore({ wasm: missing }), isError("BadCore"));
    const path = "core.wasm" as unknown as URL;
    await assert.rejects(openCore({ wasm: path }), /BadCore: "core.wasm"; expected wasm: a URL/);
  });

  it("refuses a page that a server gave in place of a binary, whatever its status", async () => {
    const headers = { "content-type": "text/html" };
    const page = new Response("<!doctype html>", { headers });
    await assert.rejects(openCore({ wasm: page }), /expected a WebAssembly binary/);
    const text = new TextEncoder().encode("<!doctype html>");
    await assert.rejects(openCore({ wasm: text }), /BadCore: "15 bytes"/);
  });

  it("takes a module that was compiled once as often as one likes", async () => {
    const wasm = await compileCore();
    const [a, b] = await Promise.all([
      openCore({ ...small, wasm }),
      openCore({ ...small, wasm: await compileCore({ wasm }) }),
    ]);
    assert.equal(a.module, wasm);
    assert.equal(b.module, wasm);
    assert.notEqual(a.memory, b.memory);
    const shifted = new Uint8Array([0, ...readFileSync(fileOf("core.wasm"))]).subarray(1);
    assert.ok((await compileCore({ wasm: shifted })) instanceof WebAssembly.Module);
  });

  it("refuses a core whose layouts are others, and one that does not say which", async () => {
    const { module, exports } = await openCore(small);
    for (const value of [ABI_LAYOUT + 1, undefined]) {
      const instance = { exports: { ...exports, abi_layout: value && { value } } };
      assert.throws(
        () => coreOf(module, instance as unknown as WebAssembly.Instance),
        (error) => isError("BadCore")(error) && String(error).includes(`abi_layout ${value}`),
      );
    }
  });

  it("claims its memory once, and views of it never detach", async () => {
    const core = await openCore(small);
    const before = core.memory.buffer;
    core.openNode({ seed: 1n, slots: 16 });
    assert.equal(core.memory.buffer, before);
    assert.equal(core.exports.memory_claim(65536), Status.Busy);
    await assert.rejects(openCore({ memoryBytes: 0 }), isError("BadCapacity"));
    await assert.rejects(openCore({ memoryBytes: 2 ** 31 }), isError("BadCapacity"));
  });
});

describe("nodes", () => {
  it("take what nodeSize says, until nothing is left", async () => {
    const core = await openCore({ memoryBytes: 8 << 20 });
    const size = core.nodeSize({ slots: 64 });
    const free = core.freeBytes;
    core.openNode({ seed: 1n, slots: 64 });
    assert.equal(core.freeBytes, free - size);
    assert.throws(() => core.openNode({ seed: 2n, slots: 1 << 16 }), isError("NoMemory"));
    assert.equal(core.freeBytes, free - size, "a refused node takes nothing");
  });

  it("refuse impossible capacities and seeds", async () => {
    const core = await openCore(small);
    const bad = [
      { ports: -1 },
      { ports: 65536 },
      { fdb: 1.5 },
      { slotStride: 100 },
      { slots: NaN },
    ];
    for (const caps of bad) {
      assert.throws(() => core.openNode({ seed: 1n, ...caps }), isError("BadCapacity"));
    }
    const nested = { seed: 1n, caps: { fdb: 1 } };
    assert.throws(() => core.openNode(nested), /"caps"; expected capacities: one of routes, /);
    assert.throws(() => core.nodeSize({ slot: 1 } as object), isError("BadValue"));
    assert.throws(() => core.openNode({ seed: -1n }), isError("BadValue"));
    assert.throws(() => core.openNode({ seed: 2n ** 64n }), isError("BadValue"));
  });

  it("know nothing of each other, and a reset empties one of them", async () => {
    const core = await openCore({ memoryBytes: 16 << 20 });
    const [a, b] = [core.openNode({ seed: 1n }), core.openNode({ seed: 2n })];
    for (const node of [a, b]) node.domains.set({ index: 0, vni: 7 });
    a.reset();
    assert.equal(a.domains.get(0), undefined);
    assert.equal(b.domains.get(0)?.vni, 7);
    assert.equal(a.info().domains, 0);
    assert.equal(b.info().domains, 1);
  });

  it("fill returned slots with 0xdd in the debug build only", async () => {
    for (const debug of [true, false]) {
      const core = await openCore({ memoryBytes: 4 << 20, debug });
      const node = core.openNode({ seed: 1n, slots: 4 });
      node.poisonSlots(1, 2);
      const firsts = [0, 1, 2, 3].map((at) => node.bytes[node.slot(at)]);
      assert.deepEqual(firsts, debug ? [0, 0xdd, 0xdd, 0] : [0, 0, 0, 0]);
      assert.throws(() => node.poisonSlots(3, 2), isError("BadArgument"));
    }
  });
});
