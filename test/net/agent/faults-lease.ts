// The lease is taken away, stolen, or never to be had.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "./faults.ts";
import { type AgentHost, openHost } from "./host.ts";
import type { World } from "./world.ts";

const CROWD = 30;
/** In the long run the agent sleeps until after it would have renewed its lease. */
const MARGIN_MIN = 1439;
const ASLEEP_MS = 70_000;

export const leaseFaults: readonly Fault[] = [
  { name: "the lease is deleted by hand", run: deleted },
  { name: "the lease is stolen while the agent sleeps", run: stolen },
  { name: "thirty agents at once on thirty subnets", run: crowded },
];

async function deleted({ wire, kernel }: World): Promise<void> {
  const subnet = await kernel.subnet();
  const from = kernel.log.length;
  await wire.remove(wire.keyOf(subnet));
  assert.deepEqual(await kernel.ended(), { code: 0, signal: null });
  assert.match(kernel.log.slice(from), /Lease has been revoked\. Shutting down daemon\./);
  assert.deepEqual(
    (await wire.leases()).filter(({ key }) => key === wire.keyOf(subnet)),
    [],
  );
}

async function stolen(world: World): Promise<void> {
  const { wire, kernel } = world;
  if (process.env.HEDDLE_LONG) {
    await kernel.stop();
    kernel.start("--datapath=kernel", `--subnet-lease-renew-margin=${MARGIN_MIN}`);
    await kernel.ready();
  }
  const subnet = await kernel.subnet();
  const key = wire.keyOf(subnet);
  const lease = (await wire.leases()).find((entry) => entry.key === key);
  assert.ok(lease);
  await kernel.pause();
  await wire.revoke(lease.leaseId);
  const thief = lease.value
    .replace(kernel.address, "192.168.11.99")
    .replace(/"VtepMAC":"../, '"VtepMAC":"0e');
  await wire.put(key, thief, await wire.grant(86_400));
  if (process.env.HEDDLE_LONG) await sleep(ASLEEP_MS);
  kernel.resume();
  await kernel.ended();
  const now = (await wire.leases()).find((entry) => entry.key === key);
  assert.equal(now?.value, thief);
  world.start(kernel); // it must not take the subnet back, either
  await kernel.ready();
  assert.notEqual(await kernel.subnet(), subnet);
  assert.equal((await wire.leases()).find((entry) => entry.key === key)?.value, thief);
  await wire.remove(key);
}

/** In one namespace with an address for each: what is asked here is asked of etcd alone. */
async function crowded({ wire }: World): Promise<void> {
  const prefix = "/crowd";
  const [SubnetMin, SubnetMax] = ["10.9.1.0", `10.9.${CROWD}.0`];
  const config = { Network: "10.9.0.0/16", SubnetMin, SubnetMax, Backend: { Type: "alloc" } };
  await wire.put(`${prefix}/config`, JSON.stringify(config));
  const first = await openHost(wire, "crowd", 100);
  const crowd: AgentHost[] = [];
  try {
    for (let at = 0; at <= CROWD; at++) {
      const address = `192.168.11.${100 + at}`;
      if (at > 0) await first.ns.ip("address", "add", `${address}/24`, "dev", "eth0");
      crowd.push(first.neighbor(`crowd${at}`, address));
    }
    const flags = ["--iptables-forward-rules=false", `--etcd-prefix=${prefix}`];
    const start = (host: AgentHost): void =>
      host.start(...flags, `--public-ip=${host.address}`, `--iface=${host.address}`);
    const late = crowd.pop();
    assert.ok(late);
    for (const host of crowd) start(host);
    for (const host of crowd) await host.ready();
    const subnets = await Promise.all(crowd.map((host) => host.subnet()));
    const wanted = Array.from({ length: CROWD }, (_, at) => `10.9.${at + 1}.0/24`);
    assert.deepEqual(subnets.toSorted(), wanted.toSorted());
    start(late);
    assert.equal((await late.ended()).code, 1);
    assert.match(late.log, /out of subnets/);
  } finally {
    for (const host of crowd) if (host.isRunning) await host.stop("SIGKILL");
    await first.close();
    for (const { key } of await wire.all(`${prefix}/`)) await wire.remove(key);
  }
}
