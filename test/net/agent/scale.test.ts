// A thousand leases at once, as at the start of a node in a network that is large already.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { vxlan, vxlanLease } from "../../host/agent/leases.ts";
import { need } from "../../need.ts";
import * as at from "./site.ts";

const COUNT = Number(process.env.HEDDLE_LEASES ?? 1000);

const NETWORK = { ...vxlan(), network: "10.0.0.0/8" };
const LEASES = Array.from({ length: COUNT }, (_, index) => {
  const [high, low] = [index >> 8, index & 0xff];
  const mac = `02:00:00:01:${hex(high)}:${hex(low)}`;
  return vxlanLease(`10.${100 + high}.${low}.0/24`, `192.168.${high}.${low}`, mac);
});

const needs = need("root", "ip");
let site: at.Site;

before(async () => {
  if (needs.skip) return;
  site = await at.openSite("scale");
  await site.start({ config: NETWORK, wish: at.WISH });
});
after(() => site?.close());

test(`${COUNT} leases are programmed`, needs, async (t) => {
  const beganMs = performance.now();
  await site.call("update", LEASES);
  const tookMs = Math.round(performance.now() - beganMs);
  const residentMib = Math.round((await site.call<number>("resident")) / 2 ** 20);
  t.diagnostic(`${COUNT} leases: ${tookMs} ms, ${residentMib} MiB resident`);
  const routes = await site.show("route", "show", "dev", at.DEV);
  const neighbors = await site.show("neighbor", "show", "dev", at.DEV, "nud", "permanent");
  assert.deepEqual([routes.length, neighbors.length], [COUNT, COUNT]);
  assert.equal((await site.fdb()).length, COUNT);
});

test("a restart that finds them all changes nothing", needs, async (t) => {
  await site.call("stop");
  await site.call("mends");
  await site.start({ config: NETWORK, wish: at.WISH, lookMs: 100 });
  const beganMs = performance.now();
  await site.call("update", LEASES);
  t.diagnostic(`adopted: ${Math.round(performance.now() - beganMs)} ms`);
  const [first] = await site.call<unknown[]>("mends");
  assert.deepEqual(first, { restored: 0, removed: 0, failures: [] });
});

test("all of them go at once", needs, async (t) => {
  const beganMs = performance.now();
  await site.call("update", []);
  t.diagnostic(`removed: ${Math.round(performance.now() - beganMs)} ms`);
  assert.deepEqual(await site.show("route", "show", "dev", at.DEV), []);
  assert.deepEqual(await site.fdb(), []);
});

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
