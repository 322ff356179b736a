import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CapsAt,
  type DecodedPacket,
  type DecodeOptions,
  decode,
  encode,
  HeddleError,
  type LayerInit,
  LayerKind,
  openCore,
  parseHex,
  printHex,
  Status,
} from "../../../bindings/core/index.ts";
import { readVector } from "../lab/vector.ts";

const core = await openCore({ memoryBytes: 1 << 20 });
const VECTORS = ["flannel-vxlan", "flannel-udp"].flatMap((backend) => {
  const there = backend === "flannel-vxlan" ? "flannel.1" : "flannel0";
  const taps = ["c2", "docker0", "eth0", there.replace(".", "")];
  return taps.map((tap) => ({ name: `${backend}.${tap}`, isBare: tap === "flannel0" }));
});

const of = (hex: string, options?: DecodeOptions): DecodedPacket =>
  core.decode(parseHex(hex.replace(/\s/g, "")), options);
const ip = { link: "ip" } as const;

/** Names and depths, in one line. */
function outline({ layers, error }: DecodedPacket): string {
  const parts = layers.map(({ layer, depth, status }) => `${layer}${depth}${status ?? ""}`);
  if (error !== undefined) parts.push(`${error.layer}!${error.reason}`);
  return parts.join(" ");
}

function expectTiled({ layers }: DecodedPacket, bytes: Uint8Array): void {
  let end = 0;
  for (const { layer, offset, headerLen, len } of layers) {
    assert.equal(offset, end, layer);
    end += headerLen === 0 ? len : headerLen;
  }
  assert.equal(end, bytes.length);
}

describe("decode", () => {
  it("refuses what is neither bytes nor a link that it knows", () => {
    const words = new Uint16Array(20);
    for (const wrong of [undefined, null, "4500", [69, 0], words, new DataView(words.buffer)]) {
      assert.throws(() => decode(core, wrong as unknown as Uint8Array), /bytes: a Uint8Array/);
    }
    const options = { link: "ipv4" as "ip" };
    assert.throws(
      () => of("4500", options),
      /BadValue: "ipv4"; expected link: one of ethernet, ip/,
    );
  });

  for (const { name, isBare } of VECTORS) {
    it(`takes ${name}, which Linux sent, apart, and encode puts it together`, () => {
      const packets = readVector(name);
      assert.ok(packets.length > 0);
      for (const bytes of packets) {
        const decoded = decode(core, bytes, isBare ? ip : {});
        assert.equal(decoded.error, undefined);
        assert.ok(decoded.layers.every(({ status }) => status === undefined));
        expectTiled(decoded, bytes);
        assert.equal(printHex(encode(decoded.layers)), bytes.toString("hex"));
        const bare = decoded.layers.map(withoutFindings);
        assert.equal(printHex(encode(bare)), bytes.toString("hex"), "and finds the rest out");
      }
    });
  }

  it("reads an echo inside of a VXLAN, field by field", () => {
    const [, , frame] = readVector("flannel-vxlan.eth0");
    assert.ok(frame);
    const { layers } = core.decode(frame);
    assert.deepEqual(
      layers.map(({ layer, depth, offset, headerLen, len }) => [
        layer,
        depth,
        offset,
        headerLen,
        len,
      ]),
      [
        ["ethernet", 0, 0, 14, 148],
        ["ipv4", 0, 14, 20, 134],
        ["udp", 0, 34, 8, 114],
        ["vxlan", 0, 42, 8, 106],
        ["ethernet", 1, 50, 14, 98],
        ["ipv4", 1, 64, 20, 84],
        ["icmp", 1, 84, 8, 64],
        ["payload", 1, 92, 0, 56],
      ],
    );
    assert.deepEqual(layers[1]?.fields, {
      version: 4,
      ihl: 5,
      tos: 0,
      totalLength: 134,
      id: 0x0224,
      reserved: false,
      dontFragment: false,
      moreFragments: false,
      fragmentOffset: 0,
      ttl: 64,
      protocol: 17,
      checksum: 0x62ef,
      src: "10.168.0.2",
      dst: "10.168.0.3",
      options: "",
    });
    assert.deepEqual(layers[3]?.fields, {
      validVni: true,
      policy: false,
      dontLearn: false,
      policyApplied: false,
      policyId: 0,
      vni: 1,
      reservedFlags: 0,
      reserved: 0,
    });
    assert.deepEqual(layers[4]?.fields, {
      dst: "5e:f8:4f:00:e3:37",
      src: "5e:f8:4f:00:e3:11",
      etherType: 0x0800,
    });
    assert.deepEqual(layers[6]?.fields, {
      type: 8,
      code: 0,
      checksum: 0x813c,
      id: 0x604b,
      sequence: 1,
    });
  });

  it("reads TCP with options, and a tag", () => {
    // An IPv4 packet of scapy's behind a tag of priority 5 and VLAN 0x123.
    const { layers } = of(
      `020000000001 020000000002 8100 b123 0800
       4500 0039 0001 0000 4006 47b8 0a01 0f02 0a01 1003
       9c40 0050 0102 0304 0506 0708 8018 01f6 ca9d 0009 0101 080a 0000 0001 0000 0002
       4745 5420 2f`,
    );
    assert.equal(outline({ layers }), "ethernet0 vlan0 ipv40 tcp0 payload0");
    const tag = { pcp: 5, dropEligible: true, vid: 0x123, etherType: 0x0800 };
    assert.deepEqual(layers[1]?.fields, tag);
    assert.deepEqual(layers[3]?.fields, {
      srcPort: 40000,
      dstPort: 80,
      sequence: 0x01020304,
      acknowledgment: 0x05060708,
      dataOffset: 8,
      reserved: 0,
      ns: false,
      cwr: false,
      ece: false,
      urg: false,
      ack: true,
      psh: true,
      rst: false,
      syn: false,
      fin: false,
      window: 502,
      checksum: 0xca9d,
      urgentPointer: 9,
      options: "0101080a0000000100000002",
    });
    assert.deepEqual(layers[4]?.fields, { data: "474554202f" });
  });

  it("reads each kind of ICMP by its own fields", () => {
    const head = "4500 001c 0000 0000 4001 66df 0a00 0001 0a00 0002";
    const fieldsOf = (hex: string): object => {
      const { layers } = of(`${head} ${hex}`, ip);
      const { type, code, checksum, ...rest } = { ...layers[1]?.fields } as Record<string, unknown>;
      assert.equal(printHex(encode(layers)), `${head} ${hex}`.replace(/ /g, ""));
      return rest;
    };
    assert.deepEqual(fieldsOf("0000 0000 1234 5678"), { id: 0x1234, sequence: 0x5678 });
    assert.deepEqual(fieldsOf("0304 0000 0001 05aa"), { unused: 1, nextHopMtu: 1450 });
    assert.deepEqual(fieldsOf("0303 0000 0000 05aa"), { unused: 1450 });
    assert.deepEqual(fieldsOf("0500 0000 0a00 00fe"), { gateway: "10.0.0.254" });
    assert.deepEqual(fieldsOf("0c00 0000 1400 0001"), { pointer: 20, unused: 1 });
    assert.deepEqual(fieldsOf("0b01 0000 ffff ffff"), { unused: 0xffffffff });
    assert.deepEqual(fieldsOf("0d00 0000 8000 0001"), { rest: 0x80000001 });
  });

  it("reads what joins and leaves groups", () => {
    const report = of(
      `01005e000016 020000000001 0800 46c0 0028 0000 4000 0102 4307 0000 0000 e000 0016
       9404 0000 2200 f902 0000 0001 0400 0000 e000 00fb 0000 0000 0000`,
    );
    assert.equal(outline(report), "ethernet0 ipv40BadChecksum igmp0 payload0 padding0");
    const told = { type: 34, checksum: 0xf902, reserved: 0, flags: 0, groupRecords: 1 };
    assert.deepEqual(report.layers[2]?.fields, told);
    const query = of("4500 001c 0000 0000 0102 0000 0a00 0001 e000 0001 1164 0d97 e000 0104", ip);
    const asked = { type: 17, checksum: 0x0d97, maxRespTime: 100, group: "224.0.1.4" };
    assert.deepEqual(query.layers[1]?.fields, asked);
  });

  it("reads an ICMP error's quote, and what is left of the packet in it", () => {
    const outer = "4500 0070 5c8f 4000 4011 c899 0aa8 0002 0aa8 0003 205d 205d 005c a927";
    const quote = of(
      `4500 0038 0000 0000 4001 66c3 0a00 0001 0a00 0002 0301 fcfe 0000 0000 ${outer}`,
      ip,
    );
    assert.equal(outline(quote), "ipv40 icmp0BadChecksum ipv41 udp1");
    assert.equal(quote.layers[2]?.len, 28);
    const { layers } = quote;
    assert.deepEqual(decode(core, encode(layers), ip).layers, layers);
  });

  it("says which header cannot be read, what it needs and what there was", () => {
    const cut = of("020000000001 020000000002 0800 4500 0054 0000");
    assert.equal(outline(cut), "ethernet0 ipv4!Truncated");
    const error = { layer: "ipv4", offset: 14, needed: 20, had: 6, reason: "Truncated" };
    assert.deepEqual(cut.error, error);
    assert.equal(outline(of("")), "ethernet!Truncated");
    assert.equal(outline(of("55", ip)), "ipv4!Truncated");
    assert.equal(outline(of("6500 0000", ip)), "payload0");
    const vxlan = "4500 0024 0000 0000 4011 66c7 0a00 0001 0a00 0002 1234 12b5 0010 0000";
    assert.equal(outline(of(`${vxlan} 0000 0000 0000 0100`, ip)), "ipv40 udp0 vxlan!BadFlags");
    assert.equal(
      outline(of(`${vxlan} ffff ffff 0000 01ff`, ip)),
      "ipv40 udp0 vxlan0 ethernet!Truncated",
    );
  });

  it("gives every layer of a packet that is nothing but tags", () => {
    const tags = 500;
    const { layers } = of(`020000000001 020000000002 8100 ${"0001 8100".repeat(tags)}`);
    assert.equal(layers.filter(({ layer }) => layer === "vlan").length, tags);
  });

  it("of the ABI refuses ranges and kinds that cannot be, and writes nothing", () => {
    const { packet_decode } = core.exports;
    const end = core.bytes.length;
    const first = end - core.freeBytes - CapsAt.End;
    const { Ethernet, Ipv4, Udp } = LayerKind;
    const before = core.bytes.slice();
    const bad: readonly Parameters<typeof packet_decode>[] = [
      [end - 10, 11, Ethernet, first, 4],
      [end + 1, 0, Ethernet, first, 4],
      [first, 64, Udp, first + 64, 4],
      [first, 64, Ipv4, first + 66, 4],
      [first, 64, Ipv4, first + 60, 4],
      [first + 60, 64, Ipv4, first, 4],
      [first, 64, Ipv4, first - 4, 4],
      [first, 64, Ipv4, end - 60, 4],
      [first, 64, Ipv4, first + 64, 0x10000001],
    ];
    for (const args of bad) {
      assert.equal(packet_decode(...args), Status.BadArgument, args.join(", "));
    }
    assert.deepEqual(core.bytes, before);
    assert.equal(packet_decode(first, 64, Ipv4, first + 64, 4), 1);
    core.bytes.set(before);
  });

  it("leaves no trace in memory that no node has, and wants enough of it", async () => {
    const small = await openCore({ memoryBytes: 1 << 16 });
    const before = small.bytes.slice();
    const bytes = new Uint8Array(2000).fill(0x45);
    small.decode(bytes, ip);
    assert.deepEqual(small.bytes, before);
    const wanted = small.freeBytes;
    assert.throws(
      () => small.decode(new Uint8Array(wanted)),
      (error) => error instanceof HeddleError && error.code === "NoMemory",
    );
    assert.equal(
      small.borrow(64, (ptr) => small.bytes.fill(1, ptr, ptr + 64)[ptr]),
      1,
    );
    assert.deepEqual(small.bytes, before);
  });
});

function withoutFindings({ layer, depth, fields }: DecodedPacket["layers"][number]): LayerInit {
  const found = ["ihl", "totalLength", "checksum", "length", "dataOffset", "etherType", "protocol"];
  const left = Object.entries(fields).filter(([name]) => !found.includes(name));
  return { layer, depth, fields: Object.fromEntries(left) } as unknown as LayerInit;
}
