// The agent itself is killed, and the disk is full.
import assert from "node:assert/strict";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "./faults.ts";
import type { AgentHost } from "./host.ts";
import type { World } from "./world.ts";

/** How many times an agent is killed, each at another moment of its start. */
const KILLS = 6;
const START_MS = 1500;

export const processFaults: readonly Fault[] = [
  { name: "the agent of the core is killed while it starts", run: (w) => killedAtStart(w, w.wasm) },
  { name: "the kernel's agent is killed while it starts", run: (w) => killedAtStart(w, w.kernel) },
  { name: "the disk is full when subnet.env is written", run: diskFull },
];

/** What has to be the same after any number of deaths. */
interface Trace {
  readonly subnets: readonly string[];
  readonly mac: unknown;
  readonly links: readonly unknown[];
  readonly rules: readonly string[];
  readonly files: readonly string[];
}

async function traceOf(world: World, host: AgentHost): Promise<Trace> {
  const links = await host.show("link", "show");
  const saved = await host.ns.run("iptables-save");
  return {
    subnets: await world.subnetsOf(host.address),
    mac: links.find(({ ifname }) => ifname === "flannel.1")?.address,
    links: links.map(({ ifname }) => ifname),
    rules: saved.split("\n").filter((line) => line.startsWith("-A")),
    files: readdirSync(dirname(host.subnetFile)).sort(),
  };
}

async function killedAtStart(world: World, host: AgentHost): Promise<void> {
  const before = await traceOf(world, host);
  assert.equal(before.subnets.length, 1);
  await host.stop("SIGKILL");
  for (let kill = 0; kill < KILLS; kill++) {
    world.start(host);
    await sleep(START_MS * ((kill + world.random()) / KILLS));
    await host.stop("SIGKILL");
  }
  world.start(host);
  await host.ready();
  await world.hear();
  assert.deepEqual(await traceOf(world, host), before);
}

/** subnet.env lies on a disk of two pages, of which something else takes both. */
async function diskFull(world: World): Promise<void> {
  const { kernel } = world;
  await kernel.stop();
  const folder = `${dirname(kernel.subnetFile)}/small`;
  const file = `--subnet-file=${folder}/subnet.env`;
  kernel.startOnFullDisk(folder, "--datapath=kernel", "--ip-masq", file);
  const inside = (path: string): string => `/proc/${kernel.pid}/root${path}`;
  await kernel.untilStatus("programmed", ({ peers }) => peers.programmed >= 1);
  await kernel.untilLog(/Failed to write subnet file/);
  assert.equal((await kernel.status()).isReady, false);
  await world.hear(); // packets move without the file
  rmSync(inside(`${folder}/filler`));
  await kernel.ready();
  writeFileSync(inside(`${folder}/probe`), "");
  assert.deepEqual(readdirSync(inside(folder)).sort(), ["probe", "subnet.env"]);
  await kernel.stop();
}
