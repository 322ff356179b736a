// What an IPv4 packet carries: a header of RFC 768, 792, 2236, 3376 or 9293, and what is behind it.
import fc from "fast-check";
import { igmp, tcp } from "../../test/model/headers.ts";
import {
  type Address,
  addressBytes,
  addressNumber,
  icmp,
  ipv4,
  join,
  udp,
} from "../../test/model/packet.ts";
import { anyIpv4, ipv4Of } from "./address.ts";
import type { Cast } from "./cast.ts";
import { payload } from "./noise.ts";
import { brokenOptions, tcpOptions } from "./option.ts";

type Bytes = fc.Arbitrary<Uint8Array>;

/** Source and destination of the packet around a body: checksums need them. */
export interface Ends {
  readonly src: Address;
  readonly dst: Address;
}

/** Fields that agree with each other, lies that do not, and bytes of either. */
export interface Body<F> {
  readonly protocol: number;
  readonly fields: fc.Arbitrary<F & Spoil>;
  readonly lies: fc.Arbitrary<Partial<F & Spoil>>;
  build(fields: F & Spoil, ends: Ends): Uint8Array;
}

/** What can become of any body once it is built. */
interface Spoil {
  /** Added to the checksum; 0 leaves it right. */
  readonly checksumError: number;
  /** Bytes that are left of the body; null for all. */
  readonly cutTo: number | null;
}

interface Shape<F> {
  readonly protocol: number;
  readonly headerLen: number;
  readonly checksumAt: number;
  readonly fields: { [K in keyof F]: fc.Arbitrary<F[K]> };
  readonly lies?: readonly fc.Arbitrary<Partial<F>>[];
  build(fields: F, ends: Ends): Uint8Array;
}

const NONE: Spoil = { checksumError: 0, cutTo: null };

function bodyOf<F extends object>(shape: Shape<F>): Body<F> {
  const { protocol, headerLen, checksumAt, lies = [], build } = shape;
  const error = fc.record({ checksumError: fc.integer({ min: 1, max: 0xfffd }) });
  const cut = fc.record({ cutTo: fc.nat(headerLen - 1) });
  return {
    protocol,
    fields: fc.record(shape.fields).map((fields) => ({ ...(fields as F), ...NONE })),
    lies: fc.oneof(error, cut, ...lies) as fc.Arbitrary<Partial<F & Spoil>>,
    build(fields, ends) {
      const bytes = build(fields, ends);
      const { checksumError, cutTo } = fields;
      if (checksumError !== 0) {
        const sum = (bytes[checksumAt] ?? 0) * 256 + (bytes[checksumAt + 1] ?? 0);
        const other = (sum + checksumError) % 0xffff || 0xffff; // never UDP's "none"
        bytes.set([other >> 8, other & 255], checksumAt);
      }
      return bytes.slice(0, cutTo ?? bytes.length);
    },
  };
}

const word = fc.nat(0xffff);
const long = fc.nat(0xffffffff);
const port = fc.oneof(fc.constantFrom(0, 22, 53, 80, 443, 65535), word);

interface UdpParts {
  readonly srcPort: number;
  readonly dstPort: number;
  readonly hasChecksum: boolean;
  readonly inner: Uint8Array;
  /** The length field; null for the right one. */
  readonly length: number | null;
}

/** A datagram to one of `dstPort`, its checksum right or left out. */
export function udpBody(dstPort: fc.Arbitrary<number>, inner: Bytes): Body<UdpParts> {
  return bodyOf<UdpParts>({
    protocol: 17,
    headerLen: 8,
    checksumAt: 6,
    fields: {
      srcPort: port,
      dstPort,
      hasChecksum: fc.boolean(),
      inner,
      length: fc.constant(null),
    },
    lies: [fc.record({ length: fc.oneof(fc.nat(7), fc.constantFrom(0xfffe, 0xffff)) })],
    build({ hasChecksum, inner: bytes, length, ...ports }, ends) {
      const sum = hasChecksum ? { pseudo: ends } : { checksum: 0 };
      return udp({ ...ports, ...(length === null ? {} : { length }), ...sum }, bytes);
    },
  });
}

/** Any datagram but to a port that a tunnel has. */
export const plainUdp: Body<UdpParts> = udpBody(
  fc.oneof(fc.constantFrom(0, 53, 443, 65535), fc.integer({ min: 10_000, max: 65535 })),
  payload,
);

interface TcpParts {
  readonly srcPort: number;
  readonly dstPort: number;
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly flags: number;
  readonly window: number;
  readonly urgentPointer: number;
  readonly options: Uint8Array;
  readonly inner: Uint8Array;
  /** Words of the header; null for the right number. */
  readonly dataOffset: number | null;
}

export const tcpBody: Body<TcpParts> = bodyOf<TcpParts>({
  protocol: 6,
  headerLen: 20,
  checksumAt: 16,
  fields: {
    srcPort: port,
    dstPort: port,
    sequence: long,
    acknowledgment: long,
    flags: fc.oneof(fc.constantFrom(0x02, 0x12, 0x10, 0x18, 0x11, 0x04), fc.nat(0x1ff)),
    window: word,
    urgentPointer: fc.oneof(fc.constant(0), word),
    options: tcpOptions,
    inner: payload,
    dataOffset: fc.constant(null),
  },
  lies: [
    fc.record({ dataOffset: fc.nat(4) }),
    fc.record({
      dataOffset: fc.constant(15),
      options: fc.constant(new Uint8Array()),
      inner: fc.uint8Array({ maxLength: 39 }),
    }),
    fc.record({ options: brokenOptions }),
  ],
  build({ dataOffset, inner, ...fields }, pseudo) {
    const offset = dataOffset === null ? {} : { dataOffset };
    return tcp({ ...fields, ...offset, pseudo }, inner);
  },
});

interface IcmpParts {
  readonly type: number;
  readonly code: number;
  readonly rest: number;
  readonly data: Uint8Array;
}

/** What an error quotes: a header, and some of what it carried (RFC 1812, 4.3.2.3). */
function quote(cast: Cast): Bytes {
  return fc
    .record({
      src: ipv4Of(...cast.hosts),
      dst: ipv4Of(...cast.hosts),
      protocol: fc.constantFrom(1, 6, 17, 47),
      behind: fc.uint8Array({ minLength: 8, maxLength: 40, size: "max" }),
      missing: fc.oneof(fc.constant(0), fc.nat(1400)),
    })
    .map(({ behind, missing, ...fields }) => {
      // Of TCP as far as the acknowledgment, in front of what would tell of options.
      const quoted = fields.protocol === 6 ? behind.slice(0, 12) : behind;
      return ipv4({ ...fields, totalLength: 20 + quoted.length + missing }, quoted);
    });
}

/** Each kind of RFC 792, RFC 950 and RFC 1191, its data as the kind has it. */
export function icmpBody(cast: Cast): Body<{ message: IcmpParts }> {
  const error = (
    type: number,
    codes: number,
    rest: fc.Arbitrary<number> = fc.constant(0),
  ): fc.Arbitrary<IcmpParts> =>
    fc.record({ type: fc.constant(type), code: fc.nat(codes - 1), rest, data: quote(cast) });
  const query = (types: number[], data: Bytes): fc.Arbitrary<IcmpParts> =>
    fc.record({ type: fc.constantFrom(...types), code: fc.constant(0), rest: long, data });
  const exactly = (len: number): Bytes => fc.uint8Array({ minLength: len, maxLength: len });
  const message = fc.oneof(
    query([0, 8], payload),
    error(3, 16),
    fc.record({ type: fc.constant(3), code: fc.constant(4), rest: word, data: quote(cast) }),
    error(4, 1),
    error(5, 4, ipv4Of(...cast.hosts).map(addressNumber)),
    error(11, 2),
    error(
      12,
      3,
      fc.nat(255).map((pointer) => pointer * 0x1000000),
    ),
    query([13, 14], exactly(12)),
    query([15, 16], exactly(0)),
    query([17, 18], exactly(4)),
  );
  return bodyOf<{ message: IcmpParts }>({
    protocol: 1,
    headerLen: 8,
    checksumAt: 2,
    fields: { message },
    build: ({ message: { type, code, rest, data } }) => icmp(type, code, rest, data),
  });
}

interface IgmpParts {
  readonly type: number;
  readonly maxResponse: number;
  readonly group: Address;
  readonly behind: Uint8Array;
}

const group = fc
  .tuple(fc.integer({ min: 224, max: 239 }), anyIpv4)
  .map(([first, address]) => address.replace(/^\d+/, String(first)));

// RFC 3376, section 4.2: the number of records lies where older versions have the group.
const report = fc
  .array(fc.record({ type: fc.integer({ min: 1, max: 6 }), to: group }), { maxLength: 3 })
  .map((records) => ({
    type: 0x22,
    maxResponse: 0,
    group: `0.0.0.${records.length}`,
    behind: join(
      ...records.map(({ type, to }) => join(Uint8Array.of(type, 0, 0, 0), addressBytes(to))),
    ),
  }));

// RFC 3376, section 4.1: robustness, interval, and no source.
const query3 = fc.constant(Uint8Array.of(2, 125, 0, 0));

export const igmpBody: Body<{ message: IgmpParts }> = bodyOf<{ message: IgmpParts }>({
  protocol: 2,
  headerLen: 8,
  checksumAt: 2,
  fields: {
    message: fc.oneof(
      fc.record({
        type: fc.constantFrom(0x11, 0x12, 0x16, 0x17),
        maxResponse: fc.nat(255),
        group: fc.oneof(group, fc.constant("0.0.0.0")),
        behind: fc.constant(new Uint8Array()),
      }),
      fc.record({ type: fc.constant(0x11), maxResponse: fc.nat(255), group, behind: query3 }),
      report,
    ),
  },
  build: ({ message: { behind, ...fields } }) => igmp(fields, behind),
});
