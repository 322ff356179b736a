// Encapsulation into VXLAN, against packets that were built the slow way.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { arp, bytesOf, ethernet, hexOf, ipv4, join, udp, vxlan } from "../../model/packet.ts";
import { LOCAL, OWN_MAC, openVtep, PEER, PEER_MAC, UDP_PORT, VNI, type Vtep } from "./vtep.ts";

const ANOTHER = "10.168.0.4";
const BROADCAST = "ff:ff:ff:ff:ff:ff";

function innerFrame(dst = PEER_MAC, tos = 0): Uint8Array {
  const payload = udp({ srcPort: 1000, dstPort: 2000 }, bytesOf("68656464 6c65"));
  return ethernet(
    { dst, src: OWN_MAC },
    ipv4({ src: "10.1.15.2", dst: "10.1.16.3", tos }, payload),
  );
}

async function vtepWithPeer(flags: Parameters<typeof openVtep>[0]): Promise<Vtep> {
  const vtep = await openVtep(flags);
  vtep.pin(PEER_MAC, PEER);
  return vtep;
}

function addFlood(vtep: Vtep, address: string): number {
  const remote = vtep.node.remotes.find(address) ?? vtep.node.remotes.set({ address });
  vtep.node.flood.set([{ domain: 0, port: 0, remote }]);
  return remote;
}

function sourcePortOf(frame: Uint8Array): number {
  return ((frame[34] ?? 0) << 8) | (frame[35] ?? 0);
}

describe("encapsulation as a datagram", () => {
  it("puts eight bytes in front of the frame and names the peer", async () => {
    const vtep = await vtepWithPeer(["linuxMode", "ecn"]);
    const { verdict, given } = vtep.feed("vxlan_encap_burst", innerFrame());
    assert.equal(verdict, "consumed");
    assert.equal(given.length, 1);
    assert.equal(
      hexOf(given[0]?.bytes ?? new Uint8Array()),
      hexOf(vxlan({ vni: VNI }, innerFrame())),
    );
    assert.equal(given[0]?.desc.peer, PEER);
    assert.equal(given[0]?.desc.vni, VNI);
    assert.equal(given[0]?.desc.tos, 0);
  });

  it("drops a frame for a station that nobody knows", async () => {
    const vtep = await vtepWithPeer(["linuxMode"]);
    const { verdict, given } = vtep.feed("vxlan_encap_burst", innerFrame("02:42:0a:01:10:99"));
    assert.deepEqual([verdict, given.length], ["UnknownStation", 0]);
    assert.equal(vtep.node.counters().UnknownStation, 1n);
  });

  it("gives every remote of the flood list a copy of the same bytes, in order", async () => {
    const vtep = await vtepWithPeer(["flood", "linuxMode"]);
    addFlood(vtep, PEER);
    addFlood(vtep, ANOTHER);
    const { verdict, given } = vtep.feed("vxlan_encap_burst", innerFrame(BROADCAST));
    assert.equal(verdict, "consumed");
    assert.deepEqual(
      given.map(({ desc }) => desc.peer),
      [PEER, ANOTHER],
    );
    assert.equal(new Set(given.map(({ desc }) => desc.ptr)).size, 1);
    assert.ok(given.every(({ desc }) => desc.flags.includes("shared")));
  });

  it("gives a known station to exactly one remote", async () => {
    const vtep = await vtepWithPeer(["flood", "linuxMode"]);
    addFlood(vtep, PEER);
    addFlood(vtep, ANOTHER);
    assert.equal(vtep.feed("vxlan_encap_burst", innerFrame()).given.length, 1);
  });

  it("never sends back to the remote that a frame came from", async () => {
    const vtep = await vtepWithPeer(["flood", "linuxMode"]);
    const remote = vtep.node.remotes.find(PEER) ?? -1;
    const fed = { flags: ["decapped"] as const, remote };
    assert.equal(vtep.feed("vxlan_encap_burst", innerFrame(), fed).verdict, "SplitHorizon");
    addFlood(vtep, PEER);
    addFlood(vtep, ANOTHER);
    const { verdict, given } = vtep.feed("vxlan_encap_burst", innerFrame(BROADCAST), fed);
    assert.equal(verdict, "consumed");
    assert.deepEqual(
      given.map(({ desc }) => desc.peer),
      [ANOTHER],
    );
  });

  it("refuses what is longer than the MTU, but lets a tag ride on top", async () => {
    const vtep = await vtepWithPeer(["linuxMode"]);
    const full = ethernet({ dst: PEER_MAC, src: OWN_MAC }, new Uint8Array(1450));
    const tagged = ethernet(
      { dst: PEER_MAC, src: OWN_MAC, etherType: 0x8100 },
      new Uint8Array(1454),
    );
    assert.equal(vtep.feed("vxlan_encap_burst", full).verdict, "consumed");
    assert.equal(vtep.feed("vxlan_encap_burst", tagged).verdict, "consumed");
    assert.equal(vtep.feed("vxlan_encap_burst", join(full, bytesOf("00"))).verdict, "TooBig");
    assert.equal(vtep.feed("vxlan_encap_burst", join(tagged, bytesOf("00"))).verdict, "TooBig");
  });

  it("refuses a truncated frame and a bare IP packet", async () => {
    const vtep = await vtepWithPeer(["linuxMode"]);
    assert.equal(vtep.feed("vxlan_encap_burst", new Uint8Array(13)).verdict, "Truncated");
    const bare = innerFrame().subarray(14);
    assert.equal(vtep.feed("vxlan_encap_burst", bare, { flags: ["l3"] }).verdict, "BadProtocol");
  });
});

describe("the outer DS field", () => {
  const tosOf = async (flags: Parameters<typeof openVtep>[0], tos: number): Promise<number> => {
    const vtep = await vtepWithPeer(flags);
    return vtep.feed("vxlan_encap_burst", innerFrame(PEER_MAC, tos)).given[0]?.desc.tos ?? -1;
  };

  it("carries the inner ECN, and in linux mode resets a mark to ECT(0)", async () => {
    for (const [inner, outer] of [
      [0, 0],
      [1, 1],
      [2, 2],
      [3, 2],
    ] as const) {
      assert.equal(await tosOf(["linuxMode", "ecn"], inner), outer);
    }
  });

  it("carries every mark in rfc mode", async () => {
    for (const inner of [0, 1, 2, 3]) assert.equal(await tosOf(["ecn"], inner), inner);
  });

  it("does not carry the inner DSCP unless told to", async () => {
    assert.equal(await tosOf(["linuxMode", "ecn"], 0xb8), 0);
    const vtep = await vtepWithPeer(["linuxMode", "ecn"]);
    const port = vtep.node.ports.get(0);
    assert.ok(port !== undefined);
    const { learned: _, ...init } = port;
    vtep.node.ports.set({ ...init, tosMode: "inherit" });
    assert.equal(
      vtep.feed("vxlan_encap_burst", innerFrame(PEER_MAC, 0xb9)).given[0]?.desc.tos,
      0xb9,
    );
  });
});

describe("encapsulation as a frame", () => {
  const expectFrame = (frame: Uint8Array, dst: string, checksum?: number): Uint8Array => {
    const id = ((frame[18] ?? 0) << 8) | (frame[19] ?? 0);
    const addresses = { src: LOCAL, dst };
    const ports = { srcPort: sourcePortOf(frame), dstPort: UDP_PORT };
    const udpFields =
      checksum === undefined ? { ...ports, pseudo: addresses } : { ...ports, checksum };
    const datagram = udp(udpFields, vxlan({ vni: VNI }, innerFrame()));
    const macs = { dst: "02:00:0a:a8:00:03", src: "02:00:0a:a8:00:02" };
    return ethernet(macs, ipv4({ ...addresses, id }, datagram));
  };

  it("writes Ethernet, IPv4, UDP and VXLAN headers as Linux does: DF clear, TTL 64", async () => {
    const vtep = await vtepWithPeer(["linuxMode", "ecn"]);
    const { bytes } = vtep.feed("vxlan_encap_frame_burst", innerFrame());
    assert.ok(bytes !== undefined);
    assert.equal(hexOf(bytes), hexOf(expectFrame(bytes, PEER, 0)));
  });

  it("computes the UDP checksum when told to", async () => {
    const vtep = await vtepWithPeer(["linuxMode", "ecn", "udpChecksum"]);
    const { bytes } = vtep.feed("vxlan_encap_frame_burst", innerFrame());
    assert.ok(bytes !== undefined);
    assert.equal(hexOf(bytes), hexOf(expectFrame(bytes, PEER)));
  });

  it("gathers a flooded frame behind a header for each remote, checksums right", async () => {
    const vtep = await vtepWithPeer(["flood", "linuxMode", "udpChecksum"]);
    const broadcast = innerFrame(BROADCAST);
    addFlood(vtep, PEER);
    addFlood(vtep, ANOTHER);
    const { given } = vtep.feed("vxlan_encap_frame_burst", broadcast);
    assert.equal(given.length, 2);
    for (const { desc, bytes } of given) {
      assert.ok(desc.flags.includes("gather") && desc.flags.includes("outerFrame"));
      const addresses = { src: LOCAL, dst: desc.peer ?? "" };
      const ports = { srcPort: sourcePortOf(bytes), dstPort: UDP_PORT };
      const datagram = udp({ ...ports, pseudo: addresses }, vxlan({ vni: VNI }, broadcast));
      assert.equal(hexOf(bytes.subarray(34)), hexOf(datagram));
    }
  });

  it("takes source ports of Linux's range, or in rfc mode of the dynamic one", async () => {
    for (const [flags, low, high] of [
      [["linuxMode"], 32768, 60999],
      [[], 49152, 65535],
    ] as const) {
      const vtep = await vtepWithPeer(flags);
      const seen = new Set<number>();
      for (let flow = 0; flow < 200; flow++) {
        const payload = udp({ srcPort: flow, dstPort: 80 }, new Uint8Array());
        const packet = ipv4({ src: "10.1.15.2", dst: "10.1.16.3" }, payload);
        const frame = ethernet({ dst: PEER_MAC, src: OWN_MAC }, packet);
        const { bytes } = vtep.feed("vxlan_encap_frame_burst", frame);
        seen.add(sourcePortOf(bytes ?? new Uint8Array()));
      }
      assert.ok([...seen].every((port) => port >= low && port <= high));
      assert.ok(seen.size > 190, `${seen.size} ports for 200 flows`);
    }
  });

  it("keeps a flow and all fragments of a datagram on one port", async () => {
    const vtep = await vtepWithPeer(["linuxMode"]);
    const portOf = (fragment: number, payload: Uint8Array): number => {
      const packet = ipv4({ src: "10.1.15.2", dst: "10.1.16.3", fragment }, payload);
      const frame = ethernet({ dst: PEER_MAC, src: OWN_MAC }, packet);
      return sourcePortOf(vtep.feed("vxlan_encap_frame_burst", frame).bytes ?? new Uint8Array());
    };
    const head = udp({ srcPort: 7, dstPort: 9 }, new Uint8Array(16));
    assert.equal(portOf(0, head), portOf(0, head));
    assert.equal(portOf(0x2000, head), portOf(0x0003, bytesOf("0102030405060708")));
  });
});

describe("a frame whose bytes others hold as well", () => {
  for (const element of ["vxlan_encap_burst", "vxlan_encap_frame_burst"] as const) {
    it(`gets its headers elsewhere: ${element}`, async () => {
      const alone = await vtepWithPeer(["linuxMode"]);
      const shared = await vtepWithPeer(["linuxMode"]);
      const expected = alone.feed(element, innerFrame()).given[0]?.bytes;
      const given = shared.feed(element, innerFrame(), { flags: ["shared"] }).given[0];
      assert.ok(expected !== undefined && given !== undefined);
      assert.deepEqual(
        ["shared", "gather"].map((flag) => given.desc.flags.includes(flag as never)),
        [true, true],
      );
      assert.equal(hexOf(given.bytes), hexOf(expected));
    });
  }
});

describe("ARP at a VXLAN port", () => {
  const request = arp({
    operation: 1,
    senderMac: OWN_MAC,
    senderAddress: "10.1.15.0",
    targetMac: "00:00:00:00:00:00",
    targetAddress: "10.1.16.0",
  });
  const frame = ethernet({ dst: BROADCAST, src: OWN_MAC, etherType: 0x0806 }, request);

  it("is answered from the neighbor table, to the port that asked", async () => {
    const vtep = await vtepWithPeer(["arpProxy"]);
    const entry = { port: 0, address: "10.1.16.0", mac: PEER_MAC, state: "permanent" } as const;
    vtep.node.neighbors.set([entry], 1000);
    const { verdict, given } = vtep.feed("vxlan_encap_burst", frame);
    assert.equal(verdict, "consumed");
    const answer = arp({
      operation: 2,
      senderMac: PEER_MAC,
      senderAddress: "10.1.16.0",
      targetMac: OWN_MAC,
      targetAddress: "10.1.15.0",
    });
    const expected = ethernet({ dst: OWN_MAC, src: PEER_MAC, etherType: 0x0806 }, answer);
    assert.equal(hexOf(given[0]?.bytes ?? new Uint8Array()), hexOf(expected));
    assert.deepEqual(given[0]?.desc.flags, ["originated"]);
    assert.equal(given[0]?.desc.port, 0);
  });

  it("ends here when nobody knows the answer", async () => {
    const vtep = await vtepWithPeer(["arpProxy", "flood"]);
    addFlood(vtep, PEER);
    const { verdict, given } = vtep.feed("vxlan_encap_burst", frame);
    assert.deepEqual([verdict, given.length], ["Unresolved", 0]);
  });

  it("is a frame as any other where the port is no proxy", async () => {
    const vtep = await vtepWithPeer(["flood"]);
    addFlood(vtep, PEER);
    assert.equal(vtep.feed("vxlan_encap_burst", frame).given[0]?.desc.peer, PEER);
  });

  it("is refused when it asks for other than Ethernet and IPv4", async () => {
    const vtep = await vtepWithPeer(["arpProxy"]);
    const odd = Uint8Array.from(frame);
    odd[18] = 8;
    assert.equal(vtep.feed("vxlan_encap_burst", odd).verdict, "BadHardware");
  });
});
