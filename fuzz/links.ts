// What the router's law is about: links, routes and hops, and packets and ARP for them.
import fc from "fast-check";
import type { DescFlagName, HopInit } from "../bindings/core/index.ts";
import type { ModelPort, PortFlag } from "../test/model/node.ts";
import { arp, ethernet, ipv4, join } from "../test/model/packet.ts";
import { AMPLE } from "./feed.ts";

export const HOPS: readonly HopInit[] = [
  { index: 0, kind: "connected", port: 0 },
  { index: 1, kind: "connected", port: 1 },
  { index: 2, kind: "connected", port: 2 },
  { index: 3, kind: "unicast", port: 1, gateway: "10.0.1.4" },
  { index: 4, kind: "unicast", port: 0, gateway: "10.0.0.4", mtu: 68 },
  { index: 5, kind: "local" },
  { index: 6, kind: "blackhole" },
  { index: 7, kind: "unreachable" },
  { index: 8, kind: "prohibit" },
  { index: 9, kind: "unicast", port: 1 },
  { index: 10, kind: "unicast" },
];
export const PREFIXES: readonly string[] = [
  "10.0.0.0/24",
  "10.0.1.0/24",
  "10.0.2.0/24",
  "0.0.0.0/0",
  "192.0.2.0/24",
];
const MORE_PREFIXES = ["10.0.1.2/32", "192.0.2.8/29", "224.0.0.0/4", "10.0.1.1/32"];

// Of ports 0 and 1.
export const MACS: readonly string[] = ["02:00:00:00:00:a0", "02:00:00:00:00:a1"];
const STATIONS = ["02:00:00:00:00:01", "02:00:00:00:00:02", "02:00:00:00:00:03"];
const HOSTS = [0, 1].flatMap((net) => [2, 3, 4, 5, 6].map((host) => `10.0.${net}.${host}`));
export const OURS: readonly string[] = ["10.0.0.1", "10.0.1.1", "10.0.2.1"];
const ODD = ["0.0.0.0", "127.0.0.1", "224.0.0.9", "255.255.255.255", "10.0.0.255", "10.0.1.255"];
const FAR = ["192.0.2.1", "192.0.2.9", "10.0.2.7", "8.8.8.8"];

export interface Sent {
  readonly bytes: Uint8Array;
  readonly isArp: boolean;
  readonly port: number | null;
  readonly flags: readonly DescFlagName[];
  readonly outs: number;
}

export interface Entry {
  readonly port: number;
  readonly address: string;
  readonly mac: string;
  readonly state: "reachable" | "permanent" | "stale";
}

export interface Settings extends Pick<ModelPort, "index" | "mtu" | "flags"> {
  readonly isUnnumbered: boolean;
}

const anyAddress = fc.oneof(
  { arbitrary: fc.constantFrom(...HOSTS), weight: 6 },
  { arbitrary: fc.constantFrom(...OURS), weight: 1 },
  { arbitrary: fc.constantFrom(...FAR), weight: 2 },
  { arbitrary: fc.constantFrom(...ODD), weight: 1 },
);
const host = fc.constantFrom(...HOSTS);
const station = fc.constantFrom(...STATIONS);
const portIndex = fc.constantFrom(0, 0, 0, 1, 1);
const destination = fc.oneof(
  { arbitrary: fc.constant("ours"), weight: 8 },
  fc.constantFrom("ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:09", ...STATIONS),
);
const OPTIONS = [
  ...[...Array<string>(24).fill(""), "01010101", "94040000", "9404000007070400000000" + "01"],
  ...["8307040000000000", "0189070400000000", "44050000", "44000000", "0083070000000000"],
].map((hex) => Buffer.from(hex, "hex"));

const ipPacket = fc
  .record({
    src: fc.oneof({ arbitrary: host, weight: 8 }, anyAddress),
    dst: anyAddress,
    ttl: fc.constantFrom(64, 64, 64, 64, 64, 64, 64, 2, 1, 0),
    protocol: fc.constantFrom(17, 17, 6, 1),
    fragment: fc.constantFrom(0, 0, 0, 0x4000, 0x2000, 0x2001, 0x0007, 0x8000, 0x3fff),
    id: fc.nat(0xffff),
    options: fc.constantFrom(...OPTIONS),
    payloadLen: fc.oneof(fc.nat(40), fc.nat(300)),
    type: fc.nat(18),
    fault: fc.oneof(
      { arbitrary: fc.constant(null), weight: 30 },
      fc.record({ at: fc.nat(40), to: fc.nat(255) }),
    ),
    trailer: fc.constantFrom(0, 0, 9),
  })
  .map(({ payloadLen, type, fault, trailer, ...fields }) => {
    const payload = Uint8Array.from({ length: payloadLen }, (_, at) => (at === 0 ? type : at));
    const bytes = join(ipv4(fields, payload), new Uint8Array(trailer));
    if (fault !== null && fault.at < bytes.length) bytes[fault.at] = fault.to;
    return bytes;
  });

const arpPacket = fc
  .record({
    operation: fc.constantFrom(1, 1, 1, 1, 2, 2, 2, 2, 2, 3),
    senderMac: fc.oneof({ arbitrary: station, weight: 9 }, fc.constantFrom(...MACS)),
    senderAddress: fc.oneof({ arbitrary: host, weight: 8 }, anyAddress),
    targetMac: fc.constantFrom("00:00:00:00:00:00", ...MACS),
    targetAddress: fc.oneof(anyAddress, fc.constantFrom(...OURS)),
    cut: fc.constantFrom(28, 28, 28, 28, 28, 28, 28, 28, 28, 46, 27),
  })
  .map(({ cut, ...fields }) => join(arp(fields), new Uint8Array(18)).subarray(0, cut));

const framed = (etherTypes: readonly number[], payload: fc.Arbitrary<Uint8Array>) =>
  fc
    .record({
      port: portIndex,
      dst: destination,
      src: fc.oneof({ arbitrary: station, weight: 15 }, fc.constant("03:00:00:00:00:01")),
      etherType: fc.constantFrom(...etherTypes),
      payload,
    })
    .map(({ port, dst, payload: inner, ...rest }) => {
      const to = dst === "ours" ? (MACS[port] ?? "") : dst;
      return { port, bytes: ethernet({ ...rest, dst: to }, inner) };
    });

const outs = fc.constantFrom(AMPLE.outs, AMPLE.outs, AMPLE.outs, AMPLE.outs, 0, 1, 2);
const flags = fc.constantFrom<DescFlagName[]>([], [], [], ["shared"], ["decapped"]);
const IPV4 = [...Array.from({ length: 12 }, () => 0x0800), 0x86dd];

export const frame: fc.Arbitrary<Sent> = fc
  .tuple(framed(IPV4, ipPacket), flags, outs)
  .map(([one, also, most]): Sent => ({ ...one, isArp: false, flags: also, outs: most }));
export const bare: fc.Arbitrary<Sent> = fc
  .tuple(ipPacket, fc.constantFrom(2, 2, 2, null, 0, 9), flags, outs)
  .map(([bytes, port, also, most]): Sent => {
    return { bytes, port, isArp: false, flags: ["l3", ...also], outs: most };
  });
export const speech: fc.Arbitrary<Sent> = fc
  .tuple(framed([0x0806], arpPacket), fc.boolean(), outs)
  .map(([one, isArp, most]): Sent => ({ ...one, isArp, flags: [], outs: most }));

export const entry: fc.Arbitrary<Entry> = fc.record({
  port: fc.constantFrom(0, 1),
  address: host,
  mac: station,
  state: fc.constantFrom<Entry["state"]>("reachable", "permanent", "stale", "stale"),
});
export const prefix: fc.Arbitrary<string> = fc.constantFrom(...PREFIXES, ...MORE_PREFIXES);
export const settings: fc.Arbitrary<Settings> = fc.record({
  index: portIndex,
  mtu: fc.constantFrom(0, 1500, 68, 40, 27),
  flags: fc.constantFrom<PortFlag[]>([], [], [], ["arpProxy"], ["arpInspect"], ["arpProxy"]),
  isUnnumbered: fc.constantFrom(false, false, false, true),
});
