// The demo's network as it stands in this machine: four namespaces, a process in each, and all of
// it gone after `remove`.

import type { HostPlan } from "../lab/overlay/plan.ts";
import type { CaptureOptions } from "./capture.ts";
import type { DemoPlan } from "./demo-plan.ts";
import { DemoStore, type DemoStoreWish } from "./demo-store.ts";
import { Member } from "./member.ts";
import { bridgeBatch, ipBatch, Namespaces, NetworkError, run } from "./netns.ts";
import type { PumpStats } from "./pump.ts";
import { type Peer, SIDES, type SidePlan } from "./sides.ts";
import * as topology from "./topology.ts";

export interface NetworkOptions {
  readonly plan: DemoPlan;
  /** Whose tunnel each host has. */
  readonly tunnels: readonly [Peer, Peer];
  /** Where the leases are. */
  readonly store: DemoStoreWish;
  /** Also the kernel's VXLAN and plain routes between the same containers. */
  readonly hasSides: boolean;
  /** Ends it all, in the middle of whatever goes on. */
  readonly signal: AbortSignal;
}

/** One host and the container on it. */
export interface Host {
  readonly plan: HostPlan;
  readonly namespace: string;
  readonly containerNamespace: string;
  readonly member: Member;
  readonly container: Member;
  readonly tunnel: Peer;
}

export class Network {
  readonly plan: DemoPlan;
  readonly #options: NetworkOptions;
  readonly #namespaces = new Namespaces();
  readonly #store: DemoStore;
  readonly #members: Member[] = [];
  readonly #sides: SidePlan[] = [];
  readonly #notes: string[] = [];
  #isLeaving = false;
  #failure: Error | null = null;
  #hosts: readonly [Host, Host] | null = null;

  constructor(options: NetworkOptions) {
    this.plan = options.plan;
    this.#options = options;
    this.#store = new DemoStore(options.store, options.plan);
    options.signal.addEventListener("abort", () => this.#dismiss());
  }

  /** The process whose end was the end of it all, or null. */
  get failure(): Error | null {
    return this.#failure;
  }

  /** The other paths between the two containers. */
  get sides(): readonly SidePlan[] {
    return this.#sides;
  }

  /** What a reader of the figures must know of how it was built. */
  get notes(): readonly string[] {
    return this.#notes;
  }

  /** Requires: `build` has come to its end. */
  get hosts(): readonly [Host, Host] {
    if (!this.#hosts) throw new Error("the network is not built");
    return this.#hosts;
  }

  /** A failure leaves parts behind: `remove` is due in any case. */
  async build(): Promise<void> {
    const [first, second] = this.plan.hosts;
    const { hasSides, tunnels } = this.#options;
    this.#hosts = await both(this.#open(first, tunnels[0]), this.#open(second, tunnels[1]));
    const [one, two] = this.#hosts;
    await ipBatch(one.namespace, topology.underlayLines(this.plan, two.namespace));
    await both(this.#furnish(one), this.#furnish(two));
    if (tunnels.includes("kernel")) await this.#dropOffloads();
    await this.#fillStore(one);
    await both(this.#startAgent(one), this.#startAgent(two));
    await both(one.member.call("awaitPeers", 1), two.member.call("awaitPeers", 1));
    if (hasSides) for (const side of SIDES) await this.#addSide(side);
  }

  /** Starts to record what the hosts send each other, as the first one's device sees it. */
  async capture(options: Omit<CaptureOptions, "device">): Promise<Member> {
    const member = await this.#start(this.hosts[0].namespace, "capture");
    await member.call("startCapture", { ...options, device: topology.UNDERLAY_DEVICE });
    return member;
  }

  /** Null where the kernel moves the packets. */
  async stats(host: Host): Promise<PumpStats | null> {
    return host.member.call("agentStats");
  }

  /** Ends every process and removes every namespace; returns what could not be removed. */
  async remove(): Promise<string[]> {
    await this.#dismiss();
    this.#store.remove();
    return this.#namespaces.remove();
  }

  /** Without one of them the others wait in vain, so they end as well. */
  #lose(error: Error): void {
    if (this.#isLeaving) return;
    this.#failure = error;
    this.#dismiss();
  }

  async #dismiss(): Promise<void> {
    this.#isLeaving = true;
    await Promise.all(this.#members.map((member) => member.leave()));
  }

  async #open(plan: HostPlan, tunnel: Peer): Promise<Host> {
    const namespace = await this.#namespaces.add(plan.name);
    const containerNamespace = await this.#namespaces.add(plan.container.name);
    const [member, container] = await both(
      this.#start(namespace, plan.name),
      this.#start(containerNamespace, plan.container.name),
    );
    await member.call("set", topology.HOST_SETTINGS);
    await container.call("set", topology.CONTAINER_SETTINGS);
    return { plan, namespace, containerNamespace, member, container, tunnel };
  }

  async #start(namespace: string, name: string): Promise<Member> {
    this.#options.signal.throwIfAborted();
    if (this.#failure) throw this.#failure;
    const member = Member.spawn(namespace, name);
    this.#members.push(member);
    member.ended.then((error) => this.#lose(error));
    await member.ready;
    return member;
  }

  async #furnish(host: Host): Promise<void> {
    const { namespace, containerNamespace, plan } = host;
    await ipBatch(namespace, topology.hostLines(this.plan, plan, containerNamespace));
    await ipBatch(containerNamespace, topology.containerLines(plan));
  }

  async #fillStore({ member }: Host): Promise<void> {
    const { config, etcdWords, settings } = this.#store;
    if (etcdWords) await member.call("startEtcd", etcdWords);
    await member.call("putConfig", { store: settings, config });
  }

  async #startAgent(host: Host): Promise<void> {
    await ipBatch(host.namespace, topology.deviceLines(this.plan, host.plan));
    const datapath = host.tunnel === "kernel" ? "kernel" : "wasm";
    const settings = this.#store.agentSettings(host.plan, datapath);
    await host.member.call("startAgent", { settings });
  }

  /** A kernel without VXLAN is no reason to end: the comparison does without. */
  async #addSide(side: SidePlan): Promise<void> {
    const [one, two] = this.hosts;
    try {
      await both(joinSide(side, one, two), joinSide(side, two, one));
      this.#sides.push(side);
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      this.#notes.push(`no ${side.name} to compare with: ${error.message}`);
    }
  }

  /**
   * A veth hands unfinished checksums and unsegmented packets on, which only another kernel can
   * take. So the hosts' devices finish them, as a wire would have it.
   */
  async #dropOffloads(): Promise<void> {
    for (const host of this.hosts) {
      const isKernels = host.tunnel === "kernel";
      const devices = isKernels
        ? [topology.UNDERLAY_DEVICE, host.plan.container.name]
        : [topology.UNDERLAY_DEVICE];
      for (const device of devices) {
        const words = ["ethtool", "-K", device, ...topology.OFFLOADS_OFF];
        await run("ip", ["netns", "exec", host.namespace, ...words]);
      }
    }
  }
}

async function joinSide(side: SidePlan, host: Host, other: Host): Promise<void> {
  await ipBatch(host.namespace, topology.sideHostLines(side, host.plan, other.plan));
  await bridgeBatch(host.namespace, topology.sideFdbLines(side, other.plan));
  await ipBatch(host.containerNamespace, topology.sideContainerLines(side, host.plan));
}

/** Waits for both even if one fails, so that nothing is made behind the back of a removal. */
async function both<A, B>(one: Promise<A>, two: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([one, two]);
  return Promise.all([one, two]);
}
