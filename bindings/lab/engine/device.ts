// A network device of a namespace, and what the namespace's node of the core knows it by.
import { parseNetwork, printIpv4, printPrefix } from "../../core/index.ts";
import type { DeviceSpec } from "../spec/network.ts";
import type { Plane } from "../trace/trace.ts";
import { type AddressWords, hostOf, parseAddress } from "../words/inet.ts";
import type { Namespace } from "./namespace.ts";

/** What is there before addresses, masters and peers are. */
export interface DeviceInit {
  readonly namespace: Namespace;
  readonly spec: DeviceSpec | null;
  readonly name: string;
  readonly ifindex: number;
  readonly mac: string | null;
  readonly mtu: number;
  readonly port: number;
}

export class Device {
  readonly namespace: Namespace;
  /** null of `lo`. */
  readonly spec: DeviceSpec | null;
  readonly name: string;
  readonly ifindex: number;
  /** In the order of being added; the first is the primary one. */
  readonly addresses: AddressWords[] = [];
  /** Its port of the namespace's node. */
  readonly port: number;
  /** As a bridge's port, where that is another: a VTEP belongs to a segment of its own as well. */
  slavePort: number;
  mac: string | null;
  mtu: number;
  isUp: boolean;
  master: Device | null = null;
  /** Whether its bridge learns from what comes in here. */
  isLearning = true;
  /** Whether the card finishes checksums; one that is broken does not. */
  isTxChecksumOffloaded = true;

  constructor(init: DeviceInit) {
    const { namespace, spec, name, ifindex, mac, mtu, port } = init;
    this.namespace = namespace;
    this.spec = spec;
    this.name = name;
    this.ifindex = ifindex;
    this.mac = mac;
    this.mtu = mtu;
    this.port = port;
    this.slavePort = port;
    this.isUp = spec?.isUp ?? true;
    for (const text of spec?.addresses ?? []) this.addresses.push(parseAddress(text));
  }

  get kind(): DeviceSpec["kind"] | "lo" {
    return this.spec?.kind ?? "lo";
  }

  /** "node1:eth0". */
  get place(): string {
    return `${this.namespace.name}:${this.name}`;
  }

  get plane(): Plane {
    return planeOf(this.kind, this.namespace.spec.kind === "overlay");
  }

  /** True for a card that leaves half done what it was to finish. */
  get leavesChecksumsUndone(): boolean {
    return this.spec?.kind === "nic" && this.spec.isChecksumBroken === true
      ? this.isTxChecksumOffloaded
      : false;
  }

  /** False for what carries bare IP packets. */
  get hasFrames(): boolean {
    return this.kind !== "tun" && this.kind !== "ipip" && this.kind !== "sit";
  }

  /** The address that it speaks with; null: it has none. */
  get address(): string | null {
    const [first] = this.addresses;
    return first === undefined ? null : hostOf(first.address);
  }

  /** The primary address's network: "10.1.15.0/24". */
  get network(): string | null {
    const [first] = this.addresses;
    return first === undefined ? null : printPrefix(parseNetwork(first.address));
  }

  get prefixLen(): number {
    const [first] = this.addresses;
    return first === undefined ? 0 : parseNetwork(first.address).len;
  }
}

function planeOf(kind: Device["kind"], isInOverlay: boolean): Plane {
  switch (kind) {
    case "nic":
      return "underlay";
    case "vxlan":
    case "tun":
    case "ipip":
    case "sit":
    case "weave":
      return "tunnel";
    default:
      return isInOverlay ? "tunnel" : "containers";
  }
}

const ORDER: readonly Plane[] = ["user", "containers", "tunnel", "underlay"];

/** The plane of a decision between two devices: that of the one nearer to the programs. */
export function upperPlane(a: Plane, b: Plane): Plane {
  return ORDER.indexOf(a) < ORDER.indexOf(b) ? a : b;
}

/** The last address of a network. */
export function broadcastOf(cidr: string): string {
  const { address, len } = parseNetwork(cidr);
  return printIpv4(len === 0 ? 0xffffffff : (address | (0xffffffff >>> len)) >>> 0);
}
