// What heddle is held to: Linux's own answers (kernel 6.18) and what RFCs ask for, a line each.
// Tests are keyed by these lines, so that a line without a test does not compile.
import { describe, it } from "node:test";

/** How a port reads the rules: PortFlag LinuxMode, set or clear. */
export type Mode = "linux" | "rfc";

export const MODES: readonly Mode[] = ["linux", "rfc"];

/** Decapsulation of one VXLAN datagram, on a learning device. */
export const DECAP_ROWS = [
  "UDP checksum 0 / correct: delivered",
  "wrong non-zero UDP checksum: dropped",
  "I flag clear, VNI not ours, less than 8 B of header, header only, 13 B inner: dropped",
  "any reserved bit set: dropped by Linux, ignored by RFC 7348",
  "inner exactly 14 B, or inner IP truncated: dropped",
  "inner source = own MAC, multicast, or zero: dropped",
  "inner dst another MAC: delivered",
  "outer source any (spoofed): delivered and learned",
  "outer source = own address: dropped",
  "outer first fragment only, UDP length > data or < 8, bad outer IP checksum: dropped",
  "outer IP options, outer TTL 0 or 1: delivered",
  "ECN outer x inner (RFC 6040)",
] as const;

/** Encapsulation, as the kernel's selftest vxlan_bridge_1d.sh looks at it. */
export const ENCAP_ROWS = [
  "envelope TTL as set",
  "TOS inherit",
  "ECN 0->0 1->1 2->2, and 3->2 in linux mode, 3->3 in rfc mode",
  "flood goes to every 00:00:00:00:00:00 default entry",
  "unicast goes to exactly one",
  "unresolved default entries do not duplicate",
  "learned, then aged",
] as const;

export const BRIDGE_ROWS = [
  "learns unicast source",
  "does not learn multicast, nor zero",
  "moves on new port at once",
  "floods unknown",
  "never back to ingress (hairpin off)",
  "a static entry is moved by learning",
  "a sticky entry is not moved by learning",
  "01:80:c2:00:00:00 is forwarded while STP is off, other 01:80:c2:00:00:0x are not",
  "entry alive at 0.8 x the ageing time, gone by 2 x",
] as const;

/** Whether a gateway is on the link is for whoever sets hops to know; the core takes any. */
export const ROUTE_ROWS = ["unaligned prefix refused", "duplicate: EEXIST"] as const;

export const RFC_VXLAN_ROWS = [
  "RFC 7348 section 5: flag I is one, reserved bits are zero on send",
  "RFC 7348 section 5: reserved bits are ignored on receive",
  "RFC 7348 section 5: the VNI has 24 bits",
  "RFC 7348 section 5: destination port as configured",
  "RFC 7348 section 5: source port by inner hash, from the range that it suggests",
  "RFC 7348 section 5: UDP checksum zero on send, non-zero verified on receive",
  "RFC 7348 section 4.3: a VTEP neither fragments nor reassembles",
  "RFC 7348 section 6.1: an inner VLAN tag is discarded unless configured",
  "RFC 7348 section 7: a rogue VTEP is kept out where peers are listed",
  "draft-smith-vxlan-group-policy: G, D and A are no reserved bits where the port says so",
  "RFC 8926: Geneve is not VXLAN",
] as const;

export const RFC_SUM_ROWS = [
  "RFC 768: length from 8 to what IP carries",
  "RFC 768: checksum 0 is none, and a computed 0 is sent as 0xffff",
  "RFC 1071: the sum depends neither on byte order nor on how data is grouped",
  "RFC 1141 and 1624: incremental is full, for each value of one word",
  "RFC 1624: flannel's trick for the TTL comes to the same checksum",
] as const;

export const RFC_IP_ROWS = [
  "RFC 6040 section 4.1: outer ECN on encapsulation, normal mode",
  "RFC 6040 section 4.2: inner ECN on decapsulation",
  "RFC 2003 section 3.1: the TTL inside, less one when forwarded in, and as it is coming out",
  "RFC 2003 section 3.1: the outer header",
  "RFC 2003 section 3.1: DF outside where it is set inside",
  "RFC 2003 section 4: what went round through the tunnel is discarded",
  "RFC 1519 and 3442: the longest prefix decides",
  "RFC 7112: IPv6 is refused cleanly where IPv4 is meant, and bridged as any frame",
] as const;

export const RFC_PATH_ROWS = [
  "RFC 1191 section 4: who forbids fragments is told the MTU inside, of every kind of tunnel",
  "RFC 791: who allows fragments is not told, and the underlay cuts",
  "RFC 1812 section 4.3.2.7: no error about an error, a later fragment, or what goes to many",
  "RFC 9293 section 3.7.1: an MSS leaves room for headers and tunnel, both ways",
  "CVE-2020-10136: nothing goes back to the remote that its source lives behind",
] as const;

export type DecapRow = (typeof DECAP_ROWS)[number];
export type EncapRow = (typeof ENCAP_ROWS)[number];
export type BridgeRow = (typeof BRIDGE_ROWS)[number];
export type RouteRow = (typeof ROUTE_ROWS)[number];
export type RfcVxlanRow = (typeof RFC_VXLAN_ROWS)[number];
export type RfcSumRow = (typeof RFC_SUM_ROWS)[number];
export type RfcIpRow = (typeof RFC_IP_ROWS)[number];
export type RfcPathRow = (typeof RFC_PATH_ROWS)[number];

/** A test for each row, in both modes. */
export function inBothModes<Row extends string>(
  title: string,
  tests: Readonly<Record<Row, (mode: Mode) => Promise<void>>>,
): void {
  for (const mode of MODES) {
    describe(`${title}, ${mode} mode`, () => {
      for (const [row, check] of rowsOf(tests)) it(row, () => check(mode));
    });
  }
}

/** A test for each row. */
export function inOrder<Row extends string>(
  title: string,
  tests: Readonly<Record<Row, () => Promise<void> | void>>,
): void {
  describe(title, () => {
    for (const [row, check] of rowsOf(tests)) it(row, check);
  });
}

function rowsOf<Row extends string, T>(tests: Readonly<Record<Row, T>>): [Row, T][] {
  return Object.entries(tests) as [Row, T][];
}
