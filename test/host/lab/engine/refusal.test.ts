// What a host does not take from the wire, and what it says of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type LayerInit, openCore } from "../../../../bindings/core/index.ts";
import { type Hop, runScenario, type Scenario } from "../../../../bindings/lab/index.ts";
import { flannelVxlan, NODE1, NODE2 } from "../../../../bindings/lab/scenarios/flannel/vxlan.ts";
import { addressIn } from "../../../../bindings/lab/scenarios/parts/site.ts";

const core = await openCore();

const ETHERNET: LayerInit = {
  layer: "ethernet",
  fields: { dst: NODE2.cardMac ?? "", src: NODE1.cardMac ?? "" },
};
const IP: LayerInit = {
  layer: "ipv4",
  fields: { src: addressIn(NODE1.card), dst: addressIn(NODE2.card) },
};
const UDP: LayerInit = { layer: "udp", fields: { srcPort: 40000, dstPort: 8472 } };
const INNER: readonly LayerInit[] = [
  { layer: "ethernet", fields: { dst: NODE2.vtepMac ?? "", src: NODE1.vtepMac ?? "" } },
  { layer: "ipv4", fields: { src: "10.1.15.2", dst: "10.1.16.3", protocol: 253 } },
  { layer: "payload", fields: { data: "00" } },
];

/** The last hop of a frame that comes to node2's card, its bits flipped there. */
function hopOf(frame: readonly LayerInit[], flips: readonly number[] = []): Hop {
  const action = { do: "frame", in: "node2", device: "eth0", from: "wire", frame, flips } as const;
  const scenario: Scenario = { ...flannelVxlan, actions: [action], assertions: [], errata: [] };
  const trace = runScenario(core, scenario);
  const hops = trace.hops.filter(({ packet }) => packet === 0);
  const last = hops.at(-1);
  if (last === undefined) throw new Error("the frame went nowhere");
  return last;
}

function vxlan(vni: number, reserved = 0): LayerInit {
  return { layer: "vxlan", fields: { vni, reserved } };
}

test("a frame of another VNI is not delivered, and both numbers are told", () => {
  const hop = hopOf([ETHERNET, IP, UDP, vxlan(2), ...INNER]);
  assert.equal(hop.verdict, "drop-vni");
  assert.deepEqual([hop.values.a, hop.values.b], [2, 1]);
});

test("a reserved bit is refused, as Linux does", () => {
  assert.equal(hopOf([ETHERNET, IP, UDP, vxlan(1, 1), ...INNER]).verdict, "drop-reserved");
});

test("a bit that flipped is found by the outer checksum", () => {
  const payloadBit = (14 + 20 + 8 + 8 + 14 + 20) * 8;
  const hop = hopOf([ETHERNET, IP, UDP, vxlan(1), ...INNER], [payloadBit]);
  assert.equal(hop.verdict, "drop-csum");
});

test("another station's frame, and another host's packet, are not taken", () => {
  const other = {
    layer: "ethernet",
    fields: { dst: "02:00:00:00:00:77", src: "02:00:00:00:00:78" },
  };
  assert.equal(hopOf([other as LayerInit, IP, UDP, vxlan(1), ...INNER]).verdict, "drop-mac");
});

test("who says that it is us is a martian", () => {
  const own = { src: addressIn(NODE2.card), dst: addressIn(NODE2.card) };
  const hop = hopOf([ETHERNET, { layer: "ipv4", fields: own }, UDP, vxlan(1), ...INNER]);
  assert.equal(hop.verdict, "drop-martian");
});

test("a datagram that nobody waits for is refused with ICMP", () => {
  const udp: LayerInit = { layer: "udp", fields: { srcPort: 40000, dstPort: 9 } };
  const hop = hopOf([ETHERNET, IP, udp, { layer: "payload", fields: { data: "68656c6c6f" } }]);
  assert.equal(hop.verdict, "drop-port");
  assert.equal(hop.values.answer, "ICMP 3/3");
  assert.equal(hop.side.length, 1);
});
