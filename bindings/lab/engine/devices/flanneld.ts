// flannel's daemon in user space: what it knows of others, in the order in which it looks.
import { type HeddleNode, network, parsePrefix } from "../../../core/index.ts";
import type { TunSpec } from "../../spec/network.ts";
import type { Asked, Row } from "../../trace/trace.ts";
import { WIRE } from "../asked.ts";
import { openElements } from "../build-node.ts";
import type { Device } from "../device.ts";
import type { Elements } from "../element.ts";
import type { Ledger } from "../ledger.ts";
import { longestIn } from "../longest.ts";

export const FLANNEL_PORT = 8285;

const PORT = 0;

interface Lease {
  readonly subnet: string;
  readonly owner: string;
}

export class Flanneld {
  readonly elements: Elements;
  readonly #ledger: Ledger;
  readonly #leases: Lease[];

  constructor(device: Device, spec: TunSpec) {
    const { namespace } = device;
    const { lab } = namespace;
    const size = spec.leases.length;
    const longestLen = longestIn(lab.network);
    const room = { longestLen, size, hostCount: size, networkCount: size };
    this.elements = openElements(lab, room, 1);
    this.#ledger = namespace.ledger("lease", device.name);
    this.#leases = spec.leases.map((row) => {
      const [subnet = "", owner = ""] = row.split(/\s+(?:via\s+)?/);
      return { subnet, owner };
    });
    const { node } = this.elements;
    const isFlannels = (spec.errors ?? "flannel") === "flannel";
    node.ports.set({
      index: PORT,
      kind: "udpTunnel",
      mtu: device.mtu,
      ipv4: device.address,
      localIpv4: spec.local,
      udpPort: spec.port ?? FLANNEL_PORT,
      flags: [
        "linuxMode",
        "udpChecksum",
        "dontFragment",
        ...(isFlannels ? (["flannelUnreachable"] as const) : []),
      ],
    });
    for (const [at, lease] of this.#leases.entries()) this.#ledger.put(String(at), rowOf(lease));
    this.#order();
  }

  get port(): number {
    return PORT;
  }

  /** The first that covers an address, and those behind it. A hit changes places with the first. */
  look(dst: string): { readonly asked: Asked; readonly lease: Lease | null } {
    const address = parsePrefix(`${dst}/32`).address;
    const found = this.#leases.filter(({ subnet }) => covers(subnet, address));
    const [lease = null, ...others] = found;
    const asked: Asked = {
      table: this.#ledger.table,
      key: dst,
      row: lease && rowOf(lease),
      lost: others.map((other) => ({ row: rowOf(other), why: "later" })),
      gave: lease === null ? [] : [WIRE.ipDst],
      arpFrames: 0,
    };
    return { asked, lease };
  }

  /** flannel moves what it has found to the front. */
  remember(lease: Lease): void {
    const at = this.#leases.indexOf(lease);
    const [first] = this.#leases;
    if (at <= 0 || first === undefined) return;
    this.#leases[0] = lease;
    this.#leases[at] = first;
    this.#ledger.put("0", rowOf(lease));
    this.#ledger.put(String(at), rowOf(first));
    this.#order();
  }

  // The core takes the longest prefix. Without those that an earlier one covers, that is the first.
  #order(): void {
    const { node } = this.elements;
    for (const { prefix } of [...node.routes]) node.routes.remove({ prefix });
    for (const { index } of [...node.hops]) node.hops.remove(index);
    this.#leases.forEach(({ subnet, owner }, at) => {
      const { address, len } = parsePrefix(subnet);
      const isHidden = this.#leases
        .slice(0, at)
        .some((each) => covers(each.subnet, address) && parsePrefix(each.subnet).len <= len);
      if (isHidden) return;
      const remote = remoteOf(node, owner);
      node.routes.set({
        prefix: subnet,
        hop: node.hops.set({ kind: "unicast", port: PORT, remote }),
      });
    });
  }
}

function remoteOf({ remotes }: HeddleNode, address: string): number {
  return remotes.find(address) ?? remotes.set({ address, flags: ["allowed"] });
}

function rowOf({ subnet, owner }: Lease): Row {
  return `${subnet} ${owner}`;
}

function covers(subnet: string, target: number): boolean {
  const { address, len } = parsePrefix(subnet);
  return network({ address: target, len }) === address;
}
