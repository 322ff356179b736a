// etcd goes, comes, forgets, and holds what nobody can read.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "./faults.ts";
import type { AgentHost } from "./host.ts";
import { Traffic } from "./traffic.ts";
import { PREFIX } from "./wire.ts";
import { CONFIG, type World } from "./world.ts";

/** How long etcd is away: three minutes, or, as a part of many tests, three seconds. */
const AWAY_MS = process.env.HEDDLE_LONG ? 180_000 : 3000;
/** Of one processor, while etcd is away: an agent that spins takes all of it. */
const SHARE_MAX = 0.5;
const TICKS_PER_S = 100;

export const storeFaults: readonly Fault[] = [
  { name: "etcd is absent at the start", run: absentAtStart },
  { name: "etcd is killed and comes back", run: killed },
  { name: "etcd forgets what an agent has not seen", run: compacted },
  { name: "the watch is cut", run: cut },
  { name: "keys and values that are none", run: malformed },
];

async function absentAtStart({ wire, wasm, kernel }: World): Promise<void> {
  for (const host of [wasm, kernel]) if (host.isRunning) await host.stop();
  await wire.killEtcd();
  const from = wasm.log.length;
  wasm.start("--healthz-port=8090");
  const health = (path: string): Promise<string> =>
    wasm.ns.run("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", `127.0.0.1:8090${path}`);
  await wasm.until("it is healthy", async () => (await health("/healthz")) === "200");
  assert.equal(await health("/readyz"), "503");
  await wasm.untilLog(/192\.168\.11\.254|etcd|[Uu]navailable/, from);
  await wire.startEtcd();
  await wasm.ready();
  assert.equal(await health("/readyz"), "200");
  await wasm.stop();
}

async function killed(world: World): Promise<void> {
  const { wire, wasm, kernel } = world;
  const before = await wire.leases();
  const traffic = trafficOf(world);
  await wire.killEtcd();
  const [busy, began] = [cpuS(wasm) + cpuS(kernel), performance.now()];
  await sleep(AWAY_MS);
  const share = (cpuS(wasm) + cpuS(kernel) - busy) / ((performance.now() - began) / 1000);
  await wire.startEtcd();
  await comes(world, 7);
  const { sent, lost } = await traffic.stop();
  assert.ok(sent > 10);
  assert.equal(lost, 0, `of ${sent} pings`);
  assert.ok(share < SHARE_MAX, `both together took ${share} of a processor`);
  assert.deepEqual(
    (await wire.leases()).filter(({ key }) => !key.endsWith(".207.0-24")),
    before,
  );
  await goes(world, 7);
}

async function compacted(world: World): Promise<void> {
  const { wire, wasm } = world;
  await comes(world, 1);
  await wasm.pause();
  await wire.killEtcd();
  await wire.startEtcd();
  await wire.remove(wire.keyOf("10.5.201.0/24"));
  await stranger(world, 2);
  for (let at = 0; at < 20; at++) await wire.put(`${PREFIX}/unrelated`, String(at));
  await wire.compact();
  wasm.resume();
  await wasm.until("the new one is there", () => knows(wasm, 2));
  await wasm.until("the old one is gone", async () => !(await knows(wasm, 1)));
  await world.hear();
  await goes(world, 2);
}

/** No packet to or from etcd for a while; its connections break. */
async function cut(world: World): Promise<void> {
  const { wasm } = world;
  const rule = ["-p", "tcp", "--dport", "2379", "-j", "REJECT", "--reject-with", "tcp-reset"];
  const coming = ["-p", "tcp", "--sport", "2379", "-j", "DROP"];
  await wasm.ns.run("iptables", "-I", "OUTPUT", ...rule);
  await wasm.ns.run("iptables", "-I", "INPUT", ...coming);
  await stranger(world, 3);
  await sleep(1000);
  assert.equal(await knows(wasm, 3), false);
  await wasm.ns.run("iptables", "-D", "OUTPUT", ...rule);
  await wasm.ns.run("iptables", "-D", "INPUT", ...coming);
  await wasm.until("the stranger is there", () => knows(wasm, 3));
  await goes(world, 3);
}

async function malformed(world: World): Promise<void> {
  const { wire } = world;
  const traffic = trafficOf(world);
  const put = (name: string, value: string): Promise<void> =>
    wire.put(`${PREFIX}/subnets/${name}`, value);
  const good = (await wire.leases())[0];
  await put("10.5.300.0-24", good?.value ?? "");
  await put("nonsense", good?.value ?? "");
  await put("10.5.210.0-24", "{");
  await put("10.5.211.0-24", '{"PublicIP":"300.1.1.1"}');
  await put("10.5.212.0-24", '{"PublicIP":"192.168.11.12","BackendType":"vxlan","BackendData":7}');
  await put("10.5.213.0-24", "\0\ufffd".repeat(1000));
  await put("0.0.0.0-0", good?.value ?? "");
  await comes(world, 4); // whoever has seen this has seen all of those
  for (const { key } of await wire.leases()) {
    if (/300|nonsense|21\d\.0|0\.0\.0\.0-0/.test(key)) await wire.remove(key);
  }
  await goes(world, 4);
  const { sent, lost } = await traffic.stop();
  assert.equal(lost, 0, `of ${sent} pings`);
}

function trafficOf({ wasm, kernel }: World): Traffic {
  const [a, b] = [wasm.containers[0], kernel.containers[0]];
  if (a === undefined || b === undefined) throw new Error("there are no containers");
  return new Traffic(a, b);
}

/** Seconds of processor time that an agent has taken, its threads included. */
function cpuS({ pid }: AgentHost): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S;
}

/** A lease of a node that is not there: 10.5.20N.0/24. */
async function stranger({ wire }: World, number: number): Promise<void> {
  const value = {
    PublicIP: `192.168.11.20${number}`,
    PublicIPv6: null,
    BackendType: CONFIG.Backend.Type,
    BackendData: { VNI: 1, VtepMAC: `02:00:00:00:20:0${number}` },
  };
  await wire.put(wire.keyOf(`10.5.20${number}.0/24`), JSON.stringify(value));
}

/** A stranger comes, and both agents get to know it. */
async function comes(world: World, number: number): Promise<void> {
  await stranger(world, number);
  for (const host of world.hosts) {
    await host.until("the stranger is there", () => knows(host, number));
  }
}

async function goes(world: World, number: number): Promise<void> {
  await world.wire.remove(world.wire.keyOf(`10.5.20${number}.0/24`));
  for (const host of world.hosts) {
    await host.until("the stranger is gone", async () => !(await knows(host, number)));
  }
}

/** The kernel's route says so. */
async function knows(host: AgentHost, number: number): Promise<boolean> {
  const subnet = `10.5.20${number}.0/24`;
  return (await host.show("route", "show", subnet)).length === 1;
}
