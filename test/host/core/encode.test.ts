import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  checksum,
  encode,
  HeddleError,
  type LayerInit,
  openCore,
  parseHex,
  printHex,
} from "../../../bindings/core/index.ts";

const core = await openCore({ memoryBytes: 1 << 20 });
const ip = { link: "ip" } as const;

const MACS = { dst: "02:00:0a:a8:00:03", src: "02:00:0a:a8:00:02" };
const ends = { src: "10.1.15.2", dst: "10.1.16.3" };
const hexOf = (...layers: LayerInit[]): string => printHex(encode(layers));
const hex = (text: string): string => text.replace(/\s/g, "");

const isError = (code: string, about: RegExp) => (error: unknown) =>
  error instanceof HeddleError && error.code === code && about.test(error.message);

describe("encode", () => {
  it("finds out lengths, checksums, EtherTypes and protocols", () => {
    // The same as scapy makes of it.
    const tcp = { srcPort: 40000, dstPort: 80, sequence: 0x01020304, acknowledgment: 0x05060708 };
    const packet = hexOf(
      { layer: "ipv4", fields: { ...ends, id: 1 } },
      {
        layer: "tcp",
        fields: {
          ...tcp,
          psh: true,
          ack: true,
          window: 502,
          urgentPointer: 9,
          options: "0101080a0000000100000002",
        },
      },
      { layer: "payload", fields: { data: "474554202f" } },
    );
    assert.equal(
      packet,
      hex(
        `4500 0039 0001 0000 4006 47b8 0a01 0f02 0a01 1003 9c40 0050 0102 0304 0506 0708
         8018 01f6 ca9d 0009 0101 080a 0000 0001 0000 0002 4745 5420 2f`,
      ),
    );
  });

  it("wraps a frame into VXLAN, and its padding with it", () => {
    const layers: LayerInit[] = [
      { layer: "ethernet", fields: MACS },
      { layer: "ipv4", fields: { src: "10.168.0.2", dst: "10.168.0.3" } },
      { layer: "udp", fields: { srcPort: 33975, dstPort: 8472 } },
      { layer: "vxlan", fields: { vni: 0xabcdef, policy: true, policyId: 7 } },
      { layer: "ethernet", fields: MACS },
      { layer: "arp", fields: arp() },
      { layer: "padding", depth: 1, fields: { data: new Uint8Array(18) } },
      { layer: "padding", fields: { data: "ffff" } },
    ];
    const bytes = encode(layers);
    const { layers: found, error } = core.decode(bytes);
    assert.equal(error, undefined);
    assert.ok(found.every(({ status }) => status === undefined));
    const names = found.map(({ layer, depth, len }) => `${layer}${depth} ${len}`);
    const inner = "ethernet1 60 arp1 28 padding1 18 padding0 2";
    assert.equal(names.join(" "), `ethernet0 112 ipv40 96 udp0 76 vxlan0 68 ${inner}`);
    assert.equal(printHex(bytes.subarray(42, 50)), "88000007abcdef00");
    assert.equal(printHex(encode(found)), printHex(bytes));
  });

  function arp() {
    return {
      operation: 1,
      senderMac: "02:00:0a:a8:00:02",
      senderAddress: "10.168.0.2",
      targetMac: "00:00:00:00:00:00",
      targetAddress: "10.168.0.3",
    };
  }

  it("writes the ARP request that Linux sent", () => {
    const frame = hexOf(
      { layer: "ethernet", fields: { ...MACS, dst: "ff:ff:ff:ff:ff:ff" } },
      { layer: "arp", fields: arp() },
    );
    assert.equal(
      frame,
      hex(
        `ffffffffffff 02000aa80002 0806 0001 0800 06 04 0001 02000aa80002 0aa80002
         000000000000 0aa80003`,
      ),
    );
  });

  it("tags a frame, and writes every bit of a tag", () => {
    const vlan = { pcp: 5, dropEligible: true, vid: 0xfff };
    const frame = hexOf(
      { layer: "ethernet", fields: { ...MACS, etherType: 0x88a8 } },
      { layer: "vlan", fields: vlan },
      { layer: "vlan", fields: { vid: 1 } },
      { layer: "ipv4", fields: { ...ends, protocol: 253 } },
    );
    assert.equal(frame.slice(24, 44), "88a8bfff810000010800");
  });

  it("sends a UDP checksum of zero as all ones, and takes zero where it is given", () => {
    const udp = { srcPort: 1, dstPort: 2 };
    const packet = (data: string, given: { checksum?: number }): string =>
      hexOf(
        { layer: "ipv4", fields: { src: "0.0.0.0", dst: "0.0.0.0" } },
        { layer: "udp", fields: { ...udp, ...given } },
        { layer: "payload", fields: { data } },
      ).slice(40);
    // 1 + 2 + 10 and 17 + 10 of the pseudo header are 0x28; the data completes them.
    assert.equal(packet("ffd7", {}), "00010002000affffffd7");
    assert.equal(packet("ffd7", { checksum: 0 }), "00010002000a0000ffd7");
    assert.equal(packet("ffd6", {}), "00010002000a0001ffd6");
  });

  it("takes lengths and checksums as they are given, right or wrong", () => {
    const packet = hexOf(
      { layer: "ipv4", fields: { ...ends, totalLength: 1, ihl: 15, version: 6, checksum: 2 } },
      { layer: "udp", fields: { srcPort: 1, dstPort: 2, length: 3, checksum: 4 } },
    );
    assert.equal(
      packet,
      hex("6f00 0001 0000 0000 4011 0002 0a01 0f02 0a01 1003 0001 0002 0003 0004"),
    );
    const cut = hexOf(
      { layer: "ipv4", fields: { ...ends, protocol: 6, moreFragments: true, fragmentOffset: 8 } },
      { layer: "payload", fields: { data: "ff" } },
    );
    assert.equal(cut.slice(0, 20), "45000015000020014006");
  });

  it("writes what ICMP says, and its quote", () => {
    const error = encode([
      { layer: "ipv4", fields: ends },
      { layer: "icmp", fields: { type: 3, code: 4, nextHopMtu: 1450 } },
      { layer: "ipv4", fields: { ...ends, totalLength: 1500, protocol: 17 } },
      { layer: "payload", fields: { data: "0001000205c80000" } },
    ]);
    assert.equal(checksum(error.subarray(20)), 0);
    assert.equal(printHex(error.subarray(20, 22)), "0304");
    assert.equal(printHex(error.subarray(24, 28)), "000005aa");
    const { layers } = core.decode(error, ip);
    assert.deepEqual(
      layers.map(({ layer, depth }) => layer + depth),
      ["ipv40", "icmp0", "ipv41", "udp1"],
    );
    const igmp = encode([
      { layer: "ipv4", fields: { ...ends, ttl: 1, options: "94040000" } },
      { layer: "igmp", fields: { type: 22, group: "224.0.0.251" } },
    ]);
    assert.equal(printHex(igmp).slice(0, 4), "4600");
    assert.equal(printHex(igmp.subarray(24)), "160009 04e00000fb".replace(" ", ""));
  });

  it("keeps the reserved bits of a VXLAN header where they are", () => {
    const packet = hexOf({
      layer: "vxlan",
      fields: { vni: 1, validVni: false, reservedFlags: 0x77b7, reserved: 0xff, policyId: 0xffff },
    });
    assert.equal(packet, "77b7ffff000001ff");
  });

  it("makes nothing of nothing", () => {
    assert.equal(encode([]).length, 0);
  });
});

describe("encode refuses", () => {
  const wrong: readonly (readonly [what: string, layers: readonly unknown[], about: RegExp])[] = [
    ["a layer that there is not", [{ layer: "ipx", fields: {} }], /"ipx"; expected one of eth/],
    [
      "fields that are missing",
      [{ layer: "udp" }],
      /undefined; expected layers\[0\].udp.fields: an/,
    ],
    ["a field that there is not", [udp({ port: 1 })], /"port"; expected layers\[0\].udp: one of/],
    ["a number that does not fit", [udp({ srcPort: 65536 })], /layers\[0\].udp.srcPort: a whole/],
    ["a missing number", [udp({ dstPort: undefined })], /udp.dstPort: a whole number/],
    ["a flag that is a number", [ipv4({ dontFragment: 1 })], /dontFragment: true or false/],
    ["an offset in between", [ipv4({ fragmentOffset: 4 })], /fragmentOffset: a multiple of eight/],
    ["an offset beyond", [ipv4({ fragmentOffset: 65536 })], /fragmentOffset: a multiple of eight/],
    ["an offset beyond 2^32", [ipv4({ fragmentOffset: 2 ** 32 })], /fragmentOffset: a multiple of/],
    ["options of odd length", [ipv4({ options: "010101" })], /options: whole words/],
    ["too many options", [ipv4({ options: "01".repeat(44) })], /options: whole words/],
    ["data that is no hex", [{ layer: "payload", fields: { data: "0" } }], /hex digits/],
    ["data that is missing", [{ layer: "payload", fields: {} }], /layers\[0\].payload.data/],
    ["bits beyond 2^32", [vxlan({ reservedFlags: 2 ** 32 })], /bits of 0x77b7 only/],
    ["bits that are another's", [vxlan({ reservedFlags: 0x0800 })], /bits of 0x77b7 only/],
    [
      "a field of another ICMP",
      [{ layer: "icmp", fields: { type: 8, gateway: "1.2.3.4" } }],
      /"ga/,
    ],
    ["what it cannot find out", [ipv4({ protocol: undefined })], /protocol: a number, before pay/],
    ["a sum without addresses", [udp({ checksum: undefined })], /checksum: a number, without ipv4/],
    [
      "more than a length can say",
      [ipv4({}), { layer: "payload", fields: { data: new Uint8Array(65516) } }],
      /layers\[0\].ipv4.totalLength: a whole number from 0 to 65535/,
    ],
  ];
  for (const [what, layers, about] of wrong) {
    it(what, () => {
      assert.throws(() => encode(layers as LayerInit[]), isError("BadValue", about));
    });
  }

  it("an address and a MAC that are none", () => {
    assert.throws(() => encode([ipv4({ src: "10.0.0" })]), isError("BadAddress", /./));
    const fields = { ...MACS, src: "02" };
    assert.throws(() => encode([{ layer: "ethernet", fields }]), isError("BadMac", /./));
    assert.throws(() => encode([vxlan({ vni: 1 << 24 })]), isError("BadVni", /vxlan.vni/));
  });

  function udp(fields: object): LayerInit {
    return { layer: "udp", fields: { srcPort: 1, dstPort: 2, checksum: 0, ...fields } };
  }

  function ipv4(fields: object): LayerInit {
    return { layer: "ipv4", fields: { ...ends, protocol: 17, ...fields } };
  }

  function vxlan(fields: object): LayerInit {
    return { layer: "vxlan", fields: { vni: 1, ...fields } };
  }
});

describe("hex", () => {
  it("prints what it parses", () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);
    assert.deepEqual(parseHex(printHex(bytes)), bytes);
    assert.equal(printHex(parseHex("00FFaB")), "00ffab");
    assert.equal(parseHex("").length, 0);
    for (const text of ["0", "0x00", "00 11", "gg", "0g", "\u00e90"]) {
      assert.throws(() => parseHex(text), isError("BadValue", /hex digits/));
    }
  });
});
