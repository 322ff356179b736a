// What address translation is fed with: packets of a small world, so that their ends collide, rules
// that it can have, and ICMP errors.
import fc from "fast-check";
import { encode, type LayerInit } from "../bindings/core/index.ts";
import type { Ends, ModelPacket, ModelRule, RuleFlag } from "../test/model/nat.ts";

/** Rules that there is room for. */
export const RULES = 5;

const ADDRESSES = ["172.17.0.2", "172.17.0.3", "10.168.0.2", "10.168.0.77", "192.0.2.53"];
const NETS = ["0.0.0.0/0", "0.0.0.0/0", "172.17.0.0/16", "172.17.0.2/32", "10.168.0.2/32"];
const PORT_NUMBERS = [80, 123, 700, 5000, 5001];
export const ICMP = 1;
const TCP = 6;
const UDP = 17;
const GRE = 47;
const DATA = "68656c6c6f";
const QUOTE_LEN = 28;
const NO_FLAGS = { syn: false, ack: false, fin: false, rst: false };

/** A packet as it is drawn: one that answers an earlier one has its ends, the other way round. */
export interface Drawn {
  readonly packet: ModelPacket;
  readonly answers: number | null;
  readonly port: number | null;
  readonly isAfter: boolean;
  readonly isShared: boolean;
}

const address = fc.constantFrom(...ADDRESSES);
const number = fc.constantFrom(...PORT_NUMBERS);
export const rarely: fc.Arbitrary<boolean> = fc.constantFrom(false, false, false, false, true);

export const packet: fc.Arbitrary<ModelPacket> = fc
  .record({
    protocol: fc.constantFrom(UDP, UDP, TCP, TCP, ICMP, GRE),
    ends: fc.record({ src: address, srcPort: number, dst: address, dstPort: number }),
    isReply: rarely,
    syn: fc.boolean(),
    ack: fc.boolean(),
    fin: rarely,
    rst: rarely,
  })
  .map(settled);

// Only TCP has flags, and only some protocols ports; an echo's identifier is that of who asks.
function settled({ isReply, ...drawn }: ModelPacket & { readonly isReply: boolean }): ModelPacket {
  const { protocol, ends } = drawn;
  if (protocol === TCP) return drawn;
  if (protocol === UDP) return { ...drawn, ...NO_FLAGS };
  const ids = isReply ? { srcPort: 0 } : { dstPort: 0 };
  const ported = protocol === ICMP ? ids : { srcPort: 0, dstPort: 0 };
  return { protocol, ends: { ...ends, ...ported }, ...NO_FLAGS };
}

const place = fc.record({
  port: fc.constantFrom(null, 0, 0, 1, 1, 2),
  isAfter: fc.boolean(),
});

export const drawn: fc.Arbitrary<Drawn> = fc
  .record({ packet, answers: fc.option(fc.nat(7)), isShared: rarely, place })
  .map(({ place: { port, isAfter }, ...rest }) => {
    return { ...rest, isAfter, port: isAfter ? (port ?? 1) : port };
  });

export interface Told extends Pick<Ends, "src" | "dst"> {
  readonly which: number;
  readonly place: { readonly port: number | null; readonly isAfter: boolean };
  readonly isShort: boolean;
}

export const error: fc.Arbitrary<Told> = fc.record({
  which: fc.nat(7),
  src: address,
  dst: address,
  place,
  isShort: fc.boolean(),
});

export const rule: fc.Arbitrary<ModelRule> = fc
  .record({
    index: fc.nat(RULES - 1),
    hook: fc.constantFrom<ModelRule["hook"]>("prerouting", "output", "postrouting", "postrouting"),
    kind: fc.constantFrom("accept", "skip", "change", "change", "masquerade"),
    next: fc.nat(2),
    protocol: fc.constantFrom(0, 0, TCP, UDP, ICMP),
    port: fc.constantFrom(null, null, 0, 1),
    source: fc.constantFrom(...NETS),
    target: fc.constantFrom(...NETS),
    firstPort: fc.constantFrom(0, 80, 123),
    lastPort: fc.constantFrom(0, 0, 123, 700, 6000),
    toAddress: address,
    toPort: fc.constantFrom(0, 0, 80, 7000),
    flags: fc.subarray<RuleFlag>(
      ["notSource", "notTarget", "notPort", "targetLocal", "randomPort"],
      { maxLength: 2 },
    ),
  })
  .map(lawful);

// What a rule may say depends on its hook, its action and its protocol.
function lawful({
  kind,
  ...one
}: Omit<ModelRule, "action"> & { readonly kind: string }): ModelRule {
  const isPost = one.hook === "postrouting";
  const change = isPost ? (kind === "masquerade" ? "masquerade" : "snat") : "dnat";
  const action = kind === "accept" || kind === "skip" ? kind : change;
  const isTo = action === "snat" || action === "dnat";
  const isPorted = one.protocol === TCP || one.protocol === UDP;
  const isRange = isPorted && one.firstPort <= one.lastPort;
  return {
    ...one,
    action,
    next: action === "skip" ? one.index + 1 + one.next : 0,
    firstPort: isRange ? one.firstPort : 0,
    lastPort: isRange ? one.lastPort : 0,
    toAddress: isTo ? one.toAddress : null,
    toPort: isTo && isPorted ? one.toPort : 0,
  };
}

/** A packet whose checksums are all right. */
export function bytesOf({ protocol, ends, ...flags }: ModelPacket): Uint8Array {
  const { src, srcPort, dst, dstPort } = ends;
  const id = srcPort + dstPort; // one of them is zero
  const layers: Readonly<Record<number, object[]>> = {
    [ICMP]: [{ layer: "icmp", fields: { type: dstPort === 0 ? 8 : 0, code: 0, id, sequence: 1 } }],
    [TCP]: [{ layer: "tcp", fields: { srcPort, dstPort, ...flags } }],
    [UDP]: [{ layer: "udp", fields: { srcPort, dstPort } }],
    [GRE]: [],
  };
  return encode([
    { layer: "ipv4", fields: { src, dst, ttl: 64, protocol } },
    ...(layers[protocol] ?? []),
    { layer: "payload", fields: { data: DATA } },
  ] as LayerInit[]);
}

/** What comes back, with flags of its own where it has some. */
export function answerTo(
  { protocol, ends }: ModelPacket,
  { syn, ack, fin, rst }: ModelPacket,
): ModelPacket {
  const { src, srcPort, dst, dstPort } = ends;
  const flags = protocol === TCP ? { syn, ack, fin, rst } : NO_FLAGS;
  return { protocol, ends: { src: dst, srcPort: dstPort, dst: src, dstPort: srcPort }, ...flags };
}

/** An ICMP error about a packet, all of it or as much as RFC 792 asks for. */
export function errorOf(
  { src, dst }: Pick<Ends, "src" | "dst">,
  about: ModelPacket,
  isShort: boolean,
): Uint8Array {
  const bytes = bytesOf(about);
  const quote = isShort ? bytes.subarray(0, QUOTE_LEN) : bytes;
  return encode([
    { layer: "ipv4", fields: { src, dst, ttl: 64, protocol: ICMP } },
    { layer: "icmp", fields: { type: 3, code: 1 } },
    { layer: "payload", fields: { data: Buffer.from(quote).toString("hex") } },
  ] as LayerInit[]);
}
