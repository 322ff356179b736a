// The rules of a bridge, asked of this machine's kernel: the same steps that the core's bridge
// walks in test/host/conformance/bridge.test.ts.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { PORTS, RULES, type Step } from "../host/conformance/bridge-rules.ts";
import { hexOf } from "../model/packet.ts";
import { need } from "../need.ts";
import { type Namespace, openNamespace } from "./namespace.ts";

const MODULE = new URL("./bridge.inside.js", import.meta.url);
/** Of it a fifth is left for a frame that is to come before a station is forgotten. */
const AGE_MS = 10_000;
const rights = need("root", "tun", "ip");
const nameOf = (port: number): string => `port${port}`;

let ns: Namespace;

before(async () => {
  if (rights.skip !== false) return;
  ns = await openNamespace("bridge");
  await ns.sysctl("net.ipv6.conf.default.disable_ipv6", 1);
  await ns.call(MODULE, "open", ...PORTS.map(nameOf));
});
after(() => ns?.close());

async function openBridge(): Promise<void> {
  const ageing = ["ageing_time", `${AGE_MS / 10}`]; // in hundredths of a second
  const quiet = ["forward_delay", "0", "stp_state", "0", "mcast_snooping", "0"];
  await ns.ip("link", "add", "name", "br0", "type", "bridge", ...ageing, ...quiet);
  for (const port of PORTS) await ns.ip("link", "set", nameOf(port), "up", "master", "br0");
  await ns.ip("link", "set", "br0", "up");
}

async function walk(steps: readonly Step[]): Promise<void> {
  let sent = Date.now();
  for (const step of steps) {
    if ("aged" in step) {
      await sleep(Math.max(0, sent + step.aged * AGE_MS - Date.now()));
    } else if ("mac" in step) {
      const kinds = step.isSticky ? ["static", "sticky"] : ["static"];
      const where = [step.mac, "dev", nameOf(step.port), "master", ...kinds];
      await ns.run("bridge", "fdb", "replace", ...where);
    } else {
      sent = Date.now();
      const to = await ns.call<number[]>(MODULE, "deliver", step.from, step.frame);
      assert.deepEqual(to, step.to, `${hexOf(step.frame)} from ${step.from}`);
    }
  }
}

for (const [rule, steps] of Object.entries(RULES)) {
  test(`Linux's bridge: ${rule}`, rights, async () => {
    await openBridge();
    try {
      await walk(steps);
    } finally {
      await ns.ip("link", "delete", "br0");
    }
  });
}
