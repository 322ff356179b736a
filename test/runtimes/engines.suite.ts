// The tarball under every engine that has a command line.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { need } from "../need.ts";
import { expected, expectedCarry } from "./expected.ts";
import { DENO, ENGINES, openProject, run } from "./project.ts";

const MAIN = `
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { exercise } from "./exercise.js";

const bytes = await readFile(fileURLToPath(import.meta.resolve("heddle/core.wasm")));
const binary = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
console.log(JSON.stringify(await exercise(binary)));
`;

describe("from the tarball", { concurrency: 2 }, () => {
  for (const [name, engine] of Object.entries(ENGINES)) {
    test(`${name} loads, encapsulates and decapsulates`, need("runtimes"), async () => {
      const { folder, copy, write } = await openProject();
      copy("exercise.js");
      const main = write("main.js", MAIN);
      assert.deepEqual(JSON.parse(await run(engine, [main], folder)), expected(true));
    });

    test(`${name} has heddle/node, and its demo runs in memory`, need("runtimes"), async () => {
      const { folder, fileOf } = await openProject();
      const args = [fileOf("dist/bindings/node/cli.js"), "demo", "--mode", "memory", "--json"];
      const report = JSON.parse(await run(engine, args, folder));
      assert.equal(report.mode, "memory");
      assert.deepEqual(
        report.pings.map(({ sent, received }: Record<string, number>) => [sent, received]),
        [
          [20, 20],
          [20, 20],
        ],
      );
    });
  }

  for (const name of ["Deno", "Bun"] as const) {
    test(`${name} carries bursts in a worker`, need("runtimes"), async () => {
      const { folder, copy, write } = await openProject();
      copy("carry.js");
      const script = 'console.log(JSON.stringify(await (await import("./carry.js")).carry()));';
      const found = await run(ENGINES[name], [write("worker.js", script)], folder);
      assert.deepEqual(JSON.parse(found), expectedCarry);
    });
  }

  test("the engines are those that they say they are", need("runtimes"), async () => {
    const { folder } = await openProject();
    const versions = Object.values(ENGINES).map(([program]) =>
      run([program], ["--version"], folder),
    );
    const [node20, node22, node24, deno, bun] = await Promise.all(versions);
    assert.match(node22 ?? "", /^v22\./);
    assert.match(node24 ?? "", /^v24\./);
    assert.match(deno ?? "", /^deno 2\./);
    assert.match(bun ?? "", /^1\./);
    assert.match(node20 ?? "", /^v2\d\./);
  });

  test("Deno needs no right to read where the binary is imported", need("runtimes"), async () => {
    const { folder, copy, write } = await openProject();
    copy("exercise.js");
    const main = write(
      "closed.js",
      `import source wasm from "heddle/core.wasm";
      import { openCore } from "heddle";
      import { tunnel } from "./exercise.js";
      console.log(JSON.stringify(tunnel(await openCore({ wasm, memoryBytes: 8 << 20 }))));`,
    );
    const found = JSON.parse(await run([DENO, "run", "--no-prompt"], [main], folder));
    assert.deepEqual(found, expected(false).cores.simd);
  });
});

describe("heddle/node from the tarball", () => {
  // Bun 1.4 ends at koffi's call of uv_poll_init_socket.
  for (const name of ["Node 22", "Node 24", "Deno"] as const) {
    const rights = need("runtimes", "root", "tun", "ip");
    test(`${name} moves packets between devices and sockets`, rights, async () => {
      const { folder, fileOf } = await openProject();
      const demo = ["demo", "--mode", "netns", "--json"];
      const brief = ["--seconds", "1", "--pings", "5", "--rounds", "0"];
      const args = [fileOf("dist/bindings/node/cli.js"), ...demo, ...brief];
      const { mode, pings, failures } = JSON.parse(await run(ENGINES[name], args, folder));
      assert.equal(mode, "netns");
      assert.deepEqual(failures, []);
      assert.deepEqual(
        pings.map(({ received }: Record<string, number>) => received),
        [5, 5],
      );
    });
  }
});
