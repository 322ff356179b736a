// A node that has joined, at work: packet filter, subnet.env, the way to each peer. Each of them
// goes on trying for itself; the node is ready when all have been there.
import { type External, type Lease, printSubnetEnv, type SubnetLeases } from "../../agent/index.ts";
import { underlayChange } from "./choose-underlay.ts";
import type { AgentContext } from "./context.ts";
import { type Firewall, openFirewall } from "./firewall/firewall.ts";
import { heldBy } from "./held.ts";
import type { Joined } from "./join.ts";
import { statsOf } from "./open-datapath.ts";
import { Programmer } from "./programmer.ts";
import { endless, untilFirst } from "./race.ts";
import { addMended, type PeerState } from "./state.ts";
import { SubnetFileError, writeSubnetFile } from "./subnet-file.ts";

const FILE_RETRY_MS = 5000;
const READY_LOOK_MS = 50;
/**
 * A peer that stays without a way, for a route of somebody else's above all, holds up no longer
 * than this: docker waits for this node before it gives up the very bridge that has that route.
 */
const STRAGGLERS_MS = 10_000;

export class Service {
  readonly #context: AgentContext;
  readonly #joined: Joined;
  readonly #programmer: Programmer;
  readonly #firewall: Firewall;
  #peers: ReadonlyMap<string, Lease> = new Map();
  #hasSnapshot = false;

  constructor(context: AgentContext, joined: Joined) {
    this.#context = context;
    this.#joined = joined;
    this.#programmer = programmerOf(context, joined);
    this.#firewall = firewallOf(context, joined);
  }

  /** Serves until the underlay changes: then gives the new one. Says once that all is there. */
  async run(leases: SubnetLeases, onReady: () => void, signal: AbortSignal): Promise<External> {
    this.#publish();
    try {
      return await untilFirst(signal, [
        (inner) => underlayChange(this.#context, this.#joined.external, inner),
        (inner) => endless(this.#programmer.run(inner), inner),
        (inner) => endless(this.#followPeers(leases, inner), inner),
        (inner) => endless(this.#prepare(onReady, inner), inner),
      ]);
    } finally {
      await this.#firewall.close();
      await this.#joined.datapath.close();
    }
  }

  /** Tells the rest of the agent what this node is. */
  #publish(): void {
    const { netcfg, state } = this.#context;
    const { backend, config, datapath, external, lease, wasm } = this.#joined;
    state.membership = { config, external, lease, device: backend.device, mac: datapath.mac };
    state.held = heldBy(netcfg, this.#joined);
    state.peers = () => this.#peerStates();
    state.trouble = () => this.#programmer.trouble;
    state.stats = () => statsOf(this.#joined);
    state.capture = wasm && ((options, signal) => wasm.capture(options, signal));
  }

  async #prepare(onReady: () => void, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#context;
    await this.#firewall.start().catch((error) => {
      log("error", "Failed to set up the packet filter", { reason: error.message });
    });
    await this.#writeFile(signal);
    let triedMs: number | null = null;
    while (!this.#isSettled(triedMs)) {
      await clock.sleep(READY_LOOK_MS, signal);
      if (this.#hasSnapshot && this.#programmer.trouble === "") triedMs ??= clock.nowMs();
      else triedMs = null;
    }
    onReady();
  }

  /** All there is a way to is programmed; `triedMs` is since when nothing but peers stands out. */
  #isSettled(triedMs: number | null): boolean {
    const { clock } = this.#context;
    if (this.#hasSnapshot && this.#programmer.isSettled) return true;
    return triedMs !== null && clock.nowMs() - triedMs >= STRAGGLERS_MS;
  }

  /** A disk that is full will not be for ever. */
  async #writeFile(signal: AbortSignal): Promise<void> {
    const { clock, log, settings } = this.#context;
    const { backend, config, lease } = this.#joined;
    const text = printSubnetEnv({
      network: config.network,
      subnet: lease.subnet,
      ipv6Network: null,
      ipv6Subnet: null,
      mtu: backend.mtu,
      ipMasq: settings.masquerades,
    });
    for (;;) {
      try {
        await writeSubnetFile(settings.subnetFile, text);
        log("info", `Wrote subnet file to ${settings.subnetFile}`);
        return;
      } catch (error) {
        if (!(error instanceof SubnetFileError)) throw error;
        log("warn", `Failed to write subnet file: ${error.message}`);
        await clock.sleep(FILE_RETRY_MS, signal);
      }
    }
  }

  async #followPeers(leases: SubnetLeases, signal: AbortSignal): Promise<void> {
    const { log } = this.#context;
    log("info", "Running backend.");
    for await (const { peers, changed, removed } of leases.peers(this.#joined.lease, signal)) {
      for (const { subnet, attrs } of changed) {
        log("info", `Subnet added: ${subnet} via ${attrs.publicIp}`);
      }
      for (const { subnet } of removed) log("info", `Subnet removed: ${subnet}`);
      this.#peers = new Map(peers);
      this.#programmer.update(peers.values());
      this.#hasSnapshot = true;
    }
  }

  #peerStates(): PeerState[] {
    return this.#programmer.peers().flatMap(({ subnet, state, reason }) => {
      const lease = this.#peers.get(subnet);
      return lease ? [{ lease, state, reason: reason ?? "" }] : []; // it has just gone
    });
  }
}

function programmerOf(context: AgentContext, joined: Joined): Programmer {
  const { clock, dice, log, netcfg, state } = context;
  const { backend, config, datapath, external, lease } = joined;
  return new Programmer({
    netcfg,
    backend,
    datapath,
    subnet: lease.subnet,
    network: config.network,
    underlay: external.name,
    clock,
    dice,
    log,
    onMended: (mended) => addMended(state, mended),
  });
}

function firewallOf(context: AgentContext, joined: Joined): Firewall {
  const { clock, log, settings } = context;
  const { config, lease, previous } = joined;
  const hadOverlay = previous?.network && previous.subnet;
  return openFirewall({
    mode: config.enableNftables ? "nftables" : "iptables",
    overlays: [{ network: config.network, subnet: lease.subnet }],
    previous: hadOverlay ? [{ network: previous.network, subnet: previous.subnet }] : [],
    masq: settings.masquerades,
    forward: settings.forwards,
    randomFully: settings.isFullyRandom,
    blackhole: settings.blackholes,
    resyncMs: settings.resyncMs,
    clock,
    log,
  });
}
