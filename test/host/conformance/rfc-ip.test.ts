// Tunnels of IP, congestion marks, routes, and what is not IPv4.
import assert from "node:assert/strict";
import { openCore } from "../../../bindings/core/index.ts";
import { ethernet, hexOf, type Ipv4Fields, ipv4, udp } from "../../model/packet.ts";
import { ECN_AFTER, outerFrame } from "../path/rows.ts";
import {
  LOCAL,
  OWN_MAC,
  openIpipEnd,
  openUdpEnd,
  openVtep,
  PEER,
  PEER_MAC,
  type Vtep,
} from "../path/vtep.ts";
import { inOrder, type RfcIpRow } from "./rows.ts";

const L3 = { flags: ["l3"] } as const;
const HERE = "100.96.1.2";
const THERE = "100.96.2.3";
const ENCAP = "ipip_encap_frame_burst";
const DECAP = "ipip_decap_frame_burst";
const MARKS = [0, 1, 2, 3];
const OUTER_TOS = 15;

function packet(fields: Partial<Ipv4Fields> = {}): Uint8Array {
  const payload = udp({ srcPort: 7, dstPort: 9 }, new Uint8Array(6));
  return ipv4({ src: HERE, dst: THERE, ttl: 64, ...fields }, payload);
}

/** A frame with `inner` in IP. */
function inIp(inner: Uint8Array, fields: Partial<Ipv4Fields> = {}): Uint8Array {
  const macs = { dst: "02:00:0a:a8:00:02", src: "02:00:0a:a8:00:03" };
  return ethernet(macs, ipv4({ src: PEER, dst: LOCAL, protocol: 4, ...fields }, inner));
}

function hexOfFirst({ bytes }: { readonly bytes: Uint8Array | undefined }): string {
  return hexOf(bytes ?? assert.fail("nothing came out"));
}

/** An IPv6 packet without a next header. */
const ipv6 = new Uint8Array(40);
ipv6.set([0x60, 0, 0, 0, 0, 0, 59, 64]);

/** For each pair of outer and inner mark: the inner one afterwards, or null. */
async function marksAfter(tell: (outer: number, inner: number) => number | null): Promise<void> {
  for (const outer of MARKS) {
    const after = MARKS.map((inner) => tell(outer, inner));
    assert.deepEqual(after, ECN_AFTER[outer], `outer ${outer}`);
  }
}

const tests: Readonly<Record<RfcIpRow, () => Promise<void>>> = {
  "RFC 6040 section 4.1: outer ECN on encapsulation, normal mode": async () => {
    const vtep = await openVtep(["ecn"]);
    vtep.pin(PEER_MAC, PEER);
    const ends: [Vtep, "udp_encap_frame_burst" | typeof ENCAP][] = [
      [await openUdpEnd(["ecn"]), "udp_encap_frame_burst"],
      [await openIpipEnd(["ecn"]), ENCAP],
    ];
    for (const tos of MARKS) {
      const frame = ethernet({ dst: PEER_MAC, src: OWN_MAC }, packet({ tos }));
      assert.equal(vtep.feed("vxlan_encap_frame_burst", frame).bytes?.[OUTER_TOS], tos);
      for (const [end, element] of ends) {
        assert.equal(end.feed(element, packet({ tos }), L3).bytes?.[OUTER_TOS], tos);
      }
    }
  },

  "RFC 6040 section 4.2: inner ECN on decapsulation": async () => {
    const vtep = await openVtep(["ecn"]);
    await marksAfter((outer, innerTos) => {
      const { bytes } = vtep.decapFrame(outerFrame({ outer: { tos: outer }, innerTos }));
      return bytes === undefined ? null : (bytes[15] ?? -1);
    });
    const udpEnd = await openUdpEnd(["ecn"]);
    await marksAfter((tos, inner) => {
      const fed = { peer: PEER, tos };
      const { bytes } = udpEnd.feed("udp_decap_burst", packet({ tos: inner }), fed);
      return bytes === undefined ? null : (bytes[1] ?? -1);
    });
    const ipipEnd = await openIpipEnd(["ecn"]);
    await marksAfter((tos, inner) => {
      const { bytes } = ipipEnd.feed(DECAP, inIp(packet({ tos: inner }), { tos }));
      return bytes === undefined ? null : (bytes[1] ?? -1);
    });
    assert.equal(vtep.node.counters().EcnMismatch, 1n);
  },

  "RFC 2003 section 3.1: the TTL inside, less one when forwarded in, and as it is coming out":
    async () => {
      const end = await openIpipEnd([]);
      const inner = (fate: { readonly bytes: Uint8Array | undefined }): string =>
        hexOf((fate.bytes ?? assert.fail("nothing came out")).subarray(34));
      assert.equal(inner(end.feed(ENCAP, packet(), L3)), hexOf(packet({ ttl: 63 })));
      const own = { flags: ["l3", "originated"] } as const;
      assert.equal(inner(end.feed(ENCAP, packet({ ttl: 1 }), own)), hexOf(packet({ ttl: 1 })));
      assert.equal(end.feed(ENCAP, packet({ ttl: 1 }), L3).verdict, "TtlExceeded");
      const last = end.feed(DECAP, inIp(packet({ ttl: 1 })));
      assert.equal(hexOfFirst(last), hexOf(packet({ ttl: 1 })));
      assert.equal(end.feed(DECAP, inIp(packet({ ttl: 0 }))).verdict, "TtlExceeded");
    },

  "RFC 2003 section 3.1: the outer header": async () => {
    const end = await openIpipEnd([]);
    const { bytes, given } = end.feed(ENCAP, packet({ tos: 0xb8 }), L3);
    const id = ((bytes?.[18] ?? 0) << 8) | (bytes?.[19] ?? 0);
    const outer = { src: LOCAL, dst: PEER, protocol: 4, id };
    const macs = { dst: "02:00:0a:a8:00:03", src: "02:00:0a:a8:00:02" };
    const expected = ethernet(macs, ipv4(outer, packet({ tos: 0xb8, ttl: 63 })));
    assert.equal(hexOf(bytes ?? new Uint8Array()), hexOf(expected));
    assert.deepEqual([given[0]?.desc.flags, given[0]?.desc.peer], [["outerFrame"], PEER]);
    // Options stay inside, and those outside are skipped.
    const options = new Uint8Array(8).fill(1);
    const { bytes: whole } = end.feed(DECAP, inIp(packet({ options }), { options }));
    assert.equal(hexOf(whole ?? new Uint8Array()), hexOf(packet({ options })));
  },

  "RFC 2003 section 3.1: DF outside where it is set inside": async () => {
    for (const [flags, fragment, expected] of [
      [[], 0, 0],
      [[], 0x4000, 0x40],
      [["dontFragment"], 0, 0x40],
    ] as const) {
      const end = await openIpipEnd(flags);
      const { bytes } = end.feed(ENCAP, packet({ fragment }), L3);
      assert.equal(bytes?.[20], expected);
      assert.equal((bytes?.[34 + 6] ?? 0) << 8, fragment);
    }
  },

  "RFC 2003 section 4: what went round through the tunnel is discarded": async () => {
    const end = await openIpipEnd([]);
    const [remote = -1] = [end.node.remotes.find(PEER)];
    const hop = end.node.hops.set({ kind: "unicast", port: 0, remote });
    end.node.routes.set([{ prefix: "0.0.0.0/0", hop }]);
    const verdictOf = (fields: Partial<Ipv4Fields>): string =>
      end.feed(ENCAP, packet(fields), L3).verdict;
    assert.equal(verdictOf({}), "consumed");
    assert.equal(verdictOf({ src: LOCAL }), "TunnelLoop");
    assert.equal(verdictOf({ src: PEER }), "TunnelLoop");
    assert.equal(verdictOf({ dst: PEER }), "TunnelLoop");
    const back = { flags: ["l3", "decapped"], remote } as const;
    assert.equal(end.feed(ENCAP, packet(), back).verdict, "SplitHorizon");
    assert.equal(end.node.counters().TunnelLoop, 3n);
  },

  "RFC 1519 and 3442: the longest prefix decides": async () => {
    const core = await openCore({ memoryBytes: 1 << 20 });
    const node = core.openNode({ seed: 1n, slots: 0, routes: 64, hops: 33, fdb: 0, neighbors: 0 });
    const address = [203, 0, 113, 77];
    const word = address.reduce((all, byte) => all * 256 + byte, 0);
    const prefixOf = (len: number): string => {
      const masked = len === 0 ? 0 : word - (word % 2 ** (32 - len));
      const bytes = [24, 16, 8, 0].map((shift) => Math.floor(masked / 2 ** shift) % 256);
      return `${bytes.join(".")}/${len}`;
    };
    // In an order that has nothing to do with length.
    const lens = Array.from({ length: 33 }, (_, at) => (at * 10) % 33);
    for (const len of lens) {
      const hop = node.hops.set({ index: len, kind: "blackhole" });
      node.routes.set([{ prefix: prefixOf(len), hop }]);
    }
    for (let len = 32; len >= 0; len--) {
      const found = node.routes.lookup(address.join("."));
      assert.deepEqual([found?.prefix, found?.hop], [prefixOf(len), len]);
      node.routes.remove([{ prefix: prefixOf(len) }]);
    }
    assert.equal(node.routes.lookup(address.join(".")), undefined);
  },

  "RFC 7112: IPv6 is refused cleanly where IPv4 is meant, and bridged as any frame": async () => {
    const udpEnd = await openUdpEnd([]);
    const ipipEnd = await openIpipEnd([]);
    assert.equal(udpEnd.feed("udp_encap_burst", ipv6, L3).verdict, "BadVersion");
    assert.equal(udpEnd.feed("udp_decap_burst", ipv6, { peer: PEER }).verdict, "BadVersion");
    assert.equal(ipipEnd.feed(ENCAP, ipv6, L3).verdict, "BadVersion");
    assert.equal(ipipEnd.feed(DECAP, inIp(ipv6)).verdict, "BadVersion");
    assert.equal(ipipEnd.feed(DECAP, inIp(ipv6, { protocol: 41 })).verdict, "BadProtocol");
    const vtep = await openVtep([]);
    vtep.pin(PEER_MAC, PEER);
    const frame = ethernet({ dst: PEER_MAC, src: OWN_MAC, etherType: 0x86dd }, ipv6);
    assert.equal(vtep.feed("vxlan_encap_burst", frame).verdict, "consumed");
    assert.equal(vtep.decapFrame(frame).verdict, "BadProtocol"); // an underlay of IPv6
    const inner = ethernet({ dst: OWN_MAC, src: PEER_MAC, etherType: 0x86dd }, ipv6);
    assert.equal(hexOfFirst(vtep.decapFrame(outerFrame({ frame: inner }))), hexOf(inner));
    for (let len = 14; len < 14 + 40; len++) {
      const cut = outerFrame({ frame: inner, innerLen: len });
      assert.equal(vtep.decapFrame(cut).verdict, "InnerTruncated");
    }
  },
};

inOrder("IP", tests);
