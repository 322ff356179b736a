// A bridge with tunnels for ports: what the bridge gives is fed to the tunnel, and back.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Desc, type ElementName, openCore } from "../../../bindings/core/index.ts";
import { bytesOf, ethernet, hexOf, vxlan } from "../../model/packet.ts";

const PEERS = ["192.0.2.1", "192.0.2.2"] as const;
const LOCAL = "192.0.2.9";
const HERE = "02:00:00:00:00:0a";
const THERE = "02:00:00:00:00:0b";
const BROADCAST = "ff:ff:ff:ff:ff:ff";
const TUNNEL = 2;
const SECOND = 3;
const VNI = 5;

/** Two devices, a tunnel, and another tunnel, each tunnel with both peers on the flood list. */
async function open() {
  const core = await openCore({ memoryBytes: 1 << 20 });
  const node = core.openNode({ seed: 1n, slots: 48, fdb: 16, routes: 1, neighbors: 1 });
  node.domains.set({ index: 0, vni: VNI, ageS: 300 });
  const flags = ["learn", "flood"] as const;
  for (const index of [0, 1]) node.ports.set({ index, kind: "ethernet", domain: 0, flags });
  const tunnel = { kind: "vxlan", domain: 0, flags, localIpv4: LOCAL, udpPort: 8472 } as const;
  for (const index of [TUNNEL, SECOND]) node.ports.set({ ...tunnel, index, vni: VNI });
  const remotes = PEERS.map((address) => node.remotes.set({ address }));
  node.flood.set([
    { domain: 0, port: 0, remote: null },
    ...remotes.flatMap((remote) => [TUNNEL, SECOND].map((port) => ({ domain: 0, port, remote }))),
    { domain: 0, port: 1, remote: null },
  ]);
  const bursts = {
    bridge: node.openBurst({ capacity: 2 }),
    tunnel: node.openBurst({ capacity: 2 }),
  };
  const run = (where: keyof typeof bursts, element: ElementName, port: number): Desc[] => {
    const burst = bursts[where];
    const count = burst.run(element, 1000, port);
    return Array.from({ length: count }, (_, at) => burst.outAt(at));
  };
  return {
    node,
    bridge: (from: number, bytes: Uint8Array): Desc[] => {
      bursts.bridge.clear();
      bursts.bridge.push({ bytes, port: from });
      return run("bridge", "bridge_burst", 0);
    },
    /** Goes on with what the bridge or a tunnel gave. */
    goOn: (desc: Desc, element: ElementName): Desc[] => {
      const { ptr, len, port, flags: marks, remote, vni } = desc;
      const where = element === "bridge_burst" ? "bridge" : "tunnel";
      bursts[where].clear();
      bursts[where].push({ ptr, len, port, flags: marks, remote, vni });
      return run(where, element, port ?? 0);
    },
    decap: (peer: string, bytes: Uint8Array): Desc => {
      bursts.tunnel.clear();
      bursts.tunnel.push({ bytes: vxlan({ vni: VNI }, bytes), peer });
      const [given] = run("tunnel", "vxlan_decap_burst", TUNNEL);
      return given ?? assert.fail("nothing came out");
    },
    bytesAt: (at: number): Uint8Array => bursts.tunnel.outBytes(at),
  };
}

function frame(src: string, dst: string): Uint8Array {
  return ethernet({ dst, src, etherType: 0x88b5 }, bytesOf("6865 6464 6c65"));
}

function portsOf(descs: readonly Desc[]): (number | null)[] {
  return descs.map(({ port }) => port);
}

function peersOf(descs: readonly Desc[]): (string | null)[] {
  return descs.map(({ peer }) => peer);
}

describe("a bridge in front of tunnels", () => {
  it("gives a tunnel one copy, of which the tunnel makes one for each remote", async () => {
    const { bridge, goOn, bytesAt } = await open();
    const sent = frame(HERE, BROADCAST);
    const copies = bridge(0, sent);
    assert.deepEqual(portsOf(copies), [TUNNEL, SECOND, 1]);
    const [toTunnel = assert.fail()] = copies;
    const datagrams = goOn(toTunnel, "vxlan_encap_burst");
    assert.deepEqual(peersOf(datagrams), PEERS);
    datagrams.forEach((_, at) => {
      assert.equal(hexOf(bytesAt(at)), hexOf(vxlan({ vni: VNI }, sent)));
    });
  });

  it("takes what comes out of a tunnel to all ports but that one", async () => {
    const { decap, goOn } = await open();
    const copies = goOn(decap(PEERS[0], frame(THERE, BROADCAST)), "bridge_burst");
    assert.deepEqual(portsOf(copies), [0, SECOND, 1]);
    assert.ok(copies.every(({ flags }) => flags.includes("decapped") && flags.includes("shared")));
  });

  it("sends nothing back to the remote that it came from, by another tunnel neither", async () => {
    const { decap, goOn } = await open();
    const copies = goOn(decap(PEERS[0], frame(THERE, BROADCAST)), "bridge_burst");
    const toSecond = copies.find(({ port }) => port === SECOND) ?? assert.fail();
    assert.deepEqual(peersOf(goOn(toSecond, "vxlan_encap_burst")), [PEERS[1]]);
  });

  it("sends to a station behind a tunnel by its remote alone", async () => {
    const { node, bridge, decap, goOn } = await open();
    decap(PEERS[1], frame(THERE, BROADCAST));
    assert.equal(node.fdb.get({ domain: 0, mac: THERE }, 1000)?.port, TUNNEL);
    const copies = bridge(0, frame(HERE, THERE));
    assert.deepEqual(portsOf(copies), [TUNNEL]);
    const [only = assert.fail()] = copies;
    assert.deepEqual(only.flags, []);
    assert.deepEqual(peersOf(goOn(only, "vxlan_encap_burst")), [PEERS[1]]);
  });

  it("does not take a station's remote away when it learns", async () => {
    const { node, decap, goOn } = await open();
    const remote = node.remotes.find(PEERS[0]);
    goOn(decap(PEERS[0], frame(THERE, BROADCAST)), "bridge_burst");
    assert.equal(node.fdb.get({ domain: 0, mac: THERE }, 1000)?.remote, remote);
    assert.equal(node.counters().StationMoved, undefined);
  });
});
