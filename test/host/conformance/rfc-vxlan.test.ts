// RFC 7348, and what is not VXLAN.
import assert from "node:assert/strict";
import { bytesOf, ethernet, hexOf, ipv4, join, udp } from "../../model/packet.ts";
import { innerFrame, outerFrame } from "../path/rows.ts";
import { OWN_MAC, openVtep, PEER, PEER_MAC, UDP_PORT, VNI, type Vtep } from "../path/vtep.ts";
import { inOrder, type RfcVxlanRow } from "./rows.ts";

const STRANGER = "203.0.113.9";
const VNI_MAX = 0xffffff;
const GENEVE_PORT = 6081;
const IP_AT = 14;
const UDP_AT = 34;
const VXLAN_AT = 42;

type Flags = Parameters<typeof openVtep>[0];

async function open(flags: Flags, vni = VNI): Promise<Vtep> {
  const vtep = await openVtep(flags);
  const { learned: _, ...port } = vtep.node.ports.get(0) ?? assert.fail("no port");
  if (vni !== VNI) vtep.node.domains.set({ index: 0, vni });
  vtep.node.ports.set({ ...port, vni });
  vtep.pin(PEER_MAC, PEER);
  return vtep;
}

function frameOf(srcPort: number, len = 6, fragment = 0): Uint8Array {
  const payload = udp({ srcPort, dstPort: 80 }, new Uint8Array(len));
  return ethernet(
    { dst: PEER_MAC, src: OWN_MAC },
    ipv4({ src: "10.1.15.2", dst: "10.1.16.3", fragment }, payload),
  );
}

function wrap(vtep: Vtep, frame: Uint8Array): DataView {
  const { bytes } = vtep.feed("vxlan_encap_frame_burst", frame);
  return new DataView((bytes ?? assert.fail("nothing came out")).slice().buffer);
}

/** RFC 8926, section 3.4: version and options' length, flags, protocol, VNI, and the options. */
function geneve(optionWords: number): Uint8Array {
  const head = Uint8Array.of(optionWords, 0, 0x65, 0x58, 0, 0, VNI, 0);
  return join(head, new Uint8Array(optionWords * 4), innerFrame({}));
}

const tests: Readonly<Record<RfcVxlanRow, () => Promise<void>>> = {
  "RFC 7348 section 5: flag I is one, reserved bits are zero on send": async () => {
    for (const flags of [[], ["linuxMode"]] as const) {
      const outer = wrap(await open(flags), frameOf(1));
      assert.equal(outer.getUint32(VXLAN_AT), 0x08000000);
      assert.equal(outer.getUint32(VXLAN_AT + 4), VNI * 256);
    }
  },

  "RFC 7348 section 5: reserved bits are ignored on receive": async () => {
    const vtep = await open([]);
    const changes = { vxlan: { flags: 0xff, reserved: 0xffffff, reservedLast: 0xff } };
    const { bytes } = vtep.decapFrame(outerFrame(changes));
    assert.equal(hexOf(bytes ?? new Uint8Array()), hexOf(innerFrame({})));
  },

  "RFC 7348 section 5: the VNI has 24 bits": async () => {
    for (const vni of [0, 1, 0x800000, VNI_MAX]) {
      const vtep = await open([], vni);
      assert.equal(wrap(vtep, frameOf(1)).getUint32(VXLAN_AT + 4) >>> 8, vni);
      for (let bit = 0; bit < 24; bit++) {
        const other = outerFrame({ vxlan: { vni: vni ^ (1 << bit) } });
        assert.equal(vtep.decapFrame(other).verdict, "UnknownVni");
      }
      assert.equal(vtep.decapFrame(outerFrame({ vxlan: { vni } })).verdict, "consumed");
    }
  },

  "RFC 7348 section 5: destination port as configured": async () => {
    const vtep = await open([]);
    const { learned: _, ...port } = vtep.node.ports.get(0) ?? assert.fail("no port");
    for (const udpPort of [4789, UDP_PORT]) {
      vtep.node.ports.set({ ...port, udpPort });
      assert.equal(wrap(vtep, frameOf(1)).getUint16(UDP_AT + 2), udpPort);
      const verdict = vtep.decapFrame(outerFrame({ udp: { dstPort: 4789 } })).verdict;
      assert.equal(verdict, udpPort === 4789 ? "consumed" : "NotForUs");
    }
  },

  "RFC 7348 section 5: source port by inner hash, from the range that it suggests": async () => {
    for (const [flags, low, high] of [
      [[], 49152, 65535],
      [["linuxMode"], 32768, 60999],
    ] as const) {
      const vtep = await open(flags);
      const ports = Array.from({ length: 100 }, (_, flow) => {
        const [one, again] = [6, 60].map((len) => wrap(vtep, frameOf(flow, len)).getUint16(UDP_AT));
        assert.equal(again, one); // of a flow all packets
        return one ?? 0;
      });
      assert.ok(ports.every((port) => port >= low && port <= high));
      assert.ok(new Set(ports).size > 90);
    }
  },

  "RFC 7348 section 5: UDP checksum zero on send, non-zero verified on receive": async () => {
    assert.equal(wrap(await open([]), frameOf(1)).getUint16(UDP_AT + 6), 0);
    const vtep = await open([]);
    assert.equal(vtep.decapFrame(outerFrame({ udp: { checksum: 0 } })).verdict, "consumed");
    assert.equal(vtep.decapFrame(outerFrame()).verdict, "consumed");
    assert.equal(vtep.decapFrame(outerFrame({ udp: { checksum: 1 } })).verdict, "BadChecksum");
  },

  "RFC 7348 section 4.3: a VTEP neither fragments nor reassembles": async () => {
    const vtep = await open([]);
    const outer = wrap(vtep, frameOf(1, 1450 - 28));
    assert.equal(outer.getUint16(IP_AT + 6) & 0x3fff, 0);
    assert.equal(vtep.feed("vxlan_encap_burst", frameOf(1, 1451 - 28)).verdict, "TooBig");
    for (const fragment of [0x2000, 0x0001, 0x3fff]) {
      assert.equal(vtep.decapFrame(outerFrame({ outer: { fragment } })).verdict, "Fragment");
    }
    // A fragment inside is a packet as any.
    assert.equal(vtep.feed("vxlan_encap_burst", frameOf(1, 6, 0x2000)).verdict, "consumed");
  },

  "RFC 7348 section 6.1: an inner VLAN tag is discarded unless configured": async () => {
    const tagged = join(bytesOf("0005 0800"), innerFrame({}).subarray(14));
    const frame = ethernet({ dst: OWN_MAC, src: PEER_MAC, etherType: 0x8100 }, tagged);
    const verdictFor = async (flags: Flags): Promise<string> =>
      (await open(flags)).decapFrame(outerFrame({ frame })).verdict;
    assert.equal(await verdictFor([]), "BadProtocol");
    assert.equal(await verdictFor(["linuxMode"]), "consumed");
  },

  "RFC 7348 section 7: a rogue VTEP is kept out where peers are listed": async () => {
    const vtep = await open(["strictPeer", "learn"]);
    const rogue = outerFrame({ outer: { src: STRANGER } });
    assert.equal(vtep.decapFrame(rogue).verdict, "SourceDenied");
    assert.equal(vtep.node.counters().SourceDenied, 1n);
    assert.equal(vtep.node.remotes.find(STRANGER), undefined);
    assert.equal(vtep.decapFrame(outerFrame()).verdict, "consumed");
  },

  "draft-smith-vxlan-group-policy: G, D and A are no reserved bits where the port says so":
    async () => {
      const policy = { flags: 0x88, reserved: 0x48_1234 };
      const verdictFor = async (flags: Flags, changes: object): Promise<string> => {
        const vtep = await open(flags);
        return vtep.decapFrame(outerFrame({ vxlan: { ...policy, ...changes } })).verdict;
      };
      assert.equal(await verdictFor(["linuxMode"], {}), "ReservedBits");
      assert.equal(await verdictFor(["linuxMode", "gbp"], {}), "consumed");
      assert.equal(await verdictFor(["linuxMode", "gbp"], { flags: 0x80 }), "BadFlags");
      assert.equal(await verdictFor(["linuxMode", "gbp"], { reservedLast: 1 }), "ReservedBits");
      for (const bit of [0x40, 0x20, 0x10, 0x04, 0x02, 0x01]) {
        const flags = policy.flags | bit;
        assert.equal(await verdictFor(["linuxMode", "gbp"], { flags }), "ReservedBits");
      }
      assert.equal(await verdictFor([], {}), "consumed");
    },

  "RFC 8926: Geneve is not VXLAN": async () => {
    for (const flags of [[], ["linuxMode"]] as const) {
      const vtep = await open(flags);
      const own = outerFrame({ payload: geneve(0), udp: { dstPort: GENEVE_PORT } });
      assert.equal(vtep.decapFrame(own).verdict, "NotForUs");
      assert.equal(vtep.decapFrame(outerFrame({ payload: geneve(0) })).verdict, "BadFlags");
    }
    // With 32 bytes of options its first byte looks like flag I; its protocol field gives it away
    // to who minds reserved bits.
    const strict = await open(["linuxMode"]);
    assert.equal(strict.decapFrame(outerFrame({ payload: geneve(8) })).verdict, "ReservedBits");
  },
};

inOrder("VXLAN", tests);
