// Packets taken apart: as the model does it, without a look at a byte that is not theirs, and so
// that encode puts the same bytes together again.
import { deepStrictEqual, ok, strictEqual } from "node:assert";
import fc from "fast-check";
import {
  type Core,
  type DecodedPacket,
  encode,
  LayerAt,
  LayerKind,
  openCore,
  PieceAt,
  statusName,
} from "../bindings/core/index.ts";
import { type ModelLayer, takeApart } from "../test/model/decode.ts";
import { ethernet, icmp, ipv4, udp, vxlan } from "../test/model/packet.ts";
import {
  bulk,
  CAST,
  type Codec,
  codecs,
  frame,
  nearly,
  noise,
  outerFrame,
  UDP_TUNNEL_PORT,
  vxlanDatagram,
} from "./arbitrary/index.ts";
import { type Law, law, type Suite } from "./law.ts";
import { frames, packets } from "./stack.ts";
import { named } from "./subject.ts";
import { Twins } from "./twins.ts";

const PAGES = 1;
const CAP_MAX = 300;
const TUNNELS_MAX = 3;
const WRAPS_FEW = 4;
const WRAPS_MAX = 18; // the core goes fifteen deep
const ROOM = { memoryBytes: 1 << 19 };
const ICMP_ERRORS = [3, 4, 5, 11, 12];
const BROKEN = ["Truncated", "BadVersion", "BadLength", "BadFlags"];

interface Sample {
  readonly link: Codec["link"];
  readonly bytes: Uint8Array;
}

const ENDS = { src: "192.0.2.1", dst: "192.0.2.2" };
const MACS = { dst: "02:00:00:00:00:01", src: "02:00:00:00:00:02" };
const WRAPS: Record<string, (bytes: Uint8Array) => Uint8Array> = {
  ipip: (bytes) => ipv4({ ...ENDS, protocol: 4 }, bytes),
  first: (bytes) => ipv4({ ...ENDS, protocol: 4, fragment: 0x2000 }, bytes),
  error: (bytes) => ipv4({ ...ENDS, protocol: 1 }, icmp(3, 4, 1400, bytes.slice(0, 548))),
  udp: (bytes) => {
    const ports = { srcPort: UDP_TUNNEL_PORT, dstPort: UDP_TUNNEL_PORT };
    return ipv4(ENDS, udp({ ...ports, checksum: 0 }, bytes));
  },
  vxlan: (bytes) => {
    const datagram = vxlan({ vni: 1 }, ethernet(MACS, bytes));
    return ipv4(ENDS, udp({ srcPort: 1, dstPort: 8472, pseudo: ENDS }, datagram));
  },
};

const all = Object.values(codecs());
const legal = fc.oneof(...all.map((codec) => sampleOf(codec, codec.legal)));
const wrap = fc.constantFrom(...Object.keys(WRAPS));
const wrapped = fc
  .record({
    wraps: fc.oneof(
      { arbitrary: fc.array(wrap, { maxLength: WRAPS_FEW }), weight: 3 },
      { arbitrary: fc.array(wrap, { minLength: 13, maxLength: WRAPS_MAX }), weight: 1 },
    ),
    inner: codecs().ipv4.any,
  })
  .map(({ wraps, inner }) => wraps.reduce((bytes, name) => WRAPS[name]?.(bytes) ?? bytes, inner));
// A type up to 1500 is a length.
const measured = fc
  .record({
    etherType: fc.oneof(fc.constantFrom(0, 1, 46, 1499, 1500, 1501, 1536), fc.nat(1600)),
    bytes: fc.oneof(noise(60), bulk(1600)),
  })
  .map(({ etherType, bytes }) => ethernet({ ...MACS, etherType }, bytes));
const samples = fc.oneof(
  ...all.map((codec) => sampleOf(codec, codec.any)),
  ...all.map((codec) => sampleOf(codec, nearly(codec.legal))),
  sampleOf({ link: "ip" }, wrapped),
  sampleOf({ link: "ip" }, nearly(wrapped)),
  sampleOf({ link: "ethernet" }, outerFrame(CAST, vxlanDatagram(CAST, frame(CAST)))),
  sampleOf({ link: "ethernet" }, measured),
  sampleOf({ link: "ethernet" }, noise(64)),
);

function sampleOf(
  { link }: Pick<Codec, "link">,
  bytes: fc.Arbitrary<Uint8Array>,
): fc.Arbitrary<Sample> {
  return bytes.map((each) => ({ link, bytes: each }));
}

export async function openDecode(): Promise<Suite> {
  const [twins, core] = await Promise.all([Twins.open(PAGES), openCore(ROOM)]);
  const laws = [model(twins), many(twins), ranges(twins), tiled(core), sound(core), back(core)];
  return { name: "decode", laws };
}

function startOf(link: Codec["link"]): number {
  return link === "ethernet" ? LayerKind.Ethernet : LayerKind.Ipv4;
}

const KINDS: readonly string[] = Object.entries(LayerKind).reduce<string[]>(
  (names, [name, kind]) => names.with(kind, name.toLowerCase()),
  Array(Object.keys(LayerKind).length + 1).fill(""),
);

// Both builds find what the model finds, whatever lies around the packet, and write nothing else.
function model(twins: Twins): Law {
  const input = fc.record({
    sample: samples,
    cap: fc.oneof({ arbitrary: fc.constant(CAP_MAX), weight: 4 }, fc.nat(8)),
    offset: fc.nat(7),
    isLast: fc.boolean(),
  });
  return law("model", input, ({ sample: { link, bytes }, cap, offset, isLast }) => {
    const out = twins.first;
    const ptr = isLast ? twins.end - bytes.length : out + CAP_MAX * LayerAt.End + offset;
    const expected = takeApart(bytes, link).slice(0, cap);
    for (const around of [0x00, 0x45, 0xff]) {
      twins.fill(twins.first, twins.end, around);
      twins.write(ptr, bytes);
      twins.watch();
      const count = twins.call("packet_decode", ptr, bytes.length, startOf(link), out, cap);
      twins.expectTouched([{ start: out, end: out + cap * LayerAt.End }]);
      twins.expectAlike();
      const found = Array.from({ length: count }, (_, at) => {
        return layerAt(twins.view, out + at * LayerAt.End);
      });
      deepStrictEqual(found, expected);
    }
  });
}

// Many packets at once are what each of them is alone, and a record of no kind ends the fewer.
function many(twins: Twins): Law {
  const input = fc.record({
    link: fc.constantFrom<Codec["link"]>("ethernet", "ip"),
    packets: fc.array(samples, { maxLength: 5 }),
    cap: fc.nat(8),
  });
  return law("many", input, ({ link, packets, cap }) => {
    const pieces = twins.first;
    const out = pieces + packets.length * PieceAt.End;
    let ptr = out + packets.length * cap * LayerAt.End;
    packets.forEach(({ bytes }, at) => {
      twins.write(ptr, bytes);
      twins.setU32(pieces + at * PieceAt.End + PieceAt.Ptr, ptr);
      twins.setU32(pieces + at * PieceAt.End + PieceAt.Len, bytes.length);
      ptr += bytes.length;
    });
    twins.watch();
    const args = [pieces, packets.length, startOf(link), out, cap];
    const count = twins.call("packet_decode_bulk", ...args);
    twins.expectTouched([{ start: out, end: out + packets.length * cap * LayerAt.End }]);
    twins.expectAlike();
    const expected = packets.map(({ bytes }) => takeApart(bytes, link).slice(0, cap));
    strictEqual(count, expected.flat().length);
    expected.forEach((layers, at) => {
      const records = out + at * cap * LayerAt.End;
      layers.forEach((layer, nth) => {
        deepStrictEqual(layerAt(twins.view, records + nth * LayerAt.End), layer);
      });
      if (layers.length < cap) {
        strictEqual(twins.view.getUint8(records + layers.length * LayerAt.End + LayerAt.Kind), 0);
      }
    });
  });
}

function layerAt(view: DataView, at: number): ModelLayer {
  return {
    layer: KINDS[view.getUint8(at + LayerAt.Kind)] ?? "",
    depth: view.getUint8(at + LayerAt.Depth),
    offset: view.getUint32(at + LayerAt.Offset, true),
    headerLen: view.getUint32(at + LayerAt.HeaderLen, true),
    len: view.getUint32(at + LayerAt.Len, true),
    status: statusName(view.getInt16(at + LayerAt.Status, true)),
  };
}

// A legal call with one argument that cannot be right.
function ranges(twins: Twins): Law {
  const { first, end } = twins;
  const ptr = first + 4096;
  const good = [ptr, 64, LayerKind.Ethernet, first, 16];
  const bad: readonly (readonly number[])[] = [
    [end + 1, end - 63, 0x7fffffff, 0x80000000, 0xffffffff, 0xffffffc1],
    [end - ptr + 1, 0x7fffffff, 0x80000000, 0xffffffff],
    [0, LayerKind.Vlan, LayerKind.Udp, LayerKind.Padding, 256 + LayerKind.Ipv4, -1],
    [0, 1024, first - 16, first + 2, ptr, ptr - 255, ptr + 60, end - 252, end, 0xfffffff0],
    [(1 << 26) + 1, 0x10000001, 0x20000000, 0xffffffff, ((ptr - first) >> 4) + 1],
  ];
  const cases = bad.flatMap((values, at) => values.map((value) => good.with(at, value)));
  return law("ranges", fc.constantFrom(...cases), (args) => {
    twins.watch();
    ok(twins.call("packet_decode", ...good) > 0, "the call was meant to be legal");
    twins.watch();
    strictEqual(named(twins.call("packet_decode", ...args)), "BadArgument", args.join(", "));
    twins.expectTouched([]);
  });
}

// Each byte is in one header, payload or padding, up to where an error is.
function tiled(core: Core): Law {
  return law("tiled", samples, ({ link, bytes }) => {
    const { layers, error } = core.decode(bytes, { link });
    let end = 0;
    for (const { offset, headerLen, len, layer } of layers) {
      strictEqual(offset, end, layer);
      ok(len >= headerLen && len <= bytes.length - offset, layer);
      end += headerLen === 0 ? len : headerLen;
    }
    if (error === undefined) {
      strictEqual(end, bytes.length);
      deepStrictEqual(hexed(encode(layers)), hexed(bytes));
      return;
    }
    strictEqual(error.offset, end);
    ok(error.had <= bytes.length - end && BROKEN.includes(error.reason), error.reason);
    ok(error.reason !== "Truncated" || error.needed > error.had);
    deepStrictEqual(hexed(encode(layers)), hexed(bytes.subarray(0, end)));
  });
}

function hexed(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

// Nothing is wrong with a legal packet; what an error quotes may be noise.
function sound(core: Core): Law {
  return law("sound", legal, ({ link, bytes }) => {
    const { layers, error } = core.decode(bytes, { link });
    strictEqual(error, undefined);
    const quoter = layers.findIndex(({ layer, fields }) => {
      return layer === "icmp" && ICMP_ERRORS.includes(fields.type);
    });
    const judged = quoter < 0 ? layers : layers.slice(0, quoter + 1);
    deepStrictEqual(
      judged.filter(({ status }) => status !== undefined),
      [],
    );
  });
}

// Layers become bytes, and the bytes the same layers, with all fields that were given.
function back(core: Core): Law {
  const stacks = fc.oneof(
    frames(0, TUNNELS_MAX).map((stack) => ({ link: "ethernet" as const, stack })),
    packets(0, TUNNELS_MAX).map((stack) => ({ link: "ip" as const, stack })),
  );
  return law("back", stacks, ({ link, stack }) => {
    const bytes = encode(stack);
    const decoded: DecodedPacket = core.decode(bytes, { link });
    strictEqual(decoded.error, undefined);
    const names = (layers: readonly { layer: string }[]): string[] =>
      layers.map(({ layer }) => layer);
    deepStrictEqual(names(decoded.layers), names(stack));
    stack.forEach(({ fields, depth }, at) => {
      const found = decoded.layers[at];
      deepStrictEqual({ ...found?.fields, ...fields }, found?.fields);
      if (depth !== undefined) strictEqual(found?.depth, depth);
      strictEqual(found?.status, undefined);
    });
  });
}
