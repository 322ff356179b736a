// Every codec beside tshark: packets drawn from a seed are encoded, and then heddle and tshark must
// say the same of the bytes, field by field, checksums verified.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type Core, decode, encode, type LayerInit, openCore } from "../../bindings/core/index.ts";
import { type LinkType, PcapngWriter } from "../../bindings/lab/index.ts";
import { openUdpEnd, openVtep, PEER, PEER_MAC } from "../host/path/vtep.ts";
import { need } from "../need.ts";
import { Choice } from "./codec/choice.ts";
import { toldByHeddle } from "./codec/heddle.ts";
import { seedOf } from "./codec/seed.ts";
import { CODECS, type CodecName, type Specimen, specimens } from "./codec/specimen.ts";
import { type Told, toldByTshark } from "./codec/tshark.ts";

const PACKETS = 600; // of each codec
const WRONG_PACKETS = 120;

let core: Core;
let folder = "";
before(async () => {
  core = await openCore();
  folder = await mkdtemp(join(tmpdir(), "heddle-"));
});
after(() => rm(folder, { recursive: true }));

interface Packet {
  readonly link: LinkType;
  readonly bytes: Uint8Array;
}

async function expectSame(name: string, packets: readonly Packet[]): Promise<Told[][]> {
  const chunks: Uint8Array[] = [];
  const writer = new PcapngWriter((chunk) => chunks.push(chunk));
  writer.addInterface({ name: "frames", linkType: "ethernet" });
  writer.addInterface({ name: "packets", linkType: "ip" });
  for (const { bytes, link } of packets) {
    writer.addPacket({ interface: link === "ip" ? 1 : 0, timeNs: 0n, bytes });
  }
  const file = join(folder, `${name}.pcapng`);
  await writeFile(file, Buffer.concat(chunks));
  const told = await toldByTshark(file);
  assert.equal(told.length, packets.length);
  packets.forEach(({ bytes, link }, at) => {
    const hex = Buffer.from(bytes).toString("hex");
    assert.deepEqual(toldByHeddle(core, bytes, link), told[at], `packet ${at}: ${hex}`);
  });
  return told;
}

function packetOf({ layers, link }: Specimen): Packet {
  return { link, bytes: encode(layers) };
}

/** What was put in comes out: layers in their order, and every field that was given. */
function expectGiven({ layers, link }: Specimen): void {
  const { error, layers: found } = decode(core, encode(layers), { link });
  assert.equal(error, undefined);
  const names = (list: readonly { layer: string }[]): string[] => list.map(({ layer }) => layer);
  assert.deepEqual(names(found), names(layers));
  found.forEach(({ fields, status }, at) => {
    assert.equal(status, undefined);
    const given = layers[at]?.fields ?? {};
    assert.deepEqual({ ...fields, ...given }, fields);
  });
}

for (const codec of CODECS) {
  test(`${codec}: ${PACKETS} packets, the same to tshark`, need("tshark"), async (t) => {
    const drawn = specimens(codec, seedOf(t), PACKETS);
    for (const specimen of drawn) expectGiven(specimen);
    const told = await expectSame(codec, drawn.map(packetOf));
    assert.deepEqual([...statusesIn(told)], []);
  });
}

function statusesIn(told: readonly Told[][]): Set<string | undefined> {
  return new Set(told.flat().flatMap(({ status }) => (status === undefined ? [] : [status])));
}

/** Which layer of a codec is to have a wrong checksum, counted from the outermost of its name. */
const WRONG: readonly [codec: CodecName, layer: LayerInit["layer"], nth: number][] = [
  ["ipv4", "ipv4", 0],
  ["fragments", "ipv4", 0],
  ["ipip", "ipv4", 0],
  ["ipip", "ipv4", 1],
  ["icmp", "icmp", 0],
  ["igmp", "igmp", 0],
  ["udp", "udp", 0],
  ["tcp", "tcp", 0],
  ["vxlan", "ipv4", 0],
  ["vxlan", "udp", 0],
  ["vxlan", "icmp", 0],
  ["flannel", "ipv4", 1],
  ["flannel", "udp", 1],
];

for (const [codec, layer, nth] of WRONG) {
  const what = `${codec}: a wrong checksum in ${layer} ${nth + 1} is noticed by both`;
  test(what, need("tshark"), async (t) => {
    const seed = seedOf(t);
    const from = new Choice(seed);
    const wrong = specimens(codec, seed, WRONG_PACKETS).flatMap((specimen) => {
      const packet = withWrong(specimen, layer, nth, from);
      return packet === null ? [] : [packet];
    });
    assert.ok(wrong.length > WRONG_PACKETS / 8, `${wrong.length} packets`);
    const told = await expectSame(`wrong-${codec}`, wrong);
    for (const layers of told) {
      const bad = layers.filter(({ status }) => status === "BadChecksum");
      const place = layers.filter((one) => one.layer === layer)[nth];
      assert.deepEqual(bad, [place]);
    }
  });
}

/** The packet with another checksum in one layer; null where it has none. */
function withWrong(
  { layers, link }: Specimen,
  layer: LayerInit["layer"],
  nth: number,
  from: Choice,
): Packet | null {
  const { layers: right } = decode(core, encode(layers), { link });
  const places = layers.flatMap((one, at) => (one.layer === layer ? [at] : []));
  const place = places[nth];
  const fields = right[place ?? -1]?.fields;
  if (place === undefined || fields === undefined || !("checksum" in fields)) return null;
  if (fields.checksum === 0) return null; // UDP without one
  // Zero would be none, and 0xffff is the same sum: one to 0xfffe, another than the right one.
  const shift = 1 + from.below(0xfffd);
  const checksum = 1 + ((fields.checksum - 1 + shift) % 0xfffe);
  const changed = layers.map((one, at) =>
    at === place ? { ...one, fields: { ...one.fields, checksum } } : one,
  );
  return { link, bytes: encode(changed as LayerInit[]) };
}

test("what the core encapsulates in VXLAN, the same to tshark", need("tshark"), async (t) => {
  const seed = seedOf(t);
  const vtep = await openVtep(["linuxMode", "ecn", "udpChecksum"]);
  vtep.pin(PEER_MAC, PEER);
  const frames = [...specimens("udp", seed, PACKETS), ...specimens("icmp", seed, PACKETS)]
    .filter(({ link }) => link === "ethernet")
    .map(({ layers: [first, ...rest] }) => {
      const macs = { ...first?.fields, dst: PEER_MAC } as const;
      return encode([{ layer: "ethernet", fields: macs } as LayerInit, ...rest]);
    });
  const packets = frames.map((frame) => {
    const { bytes, verdict } = vtep.feed("vxlan_encap_frame_burst", frame);
    assert.ok(bytes !== undefined, verdict);
    return { link: "ethernet" as const, bytes: Uint8Array.from(bytes) };
  });
  assert.ok(packets.length >= PACKETS);
  const told = await expectSame("encap-vxlan", packets);
  assert.deepEqual([...statusesIn(told)], []);
  for (const layers of told) {
    const names = layers.slice(0, 5).map(({ layer }) => layer);
    assert.deepEqual(names, ["ethernet", "ipv4", "udp", "vxlan", "ethernet"]);
  }
});

test("what the core sends to flannel's port, the same to tshark", need("tshark"), async (t) => {
  const end = await openUdpEnd(["linuxMode", "dontFragment", "udpChecksum"]);
  const packets: Packet[] = [];
  for (const { layers } of specimens("udp", seedOf(t), PACKETS)) {
    const [first, ...rest] = layers.filter(({ layer }) => layer !== "ethernet");
    const fields = { ...first?.fields, dst: "100.96.2.3", ttl: 64 };
    const packet = encode([{ layer: "ipv4", fields } as LayerInit, ...rest]);
    const { bytes, verdict } = end.feed("udp_encap_frame_burst", packet, { flags: ["l3"] });
    assert.ok(bytes !== undefined, verdict);
    packets.push({ link: "ethernet", bytes: Uint8Array.from(bytes) });
  }
  const told = await expectSame("encap-udp", packets);
  assert.deepEqual([...statusesIn(told)], []);
  for (const layers of told) {
    const names = layers.slice(0, 5).map(({ layer }) => layer);
    assert.deepEqual(names, ["ethernet", "ipv4", "udp", "ipv4", "udp"]);
  }
});
