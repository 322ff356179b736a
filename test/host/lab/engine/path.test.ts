// Where packets go, and what is written down of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openCore } from "../../../../bindings/core/index.ts";
import {
  type Hop,
  type Packet,
  runOf,
  runScenario,
  type Trace,
} from "../../../../bindings/lab/index.ts";
import { dockerBridge } from "../../../../bindings/lab/scenarios/docker/bridge.ts";
import { flannelVxlan } from "../../../../bindings/lab/scenarios/flannel/vxlan.ts";

const core = await openCore();

function packetOf(trace: Trace, kind: Packet["kind"]): Packet {
  const packet = trace.packets.find((each) => each.kind === kind);
  if (packet === undefined) throw new Error(`no ${kind}`);
  return packet;
}

function hopsOf(trace: Trace, { firstHop, hopCount }: Packet): readonly Hop[] {
  return trace.hops.slice(firstHop, firstHop + hopCount);
}

test("a ping over flannel's VXLAN takes nine hops there and nine back", () => {
  const trace = runScenario(core, flannelVxlan);
  const there = hopsOf(trace, packetOf(trace, "echo-request"));
  assert.deepEqual(
    there.map((hop) => [hop.namespace, hop.device, hop.outDevice, hop.verdict]),
    [
      ["c1", "eth0", null, "send"],
      ["node1", "docker0", null, "bridge-up"],
      ["node1", "routing", "flannel.1", "route"],
      ["node1", "flannel.1", "eth0", "encap-vxlan"],
      ["sw0", "sw0", "p-node2", "bridge"],
      ["node2", "eth0", "flannel.1", "decap"],
      ["node2", "routing", "docker0", "route"],
      ["node2", "docker0", "veth2", "bridge"],
      ["c2", "eth0", null, "deliver"],
    ],
  );
  assert.deepEqual(
    there.map(({ out }) => out[0]?.len ?? null),
    [98, 98, 98, 148, 148, 98, 98, 98, null],
  );
  const back = hopsOf(trace, packetOf(trace, "echo-reply"));
  assert.equal(back.length, 9);
  assert.equal(back[0]?.verdict, "reply");
});

test("hop 4 asks three tables, and the last of them only after two ARP frames", () => {
  const trace = runScenario(core, flannelVxlan);
  const wrap = hopsOf(trace, packetOf(trace, "echo-request"))[3];
  assert.deepEqual(
    wrap?.asked.map(({ table: { kind }, row, gave, arpFrames }) => [kind, row, gave, arpFrames]),
    [
      ["fdb", "5e:f8:4f:00:e3:37 dev flannel.1 dst 10.168.0.3 self permanent", ["outer.ip.dst"], 0],
      ["route", "10.168.0.0/24 dev eth0 proto kernel scope link src 10.168.0.2", ["device"], 0],
      ["neigh", "10.168.0.3 dev eth0 lladdr 02:00:0a:a8:00:03 REACHABLE", ["outer.eth.dst"], 2],
    ],
  );
});

test("a route says which others matched, and why they did not answer", () => {
  const trace = runScenario(core, flannelVxlan);
  const routed = hopsOf(trace, packetOf(trace, "echo-request"))[2];
  const lost = [{ row: "default via 10.168.0.1 dev eth0", why: "shorter" }];
  assert.deepEqual(routed?.asked[0]?.lost, lost);
  assert.deepEqual([routed.values.ttl0, routed.values.ttl1], [64, 63]);
});

test("between two containers of a bridge the bridge is a bridge", () => {
  const trace = runScenario(core, dockerBridge);
  assert.deepEqual(
    hopsOf(trace, packetOf(trace, "echo-request")).map(({ verdict }) => verdict),
    ["send-local", "bridge", "deliver"],
  );
});

test("one scenario and seed, one trace; another seed, other bytes", () => {
  const [one, again] = [runScenario(core, flannelVxlan), runScenario(core, flannelVxlan)];
  assert.equal(JSON.stringify(one.hops), JSON.stringify(again.hops));
  assert.deepEqual(one.bytes, again.bytes);
  assert.equal(one.key, again.key);
  const other = runScenario(core, flannelVxlan, { seed: 2n });
  assert.notDeepEqual(other.bytes, one.bytes);
  assert.notEqual(other.key, one.key);
});

test("the last rows are the first ones with all that was written down", () => {
  const trace = runScenario(core, flannelVxlan);
  const run = runOf(core, trace);
  assert.deepEqual(run.rows("c1", "neigh"), [
    "10.1.15.1 dev eth0 lladdr 02:42:0a:01:0f:01 REACHABLE",
  ]);
  assert.equal(run.rows("node1", "fdb", "flannel.1").length, 1);
});
