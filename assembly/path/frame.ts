// What every element asks of a frame before it looks into it.
import { Status } from "../base/status";
import {
  ETHERNET_HEADER_LEN,
  ETHERTYPE_IPV4_NET,
  ETHERTYPE_VLAN_NET,
  Ethernet,
  VLAN_TAG_LEN,
} from "../wire/ethernet";
import { IPV4_HEADER_LEN_MIN } from "../wire/ipv4";
import { Burst } from "./burst";
import { Desc, DescFlag } from "./desc";
import { checkOffered, wireLen } from "./virtio";

/** Ok for one whole Ethernet header in the arena, with `headroom` bytes in front of it. */
export function checkFrame(node: usize, b: Burst, d: Desc, headroom: u32): Status {
  const status = checkOffered(node, b, d, headroom);
  if (status != Status.Ok) return status;
  if ((d.flags & DescFlag.L3) != 0) return Status.BadProtocol;
  return Ethernet.check(d.ptr, d.len);
}

/**
 * What counts against an MTU: a tag rides on top of it, as on any Ethernet. Of a super-packet, the
 * longest segment counts. Requires: checkFrame has passed.
 */
export function packetLen(d: Desc): u32 {
  const len = wireLen(d) - ETHERNET_HEADER_LEN;
  const isTagged = Ethernet.at(d.ptr).etherTypeNet == ETHERTYPE_VLAN_NET;
  return isTagged ? len - min(len, VLAN_TAG_LEN) : len;
}

/** True for a frame with room for an IPv4 header. Requires: checkFrame has passed. */
export function carriesIpv4(d: Desc): bool {
  return (
    Ethernet.at(d.ptr).etherTypeNet == ETHERTYPE_IPV4_NET &&
    d.len >= ETHERNET_HEADER_LEN + IPV4_HEADER_LEN_MIN
  );
}
