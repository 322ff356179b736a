import assert from "node:assert/strict";
import { test } from "node:test";
import { encode, type LayerInit, openCore } from "../../../../bindings/core/index.ts";
import {
  type Hook,
  type Passage,
  Ruleset,
  type Walk,
  walk,
} from "../../../../bindings/lab/netfilter/index.ts";

const core = await openCore({ memoryBytes: 1 << 20 });
const C1 = "172.17.0.2";
const C2 = "172.17.0.3";
const HOST = "10.168.0.2";
const TRACE = ["-t raw -A OUTPUT -p icmp -j TRACE", "-t raw -A PREROUTING -p icmp -j TRACE"];

function packet(src: string, dst: string, ...body: LayerInit[]): Uint8Array {
  return encode([{ layer: "ipv4", fields: { src, dst, id: 7, dontFragment: true } }, ...body]);
}

const echo = (type: number): LayerInit => ({
  layer: "icmp",
  fields: { type, id: 5, sequence: 1 },
});
const segment = (srcPort: number, dstPort: number): LayerInit => ({
  layer: "tcp",
  fields: { srcPort, dstPort, syn: true },
});
const request = packet(C1, C2, echo(8));

function go(rules: Ruleset, passage: Partial<Passage>): Walk {
  return walk(core, rules, {
    hook: "FORWARD",
    packet: request,
    in: "docker0",
    out: "docker0",
    flow: "NEW",
    isLocal: (address) => address === HOST,
    ...passage,
  });
}

test("a trace names each rule and policy from the rule that asks for it on", () => {
  const rules = new Ruleset([
    ...TRACE,
    "-t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE",
    "-P FORWARD ACCEPT",
  ]);
  const path = (flow: Passage["flow"], bytes: Uint8Array) => {
    const walks: Walk[] = [];
    for (const hook of ["PREROUTING", "FORWARD", "POSTROUTING"] as const) {
      const passage = { hook, packet: bytes, flow, traceId: 0x846b7b39 };
      const devices = {
        in: hook === "POSTROUTING" ? null : "docker0",
        out: hook === "PREROUTING" ? null : "docker0",
      };
      walks.push(go(rules, { ...passage, ...devices, isTraced: walks.at(-1)?.isTraced ?? false }));
    }
    return walks;
  };
  const there = path("NEW", request);
  assert.deepEqual(
    there.flatMap(({ monitorLines }) => monitorLines),
    [
      "TRACE: 2 846b7b39 raw:PREROUTING:rule:0x4:CONTINUE  " +
        "-4 -t raw -A PREROUTING -p icmp -j TRACE",
      "TRACE: 2 846b7b39 raw:PREROUTING:policy:ACCEPT",
      "TRACE: 2 846b7b39 filter:FORWARD:policy:ACCEPT",
      "TRACE: 2 846b7b39 nat:POSTROUTING:policy:ACCEPT",
    ],
  );
  const places = there.flatMap(({ legacyLines }) => legacyLines.map((line) => line.split(" ")[1]));
  assert.deepEqual(places, [
    ...["raw:PREROUTING:policy:2", "nat:PREROUTING:policy:1"],
    ...["filter:FORWARD:policy:1", "nat:POSTROUTING:policy:2"],
  ]);
  const back = path("ESTABLISHED", packet(C2, C1, echo(0)));
  assert.deepEqual(
    back.flatMap(({ monitorLines }) => monitorLines.map((line) => line.split(":")[1])),
    [" 2 846b7b39 raw", " 2 846b7b39 raw", " 2 846b7b39 filter"],
  );
});

test("the kernel's log has the packet in its own words", () => {
  const rules = new Ruleset(TRACE);
  const frameHeader = Uint8Array.from([2, 66, 172, 17, 0, 3, 2, 66, 172, 17, 0, 2, 8, 0]);
  const ports = { physicalIn: "veth1", frameHeader, out: null } as const;
  assert.deepEqual(go(rules, { hook: "PREROUTING", ...ports }).legacyLines, [
    "TRACE: raw:PREROUTING:policy:2 IN=docker0 OUT= PHYSIN=veth1 " +
      "MAC=02:42:ac:11:00:03:02:42:ac:11:00:02:08:00 SRC=172.17.0.2 DST=172.17.0.3 LEN=28 " +
      "TOS=0x00 PREC=0x00 TTL=64 ID=7 DF PROTO=ICMP TYPE=8 CODE=0 ID=5 SEQ=1",
  ]);
  const log = new Ruleset(["-A OUTPUT -j LOG --log-prefix heddle-"]);
  const own = { hook: "OUTPUT", in: null, out: "eth0" } as const;
  const tcp = packet(HOST, C1, segment(40000, 80));
  assert.deepEqual(go(log, { ...own, packet: tcp }).logLines, [
    "heddle-IN= OUT=eth0 SRC=10.168.0.2 DST=172.17.0.2 LEN=40 TOS=0x00 PREC=0x00 TTL=64 ID=7 " +
      "DF PROTO=TCP SPT=40000 DPT=80 SEQ=0 ACK=0 WINDOW=0 RES=0x00 SYN URGP=0",
  ]);
});

test("what decides is the first rule that matches, in a chain or in one it calls", () => {
  const rules = new Ruleset([
    ...["-N ONE", "-N TWO", "-P FORWARD DROP"],
    "-A FORWARD -j ONE",
    "-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
    "-A FORWARD -i docker0 -o docker0 -j ACCEPT",
    "-A ONE -i docker0 ! -o docker0 -j TWO",
    "-A ONE -j RETURN",
    "-A TWO -o br-1 -j DROP",
    "-A TWO -j RETURN",
  ]);
  const same = go(rules, {});
  assert.equal(same.verdict, "accept");
  assert.equal(same.decided?.text, "-A FORWARD -i docker0 -o docker0 -j ACCEPT");
  assert.deepEqual(
    same.matched.map(({ chain, number }) => `${chain} ${number}`),
    ["FORWARD 1", "ONE 2", "FORWARD 3"],
  );
  const across = go(rules, { out: "br-1" });
  assert.deepEqual(
    [across.verdict, across.decided?.chain, across.decided?.number],
    [...["drop", "TWO", 1]],
  );
  const out = go(rules, { out: "eth0" });
  assert.deepEqual(out.decided, {
    ...{ table: "filter", chain: "FORWARD", number: 0, text: "-P FORWARD DROP" },
  });
  assert.equal(go(rules, { out: "eth0", flow: "ESTABLISHED" }).verdict, "accept");
});

test("a chain that was gone to, and not called, goes back to where its caller was called", () => {
  const rules = new Ruleset([
    ...["-N A", "-N B", "-A INPUT -j A", "-A INPUT -j ACCEPT"],
    ...["-A A -g B", "-A A -j DROP", "-A B -p udp -j DROP"],
    ...["-t raw -A PREROUTING -j TRACE"],
  ]);
  const { verdict, matched, legacyLines } = go(rules, { hook: "INPUT", isTraced: true });
  assert.equal(verdict, "accept");
  assert.deepEqual(
    matched.map(({ text }) => text),
    ["-A INPUT -j A", "-A A -g B", "-A INPUT -j ACCEPT"],
  );
  assert.deepEqual(
    legacyLines.map((line) => line.split(" ")[1]),
    ["filter:INPUT:rule:1", "filter:A:rule:1", "filter:B:return:2", "filter:INPUT:rule:2"],
  );
});

test("each question is asked of the packet, and turned round by an exclamation mark", () => {
  const tcp = packet(C1, HOST, segment(40000, 8080));
  const cases: [string, Partial<Passage>][] = [
    ["-s 172.17.0.0/16", {}],
    ["-d 172.17.0.3", {}],
    ["-i docker+", {}],
    ["-o docker0", {}],
    ["-p icmp", {}],
    ["-p icmp -m icmp --icmp-type 8", {}],
    ["-p icmp -m icmp --icmp-type echo-request", {}],
    ["-p tcp -m tcp --dport 8000:9000", { packet: tcp }],
    ["-p tcp -m tcp --sport 40000", { packet: tcp }],
    ["-p tcp -m multiport --dports 80,8080", { packet: tcp }],
    ["-p tcp -m multiport --ports 40000", { packet: tcp }],
    ["-m addrtype --dst-type LOCAL", { packet: tcp }],
    ["-m addrtype --src-type UNICAST", {}],
    ["-m conntrack --ctstate NEW", {}],
    ["-m state --state NEW", {}],
    ["-m conntrack --ctstate DNAT", { isTargetTranslated: true }],
    ["-m mark --mark 0x4000/0x4000", { mark: 0xc000 }],
    ['-m comment --comment "flanneld masq"', {}],
  ];
  const hit = (words: string, passage: Partial<Passage>): boolean =>
    go(new Ruleset([`-A FORWARD ${words} -j DROP`]), passage).verdict === "drop";
  for (const [words, passage] of cases) {
    assert.ok(hit(words, passage), words);
    const last = words.replace(/(--?\S+) (\S+|".*")$/, "! $1 $2");
    if (!words.includes("comment")) assert.ok(!hit(last, passage), last);
    const other = packet("192.0.2.1", "192.0.2.2", { layer: "udp", fields: UDP });
    const elsewhere = { packet: other, in: "eth0", out: "eth1", flow: "INVALID" } as const;
    const isOpen = words.includes("comment") || words.includes("UNICAST");
    assert.equal(hit(words, elsewhere), isOpen, words);
  }
});

const UDP = { srcPort: 1, dstPort: 2 };

test("table nat is asked about the first packet of a flow, and says what to rewrite", () => {
  const rules = new Ruleset(["-t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE"]);
  const hook: Hook = "POSTROUTING";
  const out = { hook, in: null, out: "eth0" };
  const { translation, decided, verdict } = go(rules, out);
  assert.equal(translation?.target.do, "MASQUERADE");
  assert.deepEqual([translation?.rule, verdict], [decided, "accept"]);
  assert.equal(go(rules, { ...out, flow: "ESTABLISHED" }).decided, null);
  assert.equal(go(rules, { ...out, out: "docker0" }).decided?.number, 0);
});
