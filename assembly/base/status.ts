/**
 * What the core may say.
 *
 * Zero or more is success, and then the number means something: a count, a length, an index.
 * Below zero is one of these. Three ranges, each append-only; a number is never given a second
 * meaning. -1 to -31 answer a caller; -32 to -127 are the reasons why a packet was dropped, and
 * the verdict that its descriptor carries; -128 to -255 are events that are counted while the
 * packet goes on. A node counts each of them at index -Status of its counters; index 0 counts
 * the packets that went through.
 */
export const enum Status {
  Ok = 0,

  BadArgument = -1, // the caller's mistake; nothing was read or written
  NoMemory = -2, // the claimed memory is too small, or was never claimed
  NoRoom = -3, // a table or an output is full; what it held stays
  NotFound = -4,
  Exists = -5,
  Busy = -6, // something else still names it
  Unsupported = -7, // a legal wish that this build cannot fulfil
  OutOfSubnets = -8, // no subnet of the network is free
  BadConfig = -9, // a network config that breaks one of flannel's rules

  Truncated = -32, // fewer bytes than the header needs or claims
  BadVersion = -33,
  BadLength = -34, // a length field that contradicts itself
  BadChecksum = -35,
  BadFlags = -36, // the I flag of VXLAN is clear
  ReservedBits = -37, // a bit that RFC 7348 reserves is set, and the port is in linux mode
  UnknownVni = -38,
  SourceDenied = -39, // the sending VTEP is not on the list
  InnerTruncated = -40, // the encapsulated frame cannot hold its own headers
  BadSourceMac = -41, // source zero, multicast, or our own
  EcnMismatch = -42, // Congestion Experienced outside, Not-ECT inside (RFC 6040, section 4.2)
  NotForUs = -43, // another station's MAC, address or UDP port
  Fragment = -44, // the core does not reassemble
  BadProtocol = -45, // not the protocol that this element takes
  Martian = -46, // a source address that cannot be
  UnknownStation = -47, // no FDB entry, and nobody to flood to
  SplitHorizon = -48, // it came from the remote that it would go to
  NoRoute = -49,
  Blackhole = -50,
  Prohibited = -51,
  TtlExceeded = -52,
  TooBig = -53, // longer than the port's MTU
  Unresolved = -54, // an address that no neighbor entry answers for
  BadPort = -55, // a port that does not exist or is of another kind
  NeedsOffload = -56, // a super-packet or unfinished checksum where none can be taken
  BadRemote = -57, // a table names a remote that is gone
  BadHardware = -58, // ARP for other than Ethernet and IPv4, or with another operation
  Pinned = -59, // a source MAC that a fixed FDB entry places elsewhere
  SourceRoute = -60, // the sender wants a say in the route (RFC 791), which nobody has here
  TinyFragment = -61, // fragments cut so that no filter sees the ports or flags (RFC 1858)
  Unreachable = -62, // a route that says so
  QueueFull = -63, // three packets wait for the neighbor already
  ArpConflict = -64, // ARP that contradicts a permanent entry, or one confirmed just now, or ours
  ArpSpoofed = -65, // a sender that the port's permanent entries do not have
  Unsolicited = -66, // an ARP reply that nobody asked for
  Hairpin = -67, // it would go back out by the port that it came in by
  Isolated = -68, // from one isolated port to another
  ReservedGroup = -69, // 01:80:c2:00:00:01 to 0f, which no bridge hands on
  TunnelLoop = -70, // from or to an end of the tunnel that it would go into (RFC 2003, section 4)
  BadOption = -71, // an option of IPv4 or TCP with a length that cannot be
  BadOffload = -72, // a virtio header, or a size of datagrams, that its packet does not fit

  LearnRefused = -128, // a source was not learned: a limit, or no room
  StationMoved = -129, // a learned MAC now sits behind another remote or port
  ErrorSuppressed = -130, // an ICMP error that the rules, the rate or the room forbade
  NeighborMoved = -131, // a neighbor now has another MAC
  NeighborFailed = -132, // a neighbor that does not answer
}
