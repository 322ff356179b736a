// What rules say to packets that are not whole, and what is said to those whom a rule refuses.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decode, openCore } from "../../../../bindings/core/index.ts";
import { type Action, runScenario, SCENARIOS, type Trace } from "../../../../bindings/lab/index.ts";

import { flannelVxlan } from "../../../../bindings/lab/scenarios/flannel/vxlan.ts";

const core = await openCore({ memoryBytes: 16 << 20 });

/** A container, its host, and another host that has a route to it. */
function traceOf(rules: readonly string[], action: Action): Trace {
  const scenario = SCENARIOS.find(({ slug }) => slug === "container-to-host");
  const network = scenario?.variants?.routed?.network;
  if (scenario === undefined || network === undefined) throw new RangeError("no such scenario");
  const commands = rules.map((rule): Action => {
    return { do: "command", in: "node1", command: `iptables ${rule}` };
  });
  const actions = [...commands, action];
  return runScenario(core, { ...scenario, network, actions, assertions: [], errata: [] });
}

const TUNNELLED = "-t nat -A OUTPUT -p udp -m udp --dport 8472";

const STATEFUL = [
  "-P FORWARD DROP",
  "-A FORWARD -i docker0 -j ACCEPT",
  "-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT",
];

test("later fragments belong to the flow of the first", () => {
  const ping: Action = { do: "ping", in: "c1", to: "10.168.0.3", dataLen: 4000 };
  for (const nat of [[], ["-t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE"]]) {
    const trace = traceOf([...STATEFUL, ...nat], ping);
    assert.deepEqual(
      trace.hops.filter(({ verdict }) => verdict === "drop-rule"),
      [],
    );
    assert.match(trace.outputs.at(-1)?.text ?? "", /1 packets received, 0% packet loss/);
  }
});

test("a segment that a rule refuses is reset, in the name of its target", () => {
  const rule = "-A FORWARD -p tcp -m tcp --dport 80 -j REJECT --reject-with tcp-reset";
  const trace = traceOf([rule], { do: "tcp", in: "c1", to: "10.168.0.3", port: 80, text: "hello" });
  const [output] = trace.outputs.filter(({ namespace }) => namespace === "c1");
  assert.match(output?.text ?? "", /Connection refused/);
  const reset = trace.packets.find(({ label }) => label.includes("RST"));
  assert.deepEqual([reset?.from, reset?.to], ["10.168.0.3", "172.17.0.2"]);
  const [span] = trace.hops[reset?.firstHop ?? 0]?.out ?? [];
  const bytes = trace.bytes.subarray(span?.offset, (span?.offset ?? 0) + (span?.len ?? 0));
  const { layers } = decode(core, bytes);
  const ip = layers.find(({ layer }) => layer === "ipv4");
  assert.ok(ip?.layer === "ipv4" && ip.fields.dontFragment);
});

test("what a tunnel sends meets the rules of its host, and is a flow of its own", () => {
  const ping: Action = { do: "ping", in: "c1", to: "10.1.16.3" };
  const after = (rule: string): Trace => {
    const command = `iptables ${rule} -p udp -m udp --dport 8472`;
    const actions = [{ do: "command", in: "node1", command: `${command} -j DROP` } as const, ping];
    return runScenario(core, { ...flannelVxlan, actions, assertions: [], errata: [] });
  };
  for (const rule of ["-A OUTPUT", "-t mangle -A POSTROUTING"]) {
    const dropped = after(rule).hops.filter(({ verdict }) => verdict === "drop-rule");
    assert.deepEqual(
      dropped.map(({ namespace, device, out }) => [namespace, device, out.length]),
      [["node1", "flannel.1", 0]],
      rule,
    );
  }
  const { log, outputs } = after("-A FORWARD");
  assert.match(outputs.at(-1)?.text ?? "", /1 packets received/);
  const flows = log.filter(({ table }) => table.namespace === "node1" && table.kind === "conn");
  assert.ok(flows.some(({ added }) => /^udp 17 src=10.168.0.2 .*dport=8472/.test(added ?? "")));
});

test("a rule that sends a tunnel's packet elsewhere is told in a hop of its own", () => {
  const actions: Action[] = [
    {
      do: "command",
      in: "node1",
      command: `iptables ${TUNNELLED} -j DNAT --to-destination 10.168.0.3:9999`,
    },
    { do: "ping", in: "c1", to: "10.1.16.3" },
  ];
  const trace = runScenario(core, { ...flannelVxlan, actions, assertions: [], errata: [] });
  const [request] = trace.packets.filter(({ kind }) => kind === "echo-request");
  const hops = trace.hops.filter(({ packet }) => packet === request?.index);
  const at = hops.findIndex(({ verdict }) => verdict === "encap-vxlan");
  const portOf = ({ out: [span], outLink }: (typeof hops)[number]): number | undefined => {
    const bytes = trace.bytes.subarray(span?.offset, (span?.offset ?? 0) + (span?.len ?? 0));
    const { layers } = decode(core, bytes, { link: outLink === "ethernet" ? "ethernet" : "ip" });
    const udp = layers.find(({ layer }) => layer === "udp");
    return udp?.layer === "udp" ? udp.fields.dstPort : undefined;
  };
  assert.deepEqual(
    hops.slice(at, at + 3).map((hop) => [hop.verdict, hop.values.port, portOf(hop)]),
    [
      ["encap-vxlan", 8472, 8472],
      ["dnat", undefined, 9999],
      ["send", undefined, 9999],
    ],
  );
  const { values, asked } = hops[at + 1] ?? {};
  assert.deepEqual([values?.a, values?.b], ["10.168.0.3:8472", "10.168.0.3:9999"]);
  assert.match(asked?.[0]?.row ?? "", /-A OUTPUT .*--dport 8472 .*DNAT/);
});

test("other words of REJECT are ICMP errors", () => {
  const answerTo = (words: string): string | undefined => {
    const rule = `-A FORWARD -p udp -j REJECT --reject-with ${words}`;
    const udp = { do: "udp", in: "c1", to: "10.168.0.3", port: 9, text: "hello" } as const;
    return traceOf([rule], udp).packets.find(({ kind }) => kind === "icmp-error")?.label;
  };
  assert.equal(answerTo("icmp-port-unreachable"), "ICMP 3/3");
  assert.equal(answerTo("icmp-admin-prohibited"), "ICMP 3/13");
});
