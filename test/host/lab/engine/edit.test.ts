// Changes by the reader: what happened before stays, and what comes after follows the tables.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { openCore } from "../../../../bindings/core/index.ts";
import { type Edit, type Hop, runScenario, type Trace } from "../../../../bindings/lab/index.ts";
import { natOut } from "../../../../bindings/lab/scenarios/docker/outside.ts";
import { flannelVxlan } from "../../../../bindings/lab/scenarios/flannel/vxlan.ts";
import { drawSeed } from "../../../../fuzz/seed.ts";

const core = await openCore();
const plain = runScenario(core, flannelVxlan);

/** What can be typed in this network, where it is typed. */
const COMMANDS: readonly (readonly [string, string])[] = [
  ["node1", "bridge fdb del 5e:f8:4f:00:e3:37 dev flannel.1 dst 10.168.0.3"],
  ["node1", "ip route del 10.1.16.0/24"],
  ["node1", "ip neigh del 10.1.16.0 dev flannel.1"],
  ["node2", "ip link set docker0 down"],
  ["node1", "ip link set eth0 down"],
  ["node2", "sysctl -w net.ipv4.ip_forward=0"],
  ["c1", "ip route add 10.1.16.3/32 via 10.1.15.1"],
  ["node2", "ip neigh replace 10.1.16.3 lladdr 02:00:00:00:00:99 dev docker0 nud permanent"],
  ["node1", "iptables -A FORWARD -i docker0 -j DROP"],
];

/** A hop with its bytes in place of where they lie. */
function told(trace: Trace, hop: Hop): unknown {
  const bytes = (span: { offset: number; len: number }): string =>
    Buffer.from(trace.bytes.subarray(span.offset, span.offset + span.len)).toString("hex");
  return { ...hop, in: hop.in && bytes(hop.in), out: hop.out.map(bytes), side: hop.side };
}

/** Hops that were decided before the edit's: those that had ended by then. */
function before(trace: Trace, at: NonNullable<Edit["at"]>): readonly Hop[] {
  const hop = trace.hops.find(({ packet, n }) => packet === at.packet && n === at.hop);
  const timeNs = hop?.timeNs ?? 0;
  return trace.hops.filter((each) => {
    const next = trace.hops.find(({ packet, from }) => packet === each.packet && from === each.n);
    return each.timeNs < timeNs && (next === undefined || next.timeNs < timeNs);
  });
}

test("whatever is changed at a hop, all hops before it stay as they were", () => {
  const seed = drawSeed();
  console.log(`seed ${seed}`);
  const hops = fc.constantFrom(...plain.hops.map(({ packet, n }) => ({ packet, hop: n })));
  const edit = fc
    .tuple(hops, fc.constantFrom(...COMMANDS))
    .map(([at, [namespace, command]]): Edit => ({ at, namespace, command }));
  fc.assert(
    fc.property(edit, (each) => {
      const edited = runScenario(core, flannelVxlan, { edits: [each] });
      if (each.at === null) throw new Error("an edit has a hop");
      for (const hop of before(plain, each.at)) {
        const twin = edited.hops.find(({ packet, n }) => packet === hop.packet && n === hop.n);
        assert.ok(twin !== undefined, JSON.stringify(each));
        assert.deepEqual(told(edited, twin), told(plain, hop), JSON.stringify(each));
      }
    }),
    { seed: Number(seed) | 0, numRuns: 60 },
  );
});

test("without its FDB entry the packet dies at hop 4, and says why", () => {
  const at = { packet: 0, hop: 4 };
  const [namespace, command] = COMMANDS[0] ?? ["", ""];
  const edited = runScenario(core, flannelVxlan, { edits: [{ at, namespace, command }] });
  const last = edited.hops.filter(({ packet }) => packet === 0).at(-1);
  assert.equal(last?.n, 4);
  assert.equal(last.verdict, "drop-no-fdb");
  assert.deepEqual([last.values.dev, last.values.mac], ["flannel.1", "5e:f8:4f:00:e3:37"]);
  assert.equal(last.asked[0]?.row, null);
  assert.notEqual(edited.key, plain.key);
  assert.deepEqual(edited.errata, []);
});

test("an edit that the tool would refuse is refused in its words", () => {
  const edits = [
    { at: null, namespace: "node1", command: "ip route add 10.9.0.0/24 via 10.8.0.1" },
  ];
  assert.throws(() => runScenario(core, flannelVxlan, { edits }), /Nexthop has invalid gateway/);
  const twin = [{ at: null, namespace: "node1", command: "ip route add default via 10.168.0.1" }];
  assert.throws(() => runScenario(core, flannelVxlan, { edits: twin }), /File exists/);
});

test("a flow is translated as the rule said that it began with, whatever is written later", () => {
  const twice = natOut.actions.filter((action) => action.do === "udp");
  const later = ["10.8.0.0/16", "10.9.0.0/16"].map((prefix) => {
    const command = `iptables -t nat -I POSTROUTING -s ${prefix} -j ACCEPT`;
    return { do: "command", in: "node1", command } as const;
  });
  const actions = [...twice, ...later, ...twice];
  const { hops } = runScenario(core, { ...natOut, actions, assertions: [] });
  const said = hops.filter(({ verdict }) => verdict === "snat").map(({ values }) => values.rule);
  assert.equal(said.length, 2);
  assert.match(`${said[0]}`, /MASQUERADE/);
  assert.equal(said[1], said[0]);
});

test("a device has no MTU that none can have", () => {
  for (const [mtu, words] of [
    [67, "Error: mtu less than device minimum.\n"],
    [65536, "Error: mtu greater than device maximum.\n"],
    [68, ""],
  ] as const) {
    const command = `ip link set dev eth0 mtu ${mtu}`;
    const actions = [{ do: "command", in: "node1", command, refusedWith: words } as const];
    const { outputs } = runScenario(core, { ...flannelVxlan, actions, assertions: [], errata: [] });
    assert.deepEqual(
      outputs.map(({ text }) => text),
      [words],
    );
  }
});

test("what the core has no row for is refused, and changes nothing", () => {
  const nat = "iptables -t nat -A POSTROUTING -p icmp -j SNAT --to-source";
  for (const command of [
    `${nat} 0.0.0.0`,
    "iptables -t nat -A PREROUTING -p tcp --dport 80 -j DNAT --to-destination :8080",
    "ip neigh add 224.0.0.1 lladdr 02:00:00:00:00:01 dev eth0",
  ]) {
    const refusedWith = `${command} is not part of the lab`;
    const bad = { do: "command", in: "node1", command, refusedWith } as const;
    const good = { do: "command", in: "node1", command: `${nat} 10.168.0.2` } as const;
    const trace = runScenario(core, { ...natOut, actions: [bad, good], assertions: [] });
    assert.deepEqual(
      trace.facts.map(({ isHeld }) => isHeld),
      [true],
    );
    assert.equal(trace.log.length, 1);
  }
});
