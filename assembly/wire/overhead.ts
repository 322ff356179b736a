// What a tunnel costs.

import { ETHERNET_HEADER_LEN } from "./ethernet";
import { IPV4_HEADER_LEN_MIN, IPV4_LEN_MAX } from "./ipv4";
import { UDP_HEADER_LEN } from "./udp";
import { VXLAN_HEADER_LEN } from "./vxlan";

const DATAGRAM_LEN: u32 = IPV4_HEADER_LEN_MIN + UDP_HEADER_LEN;

/** Bytes that a VXLAN takes from the underlay's MTU: its frames bring their own Ethernet header. */
export const TUNNEL_OVERHEAD_LEN: u32 = DATAGRAM_LEN + VXLAN_HEADER_LEN + ETHERNET_HEADER_LEN;

/** Bytes that flannel's UDP backend takes from the underlay's MTU. */
export const UDP_TUNNEL_OVERHEAD_LEN: u32 = DATAGRAM_LEN;

/** Bytes in front of the inner frame in a complete outer frame of VXLAN. */
export const VXLAN_IMAGE_LEN: u32 = ETHERNET_HEADER_LEN + DATAGRAM_LEN + VXLAN_HEADER_LEN;

/** Bytes in front of the inner packet in a complete outer frame of IP in IP. */
export const IPIP_IMAGE_LEN: u32 = ETHERNET_HEADER_LEN + IPV4_HEADER_LEN_MIN;

/** Bytes in front of the inner packet in a complete outer frame of the UDP backend. */
export const UDP_IMAGE_LEN: u32 = ETHERNET_HEADER_LEN + DATAGRAM_LEN;

/** What a VXLAN datagram of 65535 bytes holds; a port's MTU may be more. */
export const FRAME_LEN_MAX: u32 = IPV4_LEN_MAX - DATAGRAM_LEN - VXLAN_HEADER_LEN;

/** Bytes that a packet leaves free in its slot, in front of itself. */
export const HEADROOM_LEN: u32 = 128;

if (TUNNEL_OVERHEAD_LEN != 50) ERROR("flannel sets a VXLAN's MTU 50 below the link's");
if (UDP_TUNNEL_OVERHEAD_LEN != 28) ERROR("flannel sets the UDP backend's MTU 28 below the link's");
if (VXLAN_IMAGE_LEN > HEADROOM_LEN) ERROR("encapsulation would write in front of the slot");
if (sizeof<usize>() != 4) ERROR("descriptors hold 32-bit pointers");
