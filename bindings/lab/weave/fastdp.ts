// Weave's tunnel in the kernel: VXLAN by Open vSwitch, the VNI made of both peers.
import { type Core, decode, encode } from "../../core/index.ts";
import { FASTDP_PORT, type WeaveLink } from "./link.ts";

const SHORT_ID_BITS = 12;
const SHORT_ID_MASK = (1 << SHORT_ID_BITS) - 1;

/** Twelve bits of a peer's name. Peers of a mesh agree on others where two are equal. */
export function shortIdOf(name: string): number {
  return Number.parseInt(name.replaceAll(":", ""), 16) & SHORT_ID_MASK;
}

/** Who sends is in the low half, whom it is for in the high one. */
export function fastdpVni(sourceId: number, targetId: number): number {
  return sourceId | (targetId << SHORT_ID_BITS);
}

export function fastdpPeers(vni: number): { readonly sourceId: number; readonly targetId: number } {
  return { sourceId: vni & SHORT_ID_MASK, targetId: vni >> SHORT_ID_BITS };
}

/** What the kernel chooses: a source port by the flow inside, and an identifier. */
export interface FastdpChoice {
  readonly sourcePort: number;
  readonly id: number;
}

/** A whole outer packet, from IPv4 on: never to be cut, and without a UDP checksum. */
export function encapFastdp(
  { sender, target, local, remote }: WeaveLink,
  frame: Uint8Array,
  { sourcePort, id }: FastdpChoice,
): Uint8Array {
  const vni = fastdpVni(shortIdOf(sender), shortIdOf(target));
  return encode([
    { layer: "ipv4", fields: { src: local, dst: remote, id, dontFragment: true } },
    { layer: "udp", fields: { srcPort: sourcePort, dstPort: FASTDP_PORT, checksum: 0 } },
    { layer: "vxlan", fields: { vni } },
    { layer: "payload", fields: { data: frame } },
  ]);
}

/** A frame as fastdp carries it. */
export interface FastdpFrame {
  readonly sourceId: number;
  readonly targetId: number;
  readonly frame: Uint8Array;
}

const VXLAN_LEN = 8;

/** Takes the contents of a datagram to the port; null for what is no VXLAN. */
export function decapFastdp(core: Core, datagram: Uint8Array): FastdpFrame | null {
  if (datagram.length < VXLAN_LEN) return null;
  const ports = { srcPort: FASTDP_PORT, dstPort: VXLAN_PORT };
  // The decoder knows VXLAN by its registered port.
  const packet = encode([
    { layer: "ipv4", fields: { src: "0.0.0.0", dst: "0.0.0.0" } },
    { layer: "udp", fields: { ...ports, checksum: 0 } },
    { layer: "payload", fields: { data: datagram.subarray(0, VXLAN_LEN) } },
  ]);
  const vxlan = decode(core, packet, { link: "ip" }).layers.find(({ layer }) => layer === "vxlan");
  if (vxlan?.layer !== "vxlan" || !vxlan.fields.validVni) return null;
  return { ...fastdpPeers(vxlan.fields.vni), frame: datagram.subarray(VXLAN_LEN) };
}

const VXLAN_PORT = 4789;
