// What libFuzzer begins with: packets of every kind and calls that are right, in the form that the
// harness reads, and a dictionary of what they have in common. All of it follows from the vectors
// and the generators, so none of it is kept.
import { readdirSync, readFileSync } from "node:fs";
import { join as joinPath } from "node:path";
import fc from "fast-check";
import { bytesOf, join } from "../../test/model/packet.ts";
import { CAST, codecs, frame, ipv4Packet, outerFrame, vxlanDatagram } from "../arbitrary/index.ts";
import { goodRecord } from "../records.ts";
import { SIGNATURES } from "../signature.ts";
import { superPacket } from "../supers.ts";
import { ROOT } from "./build.ts";
import { CALLS, COMMANDS, ELEMENT, ELEMENTS } from "./world.ts";

const SEED = 1;
const LEN_MAX = 400;
const EACH = 4;
const FIRST_VECTORS = 12;

// Control bytes as packets.c reads them.
const ETHERNET = 0;
const IPV4 = 1;
const PORT_FLAGS: readonly number[][] = [
  ...[
    [0, 0, 0],
    [1, 0, 0],
    [2, 0, 1],
    [3, 1, 0],
  ],
  ...[
    [64, 0, 16],
    [128, 0, 16],
    [8, 2, 0],
    [0x83, 0, 0],
  ],
];
const L3 = 1;
const SHARED = 8;
const WHERE = [0x18, 0, 0]; // at port 0, from no remote, ending where memory does
const OFFLOADED = 12; // a burst with Virtio and UdpL4
const PEER = 0x20; // added to the first of them: the second of the VTEPs sent it

// Argument bytes as commands.c reads them.
const AT_NODE = 0;
const AT_SCRATCH = 65;
const AT_OUT = 66;
const AT_BURST = 67;
const CALL = 128;

export function seeds(): Uint8Array[] {
  return [...decodeSeeds(), ...elementSeeds(), ...callSeeds()].filter((one) => one.length > 0);
}

function draw(bytes: fc.Arbitrary<Uint8Array>, count = EACH): Uint8Array[] {
  return fc.sample(bytes, { seed: SEED, numRuns: count }).filter((one) => one.length <= LEN_MAX);
}

function decodeSeeds(): Uint8Array[] {
  const drawn = Object.values(codecs()).flatMap(({ link, legal }) => {
    const start = link === "ethernet" ? ETHERNET : IPV4;
    return draw(legal).map((bytes) => join(Uint8Array.of(0, start, 0), bytes));
  });
  return [...drawn, ...vectors().map((bytes) => join(Uint8Array.of(0, ETHERNET, 0), bytes))];
}

// Frames of flannel's own networks.
function vectors(): Uint8Array[] {
  const folder = joinPath(ROOT, "test/vectors");
  const files = readdirSync(folder).filter((file) => file.endsWith(".hex"));
  return files.flatMap((file) => {
    const lines = readFileSync(joinPath(folder, file), "utf8").split("\n");
    const frames = lines.filter((line) => /^[0-9a-f]{28,}/i.test(line)).map(bytesOf);
    return frames.filter((one) => one.length <= LEN_MAX).slice(0, FIRST_VECTORS);
  });
}

function elementSeeds(): Uint8Array[] {
  const inner = frame(CAST).map((bytes) => bytes.slice(0, 60));
  const kinds = [
    { bytes: frame(CAST), flags: 0 },
    { bytes: ipv4Packet(CAST), flags: L3 },
    { bytes: vxlanDatagram(CAST, inner), flags: 0 },
    { bytes: outerFrame(CAST, vxlanDatagram(CAST, inner)), flags: 0 },
    { bytes: outerFrame({ ...CAST, udpPorts: [8285] }, ipv4Packet(CAST)), flags: 0 },
    { bytes: superPackets(14), flags: 0, shape: OFFLOADED },
    { bytes: superPackets(0), flags: L3, shape: OFFLOADED },
  ];
  const packets = kinds.flatMap(({ bytes, flags, shape = 0 }) =>
    draw(bytes).map((one) => ({ one, flags, shape })),
  );
  return ELEMENTS.flatMap((_, element) =>
    packets.map(({ one, flags, shape }, at) => {
      const settings = PORT_FLAGS[at % PORT_FLAGS.length] ?? [];
      const shared = at % 2 === 0 ? SHARED : 0;
      const [who = 0, ...rest] = WHERE;
      const control = [flags + shared, who + PEER, ...rest];
      return join(Uint8Array.of(ELEMENT + element, shape, 0, ...settings, ...control), one);
    }),
  );
}

// With what a device says in front of them.
function superPackets(linkLen: number): fc.Arbitrary<Uint8Array> {
  const all = superPacket.map((one) => ({ ...one, bytes: join(one.header, one.packet) }));
  const few = all.filter((one) => one.linkLen === linkLen && one.bytes.length <= LEN_MAX);
  return few.map(({ bytes }) => bytes);
}

// A good record, and the call that takes it.
function callSeeds(): Uint8Array[] {
  return CALLS.map((name, index) => {
    const record = goodRecord(name);
    const args = (SIGNATURES[name] ?? []).map(({ is }) => {
      if (is === "node") return AT_NODE;
      if (is === "out") return AT_OUT;
      if (is === "count") return 1;
      if (is === "records" || is === "keys") return name.endsWith("_burst") ? AT_BURST : AT_SCRATCH;
      return 0;
    });
    const isTimed = SIGNATURES[name]?.some(({ is }) => is === "now") ?? false;
    const written = record.length === 0 ? [] : [record.length, 0, ...record];
    const call = [CALL, 0, index, ...args, ...(isTimed ? [1, 0] : [1, 0])];
    return Uint8Array.of(COMMANDS, 0, ...written, ...call);
  });
}

/** Words that packets have in common, in libFuzzer's own format. */
export function dictionary(): string {
  const words = [
    ...["0800", "0806", "8100", "88a8", "86dd", "2118", "12b5", "1a80", "205d", "4500", "4600"],
    ...["08000000", "00000500", "0000050000", "000108000604", "0001080006040001"],
    ...["ffffffffffff", "01005e000001", ...CAST.stations.map((mac) => mac.replaceAll(":", ""))],
    ...[...CAST.hosts, ...CAST.vteps].map((address) =>
      address
        .split(".")
        .map((octet) => Number(octet).toString(16).padStart(2, "0"))
        .join(""),
    ),
  ];
  const escaped = (hex: string): string => hex.replace(/../g, (byte) => `\\x${byte}`);
  return words.map((word) => `"${escaped(word)}"\n`).join("");
}
