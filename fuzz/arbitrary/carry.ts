// IPv4 packets: the header with all that it may say, and a body behind it.
import fc from "fast-check";
import { type Ipv4Fields, ipv4 } from "../../test/model/packet.ts";
import { ipv4Of } from "./address.ts";
import { type Body, icmpBody, igmpBody, plainUdp, tcpBody } from "./body.ts";
import type { Cast } from "./cast.ts";
import { type Codec, codecOf } from "./form.ts";
import { noise } from "./noise.ts";
import { brokenOptions, ipv4Options } from "./option.ts";

type Bytes = fc.Arbitrary<Uint8Array>;

/** For experiments, and nobody else (RFC 3692). */
const PROTOCOL_UNKNOWN = 253;
const OFFSET_MAX = 0x1f00; // a fragment there still ends below 65536
const MORE_FRAGMENTS = 0x2000;

/** A header that a host sends. */
export function head(cast: Cast): fc.Arbitrary<Ipv4Fields> {
  return fc.record({
    src: ipv4Of(...cast.hosts),
    dst: ipv4Of(...cast.hosts),
    tos: fc.nat(255),
    id: fc.nat(0xffff),
    ttl: fc.oneof(fc.constantFrom(1, 64, 255), fc.nat(255)),
    fragment: fc.constantFrom(0, 0x4000),
    options: fc.oneof(
      { arbitrary: fc.constant(new Uint8Array()), weight: 3 },
      { arbitrary: ipv4Options, weight: 1 },
    ),
  });
}

/** Packets that carry `body`. */
export function carry<F>(cast: Cast, body: Body<F>): Codec {
  return codecOf({
    link: "ip",
    fields: fc.record({ ip: head(cast), fields: body.fields, lie: fc.constant({}) }),
    lies: body.lies.map((lie) => ({ lie })),
    wholeLen: Number.POSITIVE_INFINITY,
    build: ({ ip, fields, lie }) => {
      const { protocol } = body;
      return ipv4({ ...ip, protocol }, body.build({ ...fields, ...lie }, ip));
    },
  });
}

/** Whole packets of the hosts of `cast`: UDP, TCP, ICMP and IGMP. */
export function plainPackets(cast: Cast): Bytes {
  const all = [
    carry(cast, plainUdp),
    carry(cast, tcpBody),
    carry(cast, icmpBody(cast)),
    carry(cast, igmpBody),
  ];
  return fc.oneof(...all.map((codec) => codec.legal));
}

// All but the last carry a multiple of eight bytes.
const fragment = fc
  .record({
    offset: fc.integer({ min: 1, max: OFFSET_MAX }),
    hasMore: fc.boolean(),
    protocol: fc.constantFrom(1, 6, 17, PROTOCOL_UNKNOWN),
    bytes: noise(64),
  })
  .map(({ offset, hasMore, protocol, bytes }) => ({
    fragment: offset + (hasMore ? MORE_FRAGMENTS : 0),
    protocol,
    bytes: hasMore ? bytes.slice(0, bytes.length & ~7) : bytes,
  }));

const first = noise(64).map((bytes) => ({
  fragment: MORE_FRAGMENTS,
  protocol: PROTOCOL_UNKNOWN,
  bytes: bytes.slice(0, bytes.length & ~7),
}));

const whole = noise(64).map((bytes) => ({ protocol: PROTOCOL_UNKNOWN, bytes }));

const lies = fc.oneof(
  fc.record({ version: fc.constantFrom(0, 5, 6, 15) }),
  fc.record({ ihl: fc.nat(4) }),
  fc.record({ totalLength: fc.oneof(fc.nat(19), fc.constant(65535)) }),
  fc.record({ checksum: fc.nat(0xffff) }),
  fc.record({ options: brokenOptions }),
);

/** IPv4 itself: options, fragments, and a payload of a protocol that nobody knows. */
export function ipv4Codec(cast: Cast): Codec {
  return codecOf({
    link: "ip",
    fields: fc.record({
      ip: head(cast),
      body: fc.oneof(fragment, first, whole),
      lie: fc.constant({}),
    }),
    lies: lies.map((lie) => ({ lie })),
    wholeLen: Number.POSITIVE_INFINITY,
    build: ({ ip, body: { bytes, ...fields }, lie }) => ipv4({ ...ip, ...fields, ...lie }, bytes),
  });
}
