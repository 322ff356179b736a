// Packets: legal ones, ones that are legal but for a small fault, and noise, all built the slow
// way from fields, so that a failure shrinks field by field.
import fc from "fast-check";
import { tcp } from "../../test/model/headers.ts";
import {
  type ArpFields,
  arp,
  ethernet,
  icmp,
  ipv4,
  join,
  udp,
  vxlan,
} from "../../test/model/packet.ts";
import { ipv4Of, macOf } from "./address.ts";
import type { Cast } from "./cast.ts";
import { nearly, noise, payload } from "./noise.ts";
import { brokenOptions, tcpOptions } from "./option.ts";

type Bytes = fc.Arbitrary<Uint8Array>;

/** Mostly what `bytes` gives, at times with small faults, at times noise. */
export function mostly(bytes: Bytes): Bytes {
  return fc.oneof(
    { arbitrary: bytes, weight: 6 },
    { arbitrary: nearly(bytes), weight: 3 },
    { arbitrary: noise(96), weight: 1 },
  );
}

const MSS = Uint8Array.of(2, 4, 5, 180);
const ODD_MSS = Uint8Array.of(1, 2, 4, 5, 180, 1, 1, 1);
const NOBODY = { src: "0.0.0.0", dst: "0.0.0.0" };

const byte = fc.nat(255);
const port = fc.oneof(fc.constantFrom(0, 53, 80, 4789, 8472, 8285, 65535), fc.nat(65535));

// A connection that begins, with what it offers, and checksums of any kind.
const syn: Bytes = fc
  .record({
    srcPort: port,
    dstPort: port,
    flags: fc.constantFrom(0x02, 0x12, 0x10),
    options: fc.oneof(fc.constantFrom(MSS, ODD_MSS), tcpOptions, brokenOptions),
    checksum: fc.nat(65535),
  })
  .map((fields) => tcp({ ...fields, pseudo: NOBODY }, new Uint8Array()));

// About as long as the shortest packet that every path takes.
const short: Bytes = fc
  .integer({ min: 38, max: 44 })
  .map((len) => udp({ srcPort: 7, dstPort: 7, checksum: 0 }, new Uint8Array(len)));

const tcpHead = noise(20).map((bytes) => join(bytes, new Uint8Array(20 - bytes.length)));

const transport: fc.Arbitrary<{ protocol: number; body: Uint8Array }> = fc.oneof(
  fc
    .record({ srcPort: port, dstPort: port, body: payload })
    .map(({ body, ...ports }) => ({ protocol: 17, body: udp({ ...ports, checksum: 0 }, body) })),
  fc.tuple(tcpHead, payload).map(([head, body]) => ({ protocol: 6, body: join(head, body) })),
  fc
    .record({ type: fc.constantFrom(0, 3, 4, 5, 8, 11, 12, 13), code: fc.nat(15), body: payload })
    .map(({ type, code, body }) => ({ protocol: 1, body: icmp(type, code, 0x10001, body) })),
  syn.map((body) => ({ protocol: 6, body })),
  short.map((body) => ({ protocol: 17, body })),
  fc.record({ protocol: byte, body: payload }),
);

// Of the option that does nothing.
const options: Bytes = fc.nat(10).map((words) => new Uint8Array(words * 4).fill(1));

// Each of them is seldom there: what they say contradicts the packet.
const lies = fc.record(
  {
    totalLength: fc.constantFrom(0, 19, 20, 21, 1500, 65535),
    version: fc.constantFrom(0, 5, 6, 15),
    ihl: fc.constantFrom(0, 4, 6, 15),
    checksum: fc.constantFrom(0, 0xffff),
  },
  { requiredKeys: [] },
);

const rarely = <T>(usual: T, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ arbitrary: fc.constant(usual), weight: 5 }, { arbitrary, weight: 1 });

const fragments = fc.constantFrom(0x4000, 0x2000, 0x2001, 0x0001, 0x1fff, 0x8000);

/** An IPv4 packet between the hosts of `cast`, its header whole for the most part. */
export function ipv4Packet(cast: Cast): Bytes {
  return fc
    .record({
      src: ipv4Of(...cast.hosts),
      dst: ipv4Of(...cast.hosts),
      ttl: fc.oneof(fc.constantFrom(0, 1, 2, 64, 255), byte),
      tos: byte,
      id: fc.nat(65535),
      fragment: fc.oneof(rarely(0, fragments), fc.constant(0x4000)),
      options: rarely(new Uint8Array(), options),
      lies: rarely({}, lies),
      inner: transport,
      trailer: rarely(new Uint8Array(), noise(18)), // as on a short Ethernet frame
    })
    .map(({ inner, trailer, lies: told, ...fields }) => {
      const { protocol, body } = inner;
      return join(ipv4({ ...fields, protocol, ...told }, body), trailer);
    });
}

/** An ARP message between the hosts of `cast`. */
export function arpMessage(cast: Cast): Bytes {
  const fields: fc.Arbitrary<ArpFields> = fc.record({
    operation: fc.constantFrom(1, 1, 1, 2, 0, 3),
    senderMac: macOf(...cast.stations),
    senderAddress: ipv4Of(...cast.hosts),
    targetMac: macOf(...cast.stations),
    targetAddress: ipv4Of(...cast.hosts),
  });
  return fields.map(arp);
}

const exactly = (len: number): Bytes => fc.uint8Array({ minLength: len, maxLength: len });

/** An IPv6 packet as far as its ports, at times cut off. */
export const ipv6Packet: Bytes = fc
  .record({
    nextHeader: fc.constantFrom(6, 17, 58, 0),
    addresses: exactly(32),
    behind: exactly(8),
    len: fc.integer({ min: 38, max: 48 }),
  })
  .map(({ nextHeader, addresses, behind, len }) => {
    const head = Uint8Array.of(0x60, 0, 0, 0, 0, 8, nextHeader, 64);
    return join(head, addresses, behind).slice(0, len);
  });

/** An Ethernet frame between the stations of `cast`. */
export function frame(cast: Cast): Bytes {
  const body = fc.oneof(
    { arbitrary: ipv4Packet(cast).map((bytes) => ({ etherType: 0x0800, bytes })), weight: 5 },
    { arbitrary: arpMessage(cast).map((bytes) => ({ etherType: 0x0806, bytes })), weight: 2 },
    { arbitrary: ipv6Packet.map((bytes) => ({ etherType: 0x86dd, bytes })), weight: 1 },
    {
      arbitrary: fc.record({
        etherType: fc.constantFrom(0x0800, 0x0806, 0x8100, 0x86dd, 0x88cc, 0x0000),
        bytes: payload,
      }),
      weight: 2,
    },
  );
  return fc
    .record({ dst: macOf(...cast.stations), src: macOf(...cast.stations), body })
    .map(({ body: { etherType, bytes }, ...macs }) => ethernet({ ...macs, etherType }, bytes));
}

/** A complete frame to the first VTEP of `cast` with an IP packet in IP. */
export function ipipFrame(cast: Cast, inner: Bytes): Bytes {
  const [own = ""] = cast.vteps;
  return fc
    .record({
      src: ipv4Of(...cast.vteps),
      dst: rarely(own, ipv4Of(...cast.vteps)),
      tos: byte,
      protocol: rarely(4, byte),
      fragment: rarely(0, fragments),
      options: rarely(new Uint8Array(), options),
      lies: rarely({}, lies),
      inner,
    })
    .map(({ inner: bytes, lies: told, ...ip }) => {
      const macs = { dst: "02:00:00:00:ff:01", src: "02:00:00:00:ff:02" };
      return ethernet(macs, ipv4({ ...ip, ...told }, bytes));
    });
}

/** A VXLAN header with `inner` behind it. */
export function vxlanDatagram(cast: Cast, inner: Bytes): Bytes {
  return fc
    .record({
      vni: rarely(cast.vnis[0] ?? 0, fc.constantFrom(...cast.vnis, 0, 0xffffff)),
      flags: rarely(8, byte),
      reserved: rarely(0, fc.nat(0xffffff)),
      reservedLast: rarely(0, byte),
      inner,
    })
    .map(({ inner: bytes, ...fields }) => vxlan(fields, bytes));
}

/** A complete outer frame around a UDP payload, to the first VTEP of `cast`. */
export function outerFrame(cast: Cast, inner: Bytes): Bytes {
  const [own = ""] = cast.vteps;
  return fc
    .record({
      src: ipv4Of(...cast.vteps),
      dst: rarely(own, ipv4Of(...cast.vteps)),
      ttl: byte,
      tos: byte,
      protocol: rarely(17, byte),
      fragment: rarely(0, fragments),
      options: rarely(new Uint8Array(), options),
      lies: rarely({}, lies),
      srcPort: port,
      dstPort: rarely(cast.udpPorts[0] ?? 0, fc.constantFrom(...cast.udpPorts)),
      sum: rarely("none", fc.constantFrom("right", "wrong")),
      length: rarely(undefined, fc.constantFrom(0, 7, 8, 9, 65535)),
      excess: rarely(0, fc.constantFrom(-1, 1, 2)), // of the length field
      inner,
      trailer: rarely(new Uint8Array(), noise(18)),
    })
    .map(({ inner: bytes, srcPort, dstPort, sum, length, excess, lies: told, trailer, ...ip }) => {
      const { src, dst } = ip;
      const lengths = { length: length ?? 8 + bytes.length + excess };
      const sums =
        sum === "right" ? { pseudo: { src, dst } } : { checksum: sum === "none" ? 0 : 1 };
      const datagram = udp({ srcPort, dstPort, ...lengths, ...sums }, bytes);
      const macs = { dst: "02:00:00:00:ff:01", src: "02:00:00:00:ff:02" };
      return join(ethernet(macs, ipv4({ ...ip, ...told }, datagram)), trailer);
    });
}
