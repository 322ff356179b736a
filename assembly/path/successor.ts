// What follows a header, as it says itself: the kind of the next layer, and how it lies in there.
import {
  ETHERTYPE_ARP_NET,
  ETHERTYPE_IPV4_NET,
  ETHERTYPE_SERVICE_VLAN_NET,
  ETHERTYPE_VLAN_NET,
  Ethernet,
} from "../wire/ethernet";
import { Icmp } from "../wire/icmp";
import {
  Ipv4,
  PROTOCOL_ICMP,
  PROTOCOL_IGMP,
  PROTOCOL_IPIP,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
} from "../wire/ipv4";
import { Udp } from "../wire/udp";
import { Vlan } from "../wire/vlan";
import { LayerKind } from "./layer";

// UDP ports that say what a datagram carries.
const PORT_VXLAN: u32 = 4789; // RFC 7348
const PORT_VXLAN_LINUX: u32 = 8472;
const PORT_VXLAN_WEAVE: u32 = 6784;
const PORT_FLANNEL: u32 = 8285;

// What `nextOf` says beside the kind.
export const NESTED: i32 = 0x100; // a packet in a packet
export const CUT: i32 = 0x200; // of which the end may be missing

/** What the header at `ptr` says that follows it. Requires: it is whole. */
export function nextOf(kind: i32, ptr: usize): i32 {
  switch (kind) {
    case LayerKind.Ethernet:
    case LayerKind.Vlan:
      return ofEtherType(typeOf(kind, ptr));
    case LayerKind.Ipv4:
      return ofPacket(Ipv4.at(ptr));
    case LayerKind.Icmp:
      return Icmp.at(ptr).isError ? LayerKind.Ipv4 | NESTED | CUT : LayerKind.Payload;
    case LayerKind.Udp:
      return ofPort(Udp.at(ptr).dstPort);
    case LayerKind.Vxlan:
      return LayerKind.Ethernet | NESTED;
    default:
      return LayerKind.Payload;
  }
}

/** The EtherType of an Ethernet header or a tag, as it lies. */
export function typeOf(kind: i32, ptr: usize): u32 {
  return kind == LayerKind.Vlan ? Vlan.at(ptr).etherTypeNet : Ethernet.at(ptr).etherTypeNet;
}

function ofEtherType(typeNet: u32): i32 {
  switch (typeNet) {
    case ETHERTYPE_IPV4_NET:
      return LayerKind.Ipv4;
    case ETHERTYPE_ARP_NET:
      return LayerKind.Arp;
    case ETHERTYPE_VLAN_NET:
    case ETHERTYPE_SERVICE_VLAN_NET:
      return LayerKind.Vlan;
    default:
      return LayerKind.Payload;
  }
}

function ofPacket(ip: Ipv4): i32 {
  if (!ip.isFirstFragment) return LayerKind.Payload;
  const cut = ip.isFragment ? CUT : 0;
  switch (ip.protocol) {
    case PROTOCOL_ICMP:
      return LayerKind.Icmp | cut;
    case PROTOCOL_IGMP:
      return LayerKind.Igmp | cut;
    case PROTOCOL_IPIP:
      return LayerKind.Ipv4 | NESTED | cut;
    case PROTOCOL_TCP:
      return LayerKind.Tcp | cut;
    case PROTOCOL_UDP:
      return LayerKind.Udp | cut;
    default:
      return LayerKind.Payload;
  }
}

/** What a datagram for this port carries. */
export function ofPort(dstPort: u32): i32 {
  switch (dstPort) {
    case PORT_VXLAN:
    case PORT_VXLAN_LINUX:
    case PORT_VXLAN_WEAVE:
      return LayerKind.Vxlan;
    case PORT_FLANNEL:
      return LayerKind.Ipv4 | NESTED;
    default:
      return LayerKind.Payload;
  }
}
