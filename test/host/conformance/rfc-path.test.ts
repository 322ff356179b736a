// What the path of a tunnel has room for, and where it may not lead.
import assert from "node:assert/strict";
import type { ElementName, PortFlagName } from "../../../bindings/core/index.ts";
import { tcp, transportChecksum } from "../../model/headers.ts";
import { ethernet, type Ipv4Fields, icmp, ipv4 } from "../../model/packet.ts";
import {
  type Fate,
  OWN_MAC,
  openIpipEnd,
  openUdpEnd,
  openVtep,
  PEER,
  PEER_MAC,
  type Vtep,
} from "../path/vtep.ts";
import { inOrder, type RfcPathRow } from "./rows.ts";

const HERE = "100.96.1.2";
const THERE = "100.96.2.3";
const VTEP = "100.96.1.0";
const OTHER_HOST = "192.0.2.77";
const DF = 0x4000;
const PATH_MTU = 1400;
const SYN = 2;
const MSS = Uint8Array.of(2, 4, 1460 >> 8, 1460 & 255);

/** One kind of tunnel, and what it takes from the path. */
interface End {
  readonly vtep: Vtep;
  readonly overheadLen: number;
  /** Sends an IP packet into the tunnel. */
  send(packet: Uint8Array): Fate;
  /** The IP packet that a frame of ours holds. */
  open(bytes: Uint8Array): Uint8Array;
}

async function ends(flags: readonly PortFlagName[] = []): Promise<End[]> {
  const vxlan = await openVtep(flags);
  vxlan.pin(PEER_MAC, PEER);
  const { node } = vxlan;
  node.ports.set({
    index: 0,
    kind: "vxlan",
    domain: 0,
    mac: OWN_MAC,
    ipv4: VTEP,
    mtu: 1450,
    flags,
  });
  node.hops.set({ index: 0, kind: "unicast", port: 0, remote: node.remotes.find(PEER) ?? null });
  node.routes.set({ prefix: "100.96.2.0/24", hop: 0 });
  const macs = { dst: PEER_MAC, src: OWN_MAC };
  const l3 = { flags: ["l3"] } as const;
  const ip = (vtep: Vtep, element: ElementName, overheadLen: number): End => ({
    vtep,
    overheadLen,
    send: (packet) => vtep.feed(element, packet, l3),
    open: (bytes) => bytes,
  });
  return [
    {
      vtep: vxlan,
      overheadLen: 50,
      send: (packet) => vxlan.feed("vxlan_encap_burst", ethernet(macs, packet)),
      open: (bytes) => bytes.subarray(14),
    },
    ip(await openUdpEnd(flags), "udp_encap_burst", 28),
    ip(await openIpipEnd(flags), "ipip_encap_frame_burst", 20),
  ];
}

function setPath({ node }: Vtep, mtu: number): void {
  node.remotes.set({ address: PEER, flags: ["allowed"], mtu });
}

function packet(len: number, fields: Partial<Ipv4Fields> = {}): Uint8Array {
  return ipv4(
    { src: HERE, dst: THERE, ttl: 64, fragment: DF, ...fields },
    new Uint8Array(len - 20),
  );
}

function syn(options: Uint8Array = MSS): Uint8Array {
  const pseudo = { src: HERE, dst: THERE };
  const segment = tcp(
    { srcPort: 40000, dstPort: 80, flags: SYN, options, pseudo },
    new Uint8Array(),
  );
  return ipv4({ ...pseudo, protocol: 6, ttl: 64 }, segment);
}

/** The MSS that a packet offers, `at` bytes into its TCP header; its checksum has to be right. */
function mssOf(bytes: Uint8Array, at = 22): number {
  const [src, dst] = [bytes.slice(12, 16), bytes.slice(16, 20)].map((ends) => ends.join("."));
  const segment = bytes.slice(20);
  assert.equal(transportChecksum({ src: src ?? "", dst: dst ?? "" }, 6, segment), 0);
  return (segment[at] ?? 0) * 256 + (segment[at + 1] ?? 0);
}

const tests: Readonly<Record<RfcPathRow, () => Promise<void>>> = {
  "RFC 1191 section 4: who forbids fragments is told the MTU inside, of every kind of tunnel":
    async () => {
      for (const { vtep, overheadLen, send, open } of await ends()) {
        assert.equal(send(packet(1450)).verdict, "consumed");
        setPath(vtep, PATH_MTU);
        const inside = PATH_MTU - overheadLen;
        assert.equal(send(packet(inside)).verdict, "consumed");
        const { verdict, given } = send(packet(inside + 1));
        assert.equal(verdict, "TooBig");
        assert.deepEqual(given[0]?.desc.flags.includes("originated"), true);
        const error = open(given[0]?.bytes ?? assert.fail("nobody was told"));
        const quote = packet(inside + 1).subarray(0, 548);
        const told = ipv4(
          { src: VTEP, dst: HERE, protocol: 1, ttl: 64 },
          icmp(3, 4, inside, quote),
        );
        const src = [...error.subarray(12, 16)].join(".");
        assert.deepEqual(error, src === VTEP ? told : assert.fail(`from ${src}`));
        setPath(vtep, 0); // ten minutes later
        assert.equal(send(packet(1450)).verdict, "consumed");
      }
    },

  "RFC 791: who allows fragments is not told, and the underlay cuts": async () => {
    for (const { vtep, send } of await ends()) {
      setPath(vtep, PATH_MTU);
      const { verdict, given } = send(packet(1450, { fragment: 0 }));
      assert.equal(verdict, "consumed");
      assert.equal(given.length, 1);
      assert.ok((given[0]?.bytes.length ?? 0) >= 1450);
    }
  },

  "RFC 1812 section 4.3.2.7: no error about an error, a later fragment, or what goes to many":
    async () => {
      for (const { vtep, send } of await ends()) {
        setPath(vtep, PATH_MTU);
        const about = icmp(3, 0, 0, new Uint8Array(1422));
        const error = ipv4({ src: HERE, dst: THERE, ttl: 64, protocol: 1, fragment: DF }, about);
        for (const silent of [
          error,
          packet(1450, { fragment: DF | 100 }),
          packet(1450, { src: "224.0.0.9" }),
          packet(1450, { src: "127.0.0.1" }),
        ]) {
          const { verdict, given } = send(silent);
          assert.deepEqual([verdict, given.length], ["TooBig", 0]);
        }
        assert.equal(vtep.node.counters().ErrorSuppressed, 4n);
        // Fifty at once are told, and then no more.
        const told = Array.from({ length: 60 }, () => send(packet(1450)).given.length);
        assert.equal(told.filter((count) => count === 1).length, 50);
      }
    },

  "RFC 9293 section 3.7.1: an MSS leaves room for headers and tunnel, both ways": async () => {
    const [vxlan, udp] = await ends(["mssClamp"]);
    if (vxlan === undefined || udp === undefined) throw new Error("no tunnel");
    const offered = (options?: Uint8Array, at?: number): number => {
      const { bytes } = udp.send(syn(options));
      return mssOf(bytes ?? assert.fail("it was dropped"), at);
    };
    setPath(udp.vtep, PATH_MTU);
    assert.equal(offered(), PATH_MTU - 28 - 40);
    assert.equal(offered(Uint8Array.of(1, ...MSS, 1, 1, 1), 23), PATH_MTU - 28 - 40);
    assert.equal(offered(Uint8Array.of(2, 4, 2, 24)), 536); // less than would fit stays
    assert.equal(offered(Uint8Array.of(2, 200, 5, 180)), 1460); // no option is so long
    const back = udp.vtep.feed("udp_decap_burst", syn(), { peer: PEER });
    assert.equal(mssOf(back.bytes ?? assert.fail("it was dropped")), PATH_MTU - 28 - 40);
    const sent = vxlan.send(syn());
    assert.equal(mssOf(sent.bytes?.subarray(22) ?? assert.fail("it was dropped")), 1410);
    const [plain] = await ends();
    assert.equal(mssOf(plain?.send(syn()).bytes?.subarray(22) ?? assert.fail("dropped")), 1460);
  },

  "CVE-2020-10136: nothing goes back to the remote that its source lives behind": async () => {
    for (const { vtep, send } of await ends(["splitHorizon"])) {
      const { node } = vtep;
      const other = node.remotes.set({ address: OTHER_HOST, flags: ["allowed"] });
      const hop = node.hops.set({ kind: "unicast", port: 0, remote: other });
      assert.equal(send(packet(100)).verdict, "consumed");
      assert.equal(send(packet(100, { src: "100.96.2.9" })).verdict, "SplitHorizon");
      node.routes.set({ prefix: "100.96.3.0/24", hop });
      assert.equal(send(packet(100, { src: "100.96.3.9" })).verdict, "consumed");
      node.routes.set({ prefix: "100.96.3.8/30", hop: 0 }); // the longest prefix says whose it is
      assert.equal(send(packet(100, { src: "100.96.3.9" })).verdict, "SplitHorizon");
      assert.equal(node.counters().SplitHorizon, 2n);
    }
    for (const { send } of await ends()) {
      assert.equal(send(packet(100, { src: "100.96.2.9" })).verdict, "consumed");
    }
  },
};

inOrder("The path of a tunnel", tests);
