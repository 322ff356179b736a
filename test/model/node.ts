// A node of the core as plain lists. Nothing here knows a capacity: who compares it with the core
// decides when a table is full.
import { FdbModel, type Surroundings } from "./fdb.ts";
import type { Address, Mac } from "./packet.ts";
import { RouteModel } from "./route.ts";

export type PortFlag =
  | "learn"
  | "flood"
  | "sticky"
  | "arpProxy"
  | "strictPeer"
  | "isolated"
  | "linuxMode"
  | "ecn"
  | "manyVnis"
  | "udpChecksum"
  | "flannelUnreachable"
  | "unreachableFromTarget"
  | "dontFragment"
  | "gbp"
  | "splitHorizon"
  | "mssClamp"
  | "arpInspect";

export interface ModelPort {
  readonly index: number;
  readonly kind: "ethernet" | "vxlan" | "udpTunnel" | "ip" | "ipip";
  readonly domain: number | null;
  readonly mac: Mac | null;
  readonly ipv4: Address | null;
  /** 0: 65535. */
  readonly mtu: number;
  readonly flags: readonly PortFlag[];
  readonly vni: number;
  /** 0: no limit. */
  readonly learnLimit: number;
  readonly localIpv4: Address | null;
  readonly udpPort: number;
  /** 0: 64. */
  readonly ttl: number;
  /** Left out: 0, a port without a subnet. */
  readonly prefixLen?: number;
  readonly tosMode: "fixed" | "inherit";
  readonly tos: number;
}

export interface ModelDomain {
  readonly index: number;
  /** null: a bridge. */
  readonly vni: number | null;
  /** 0: for ever. */
  readonly ageS: number;
}

export interface ModelRemote {
  readonly index: number;
  readonly address: Address;
  /** 0: the tunnel port's. */
  readonly udpPort: number;
  readonly flags: readonly ("allowed" | "learned")[];
  readonly dstMac: Mac | null;
  readonly srcMac: Mac | null;
  /** null: the tunnel port's. */
  readonly ownAddress: Address | null;
  /** 0: no limit. */
  readonly learnLimit: number;
  /** Of the path, outer; 0: no limit is known. */
  readonly mtu: number;
}

export interface ModelFlood {
  readonly domain: number;
  readonly port: number;
  readonly remote: number | null;
}

export interface ModelHop {
  readonly index: number;
  readonly kind: "unicast" | "local" | "connected" | "blackhole" | "unreachable" | "prohibit";
  readonly gateway: Address | null;
  readonly port: number | null;
  readonly remote: number | null;
  /** 0: the port's. */
  readonly mtu: number;
  readonly flags: readonly "onLink"[];
}

export interface ModelNeighbor {
  readonly port: number;
  readonly address: Address;
  readonly mac: Mac;
  readonly state: "reachable" | "permanent" | "stale";
}

export class ModelNode implements Surroundings {
  readonly ports: Map<number, ModelPort> = new Map();
  readonly domains: Map<number, ModelDomain> = new Map();
  readonly remotes: Map<number, ModelRemote> = new Map();
  readonly hops: Map<number, ModelHop> = new Map();
  readonly routes: RouteModel = new RouteModel();
  readonly fdb: FdbModel = new FdbModel(this);
  flood: ModelFlood[] = [];
  neighbors: ModelNeighbor[] = [];
  /** The caller's clock, which may go back. */
  clockMs = 0;
  /** The latest time that a call was given. */
  nowMs = 0;
  remoteCapacity = 0;
  /** The time that ICMP errors have used up. */
  errorsMs = 0;

  /** What a call is given as the time. */
  tick(): number {
    this.nowMs = Math.max(this.nowMs, this.clockMs);
    return this.clockMs;
  }

  get nowS(): number {
    return Math.floor(this.nowMs / 1000);
  }

  ageS(domain: number): number {
    return this.domains.get(domain)?.ageS ?? 0;
  }

  portLimit(port: number): number {
    return this.ports.get(port)?.learnLimit ?? 0;
  }

  remoteLimit(remote: number | null): number {
    return this.remotes.get(remote ?? -1)?.learnLimit ?? 0;
  }

  isStickyPort(port: number): boolean {
    return this.ports.get(port)?.flags.includes("sticky") ?? false;
  }

  /** The lowest free index below `capacity`. */
  freeRemote(): number | undefined {
    for (let index = 0; index < this.remoteCapacity; index++) {
      if (!this.remotes.has(index)) return index;
    }
    return undefined;
  }

  /** Makes a remote for a VTEP that nobody has set. */
  learnRemote(address: Address): ModelRemote | undefined {
    const index = this.freeRemote();
    if (index === undefined) return undefined;
    const macs = { dstMac: null, srcMac: null };
    const none = { udpPort: 0, ownAddress: null, learnLimit: 0, mtu: 0, ...macs };
    const remote: ModelRemote = { index, address, flags: ["learned"], ...none };
    this.remotes.set(index, remote);
    return remote;
  }

  remoteWith(address: Address): ModelRemote | undefined {
    return [...this.remotes.values()].find((remote) => remote.address === address);
  }

  domainWith(vni: number): ModelDomain | undefined {
    return [...this.domains.values()].find((domain) => domain.vni === vni);
  }

  neighborAt(port: number, address: Address): ModelNeighbor | undefined {
    return this.neighbors.find((one) => one.port === port && one.address === address);
  }

  /** True when something names the port. */
  usesPort(index: number): boolean {
    const named = [...this.fdb.entries(), ...this.flood, ...this.hops.values(), ...this.neighbors];
    return named.some(({ port }) => port === index);
  }

  usesDomain(index: number): boolean {
    const named = [...this.fdb.entries(), ...this.flood, ...this.ports.values()];
    return named.some(({ domain }) => domain === index);
  }

  hopsTo(index: number): boolean {
    return [...this.hops.values()].some(({ remote }) => remote === index);
  }

  usesRemote(index: number): boolean {
    const named = [...this.fdb.entries(), ...this.flood];
    return named.some(({ remote }) => remote === index) || this.hopsTo(index);
  }
}
