import { Element, runElement } from "../path/element";

/**
 * Frames into VXLAN datagrams for a UDP socket, each with Peer, Remote, Tos and Lane; by the FDB,
 * then by the flood list. ARP requests are answered at a port that has ArpProxy.
 *
 * node    from node_open
 * burst   a burst record; its port is of kind Vxlan
 * returns packets in out, BadArgument or BadPort
 */
export function vxlan_encap_burst(node: usize, burst: usize): i32 {
  return runElement(node, burst, Element.VxlanEncap);
}

/**
 * Frames into complete outer Ethernet frames: vxlan_encap_burst and the headers below UDP.
 *
 * node    from node_open
 * burst   a burst record; its port is of kind Vxlan
 * returns packets in out, BadArgument or BadPort
 */
export function vxlan_encap_frame_burst(node: usize, burst: usize): i32 {
  return runElement(node, burst, Element.VxlanEncapFrame);
}

/**
 * The payload of VXLAN's UDP socket into frames; RFC 7348, or Linux's stricter reading of it.
 *
 * node    from node_open
 * burst   a burst record; its port is of kind Vxlan; descriptors hold Peer, or Remote, and Tos
 * returns packets in out, BadArgument or BadPort
 */
export function vxlan_decap_burst(node: usize, burst: usize): i32 {
  return runElement(node, burst, Element.VxlanDecap);
}

/**
 * Complete outer Ethernet frames into inner ones: the headers below UDP and vxlan_decap_burst.
 *
 * node    from node_open
 * burst   a burst record; its port is of kind Vxlan
 * returns packets in out, BadArgument or BadPort
 */
export function vxlan_decap_frame_burst(node: usize, burst: usize): i32 {
  return runElement(node, burst, Element.VxlanDecapFrame);
}

/**
 * IP packets into the payload of flannel's UDP backend, by the routes; one off the TTL. Who cannot
 * be reached is told about: ICMP errors, to the port that the packet came in by.
 *
 * node    from node_open
 * burst   a burst record; its port is of kind UdpTunnel
 * returns packets in out, BadArgument or BadPort
 */
export function udp_encap_burst(node: usize, burst: usize): i32 {
  return runElement(node, burst, Element.UdpEncap);
}

/**
 * IP packets into complete outer Ethernet frames: udp_encap_burst and the headers below.
 *
 * node    from node_open
 * burst   a burst record; its port is of kind UdpTunnel
 * returns packets in out, BadArgument or BadPort
 */
export function udp_encap_frame_burst(node: usize, burst: usize): i32 {
  return runElement(node, burst, Element.UdpEncapFrame);
}

/**
 * The payload of the UDP backend's socket into IP packets; one off the TTL.
 *
 * node    from node_open
 * burst   a burst record; its port is of kind UdpTunnel; descriptors hold Peer, or Remote
 * returns packets in out, BadArgument or BadPort
 */
export function udp_decap_burst(node: usize, burst: usize): i32 {
  return runElement(node, burst, Element.UdpDecap);
}

/**
 * Complete outer Ethernet frames into IP packets: the headers below UDP and udp_decap_burst.
 *
 * node    from node_open
 * burst   a burst record; its port is of kind UdpTunnel
 * returns packets in out, BadArgument or BadPort
 */
export function udp_decap_frame_burst(node: usize, burst: usize): i32 {
  return runElement(node, burst, Element.UdpDecapFrame);
}

/**
 * IP packets into complete outer Ethernet frames that carry them in IP (RFC 2003), by the routes;
 * one off the TTL, unless the packet is Originated. Who cannot be reached is told about.
 *
 * node    from node_open
 * burst   a burst record; its port is of kind Ipip
 * returns packets in out, BadArgument or BadPort
 */
export function ipip_encap_frame_burst(node: usize, burst: usize): i32 {
  return runElement(node, burst, Element.IpipEncapFrame);
}

/**
 * Complete outer Ethernet frames into the IP packets that they carry in IP; the TTL stays.
 *
 * node    from node_open
 * burst   a burst record; its port is of kind Ipip
 * returns packets in out, BadArgument or BadPort
 */
export function ipip_decap_frame_burst(node: usize, burst: usize): i32 {
  return runElement(node, burst, Element.IpipDecapFrame);
}

/**
 * Frames through a learning bridge: each goes to the port where its destination was seen last, or a
 * copy of it, flagged Shared, to every port that its domain's flood list names.
 *
 * node    from node_open
 * burst   a burst record; its own port is not looked at, Port of each packet is where it came in
 * returns packets in out, each with the port where it goes out, or BadArgument
 */
export function bridge_burst(node: usize, burst: usize): i32 {
  return runElement(node, burst, Element.Bridge);
}

/**
 * Frames and IP packets from port to port, by routes and neighbors; one off the TTL. What is for
 * this node is ForUs; what has to wait for a neighbor is Waiting, and an ARP request is in out.
 * ARP is heard and answered, and senders of what cannot travel on are told.
 *
 * node    from node_open
 * burst   a burst record; its port counts for nothing, each descriptor names the one it came in by,
 *         or 0xffff for an IP packet of the host's own
 * returns packets in out, or BadArgument
 */
export function route_burst(node: usize, burst: usize): i32 {
  return runElement(node, burst, Element.Route);
}

/**
 * ARP: requests for this node are answered, and what messages say of their senders is remembered.
 *
 * node    from node_open
 * burst   a burst record; its port counts for nothing, each descriptor names the one it came in by
 * returns packets in out, or BadArgument
 */
export function resolve_burst(node: usize, burst: usize): i32 {
  return runElement(node, burst, Element.Resolve);
}

/**
 * Frames and IP packets with addresses and ports translated in place: by the flow that they belong
 * to, or by the rules for a new one. Before routing the target of a flow is changed and the source
 * of its replies turned back, behind it (AfterRouting) the other two; whatever is no IPv4 passes.
 *
 * node    from node_open
 * burst   a burst record; its port counts for nothing, each descriptor names the one it came in by,
 *         or 0xffff for a packet of the host's own; behind routing the one it goes out by
 * returns packets in out, or BadArgument
 */
export function nat_burst(node: usize, burst: usize): i32 {
  return runElement(node, burst, Element.Nat);
}

/**
 * Packets of a device with virtio headers into plain ones: checksums are finished, super-packets of
 * TCP and UDP become as many packets as they have segments.
 *
 * node    from node_open
 * burst   a burst record; its port counts for nothing; Virtio of its flags says that headers are
 *         there, without it all packets pass as they are
 * returns packets in out, or BadArgument
 */
export function segment_burst(node: usize, burst: usize): i32 {
  return runElement(node, burst, Element.Segment);
}

/**
 * Plain packets towards a device with virtio headers: segments of one flow that follow each other
 * become super-packets.
 *
 * node    from node_open
 * burst   a burst record; its port counts for nothing; Virtio of its flags says that headers are
 *         wanted, UdpL4 that UDP is coalesced as TCP is
 * returns packets in out, or BadArgument
 */
export function coalesce_burst(node: usize, burst: usize): i32 {
  return runElement(node, burst, Element.Coalesce);
}
