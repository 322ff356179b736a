// The flow hash: packets of one flow get one number, whatever else differs, so that the underlay
// can keep them on one path in order (RFC 7348, section 5, the outer source port).
import {
  ETHERNET_HEADER_LEN,
  ETHERTYPE_IPV4_NET,
  ETHERTYPE_IPV6_NET,
  Ethernet,
} from "../wire/ethernet";
import { IPV4_HEADER_LEN_MIN, Ipv4, PROTOCOL_TCP, PROTOCOL_UDP } from "../wire/ipv4";

namespace ipv4At {
  export const ADDRESSES: usize = 12; // both, as they lie
}

// RFC 8200, section 3. The core bridges IPv6 and looks at it here only.
namespace ipv6At {
  export const NEXT_HEADER: usize = 6;
  export const ADDRESSES: usize = 8;
  export const END: usize = 40;
}

const PORTS_LEN: u32 = 4; // TCP and UDP both begin with source and destination port
const ODD_1: u64 = 0x9e3779b97f4a7c15;
const ODD_2: u64 = 0xd6e8feb86659fd93;

/** The hash of a frame. Requires: Ethernet.check has passed. */
export function frameHash(seed: u64, frame: usize, len: u32): u32 {
  const ethernet = Ethernet.at(frame);
  const packetLen = len - ETHERNET_HEADER_LEN;
  const type = ethernet.etherTypeNet;
  if (type == ETHERTYPE_IPV4_NET && packetLen >= IPV4_HEADER_LEN_MIN) {
    return packetHash(seed, ethernet.payload, packetLen);
  }
  if (type == ETHERTYPE_IPV6_NET && packetLen >= <u32>ipv6At.END) {
    return ipv6Hash(seed, ethernet.payload, packetLen);
  }
  return finish(stir(seed, ethernet.dst), ethernet.src ^ ((<u64>ethernet.etherType) << 48));
}

/**
 * The hash of an IPv4 packet: addresses, protocol and ports; no ports for any fragment, so that
 * all of a datagram stay together. Requires: IPV4_HEADER_LEN_MIN bytes.
 */
export function packetHash(seed: u64, packet: usize, len: u32): u32 {
  const ip = Ipv4.at(packet);
  const protocol = ip.protocol;
  const headerLen = ip.headerLen;
  let ports: u32 = 0;
  if (hasPorts(protocol) && !ip.isFragment && len >= headerLen + PORTS_LEN) {
    ports = load<u32>(packet + headerLen);
  }
  const ends = load<u64>(packet, ipv4At.ADDRESSES);
  return finish(stir(seed, ends), ((<u64>ports) << 8) | protocol);
}

function ipv6Hash(seed: u64, packet: usize, len: u32): u32 {
  let state = seed;
  for (let at: usize = 0; at < 32; at += 8) {
    state = stir(state, load<u64>(packet + at, ipv6At.ADDRESSES));
  }
  const protocol = load<u8>(packet, ipv6At.NEXT_HEADER);
  let ports: u32 = 0;
  if (hasPorts(protocol) && len >= <u32>ipv6At.END + PORTS_LEN) {
    ports = load<u32>(packet, ipv6At.END);
  }
  return finish(state, ((<u64>ports) << 8) | protocol);
}

function hasPorts(protocol: u32): bool {
  return protocol == PROTOCOL_TCP || protocol == PROTOCOL_UDP;
}

function stir(state: u64, word: u64): u64 {
  const product = (state ^ word) * ODD_1;
  return product ^ (product >> 32);
}

function finish(state: u64, word: u64): u32 {
  return <u32>(((stir(state, word) + ODD_2) * ODD_2) >> 32);
}
