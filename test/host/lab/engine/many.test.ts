// A network of a hundred hosts is a matter of a second or so; how long it took is printed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openCore } from "../../../../bindings/core/index.ts";
import { runScenario } from "../../../../bindings/lab/index.ts";
import { manyHosts } from "../networks.ts";

test("a hundred hosts ping in a circle, and every ping is answered", async () => {
  const core = await openCore({ memoryBytes: 128 << 20 });
  const free = core.freeBytes;
  const begun = performance.now();
  const trace = runScenario(core, manyHosts(100, 1));
  const tookMs = Math.round(performance.now() - begun);
  console.log(`${trace.packets.length} packets, ${trace.hops.length} hops: ${tookMs} ms`);
  assert.equal(trace.outputs.length, 100);
  for (const { text } of trace.outputs) assert.match(text, /1 packets received, 0% packet loss/);
  assert.equal(core.freeBytes, free);
});
