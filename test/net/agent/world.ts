// The ground of the faults: an etcd and two hosts, one with heddle's core and one with the kernel's
// datapath, a container on each. What a fault leaves behind is put right before the next.

import { parseLeaseAttrs } from "../../../bindings/agent/index.ts";
import { drawSeed } from "../../../fuzz/seed.ts";
import { type AgentHost, openHost } from "./host.ts";
import { until } from "./until.ts";
import { PREFIX, Wire } from "./wire.ts";

export const CONFIG = { Network: "10.5.0.0/16", Backend: { Type: "vxlan" } };
const RESYNC_S = 1;
/** HEDDLE_SEED draws the same again, as far as time can be drawn. */
const SEED = drawSeed();
console.log(`HEDDLE_SEED=${SEED}`);

export class World {
  readonly wire: Wire;
  readonly wasm: AgentHost;
  readonly kernel: AgentHost;
  #state: number = SEED;

  private constructor(wire: Wire, wasm: AgentHost, kernel: AgentHost) {
    this.wire = wire;
    this.wasm = wasm;
    this.kernel = kernel;
  }

  static async open(label: string): Promise<World> {
    const wire = await Wire.open(label);
    await wire.startEtcd(CONFIG);
    const wasm = await openHost(wire, `${label}-wasm`, 81);
    const kernel = await openHost(wire, `${label}-kern`, 82);
    return new World(wire, wasm, kernel);
  }

  /** From 0 to 1; the same numbers for the same seed (mulberry32). */
  random(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let word = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word;
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  }

  get hosts(): [AgentHost, AgentHost] {
    return [this.wasm, this.kernel];
  }

  start(host: AgentHost): void {
    const datapath = host === this.wasm ? "wasm" : "kernel";
    host.start(`--datapath=${datapath}`, "--ip-masq", `--iptables-resync=${RESYNC_S}`);
  }

  /** Both agents run and know each other, and their containers hear each other. */
  async settle(): Promise<void> {
    for (const host of this.hosts) if (!host.isRunning) this.start(host);
    for (const host of this.hosts) {
      await host.ready();
      await host.untilStatus("acquainted", ({ peers }) => peers.programmed >= 1);
      if (host.containers.length > 0 && !(await isCurrent(host))) await host.dropContainers();
      if (host.containers.length === 0) await host.addContainer();
    }
    await this.hear();
  }

  /** Waits until the containers hear each other. */
  async hear(): Promise<void> {
    const [a, b] = [this.wasm.containers[0], this.kernel.containers[0]];
    if (a === undefined || b === undefined) throw new Error("there are no containers");
    const ping = ["-n", "-c", "1", "-W", "1", b.address];
    const hint = (): string => this.wasm.tail() + this.kernel.tail();
    await until("containers hear each other", async () => a.ns.run("ping", ...ping), { hint });
  }

  /** The leases of an underlay address, as subnets. */
  async subnetsOf(address: string): Promise<string[]> {
    const leases = await this.wire.leases();
    return leases
      .filter(({ value }) => isOf(value, address))
      .map(({ key }) => key.slice(`${PREFIX}/subnets/`.length).replace("-", "/"));
  }

  async close(): Promise<void> {
    for (const host of this.hosts) await host.close();
    await this.wire.close();
  }
}

function isOf(value: string, address: string): boolean {
  try {
    return parseLeaseAttrs(value).publicIp === address;
  } catch {
    return false; // no lease at all
  }
}

/** The bridge has the address of the lease that the host has now. */
async function isCurrent(host: AgentHost): Promise<boolean> {
  const [first] = await host.show("address", "show", "dev", "cni0");
  const addresses = (first?.addr_info ?? []) as { local: string; prefixlen: number }[];
  const wanted = host.env("FLANNEL_SUBNET");
  return addresses.some(({ local, prefixlen }) => `${local}/${prefixlen}` === wanted);
}
