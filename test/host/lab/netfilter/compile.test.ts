// The core translates, the walk explains: both have to find the same rule.
import assert from "node:assert/strict";
import { test } from "node:test";
import { HeddleError, openCore } from "../../../../bindings/core/index.ts";
import { Dice } from "../../../../bindings/lab/dice.ts";
import {
  compileNat,
  type Passage,
  type RuleRef,
  Ruleset,
  walk,
} from "../../../../bindings/lab/netfilter/index.ts";
import { drawSeed } from "../../../../fuzz/seed.ts";
import * as host from "../../core/docker-host.ts";

const core = await openCore({ memoryBytes: 256 << 20 });
const DEVICES = ["docker0", "eth0"]; // by their ports
const namespace = {
  devices: DEVICES,
  portOf: (device: string) => (DEVICES.includes(device) ? DEVICES.indexOf(device) : null),
};
const LOCAL = [host.GATEWAY, host.HOST];

test("chains that call each other too often are refused before memory ends", () => {
  const depth = 12;
  const names = Array.from({ length: depth }, (_, at) => `C${at}`);
  const calls = names.slice(1).flatMap((name, at) => {
    const call = `-t nat -A C${at} -j ${name}`;
    return [call, call, call, call];
  });
  const rules = new Ruleset([
    ...names.map((name) => `-t nat -N ${name}`),
    ...calls,
    "-t nat -A PREROUTING -j C0",
    `-t nat -A C${depth - 1} -p tcp -j ACCEPT`,
  ]);
  assert.throws(() => compileNat(rules, namespace), { code: "NoRoom" });
});

test("docker's rules become the core's, and translate as they say", () => {
  const rules = new Ruleset([
    "-t nat -N DOCKER",
    "-t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER",
    "-t nat -A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER",
    "-t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE",
    `-t nat -A POSTROUTING -s ${host.WEB} -d ${host.WEB} -p tcp -m tcp --dport 80 -j MASQUERADE`,
    "-t nat -A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT " +
      `--to-destination ${host.WEB}:80`,
  ]);
  const { records, origins } = compileNat(rules, namespace);
  assert.equal(records.length, origins.length);
  const docker = new host.DockerHost(core, { rules: 64, conns: 64 }, records);
  const into = docker.pass(host.OUTSIDE, host.tcp(`${host.CLIENT}:5000 > ${host.HOST}:8080`));
  const ends = host.printEnds(core, into.bytes);
  assert.deepEqual(ends, [`${host.CLIENT}:5000 > ${host.WEB}:80`]);
  const out = docker.pass(host.BRIDGE, host.tcp(`${host.WEB}:5000 > ${host.SERVER}:443`));
  assert.deepEqual(host.printEnds(core, out.bytes), [`${host.HOST}:5000 > ${host.SERVER}:443`]);
  const own = docker.pass(host.BRIDGE, host.tcp(`${host.OTHER}:5000 > ${host.HOST}:8080`));
  assert.notDeepEqual(host.printEnds(core, own.bytes), [`${host.OTHER}:5000 > ${host.WEB}:80`]);
});

test("what the core cannot ask is refused, and the rule is named", () => {
  const cases = [
    "PREROUTING -p tcp -m tcp --sport 80 -j DNAT --to-destination 10.0.0.1",
    "PREROUTING -p icmp -m icmp --icmp-type 8 -j ACCEPT",
    "OUTPUT -o eth0 -j ACCEPT",
    "PREROUTING -m addrtype --dst-type MULTICAST -j ACCEPT",
    "PREROUTING -p tcp -j DNAT --to-destination :80",
    "POSTROUTING -p tcp -j MASQUERADE --to-ports 1000-2000",
    "INPUT -j SNAT --to-source 10.0.0.1",
  ];
  for (const words of cases) {
    const rules = new Ruleset([`-t nat -A ${words}`]);
    const isNamed = (error: unknown): boolean =>
      error instanceof HeddleError && error.message.includes(words);
    assert.throws(() => compileNat(rules, namespace), isNamed, words);
  }
});

const MATCHES = [
  ...["-s 172.17.0.0/16", "-s 10.168.0.0/24", "-d 172.17.0.0/16", "-d 10.168.0.2"],
  ...["-p tcp", "-p udp", "-p tcp -m tcp --dport 80", "-p udp -m udp --dport 53:90"],
  ...["-p tcp -m multiport --dports 22,80,443", "-m addrtype --dst-type LOCAL"],
  ...["-m conntrack --ctstate NEW", "-m conntrack --ctstate ESTABLISHED"],
  ...["-m mark --mark 0x4000/0x4000", "-m comment --comment x"],
];
const CALLED = ["ONE", "TWO", "THREE"];

function pick<T>(dice: Dice, all: readonly T[]): T {
  return all[dice.u32() % all.length] as T;
}

/** Questions that iptables takes together: no option twice. */
function drawMatches(dice: Dice, devices: readonly string[]): string {
  const words: string[] = [];
  for (const each of [pick(dice, MATCHES), pick(dice, MATCHES), ...devices]) {
    const [option = ""] = each.split(" ");
    if (dice.u32() % 2 === 0 || words.some((word) => word.includes(option))) continue;
    const isNot = dice.u32() % 3 === 0 && !each.includes("comment");
    words.push(isNot ? each.replace(/(--?\S+) (\S+)$/, "! $1 $2") : each);
  }
  return words.join(" ");
}

function drawTarget(dice: Dice, chain: string, isSource: boolean): string {
  const deeper = CALLED.filter((name) => name > chain || !CALLED.includes(chain));
  const roll = dice.u32() % 8;
  if (roll < 2 && deeper.length > 0) return `-${roll === 0 ? "j" : "g"} ${pick(dice, deeper)}`;
  if (roll === 2) return "-j RETURN";
  if (roll === 3) return "-j ACCEPT";
  if (roll === 4) return "-j LOG";
  if (!isSource) return `-j DNAT --to-destination 10.9.0.${1 + (dice.u32() % 250)}`;
  return roll === 5 ? "-j MASQUERADE" : `-j SNAT --to-source 10.8.0.${1 + (dice.u32() % 250)}`;
}

/** Rules of one side: a chain that another hook calls must make sense there, too. */
function drawRules(dice: Dice, isSource: boolean): string[] {
  const hooks = isSource ? ["POSTROUTING"] : ["PREROUTING", "OUTPUT"];
  const made = CALLED.map((name) => `-t nat -N ${name}`);
  const rules = Array.from({ length: 3 + (dice.u32() % 8) }, () => {
    const chain = pick(dice, [...hooks, ...CALLED]);
    const devices = isSource ? ["-o eth0", "-o docker+"] : ["-i docker0", "-i +", "-i veth7"];
    const allowed = chain === "OUTPUT" ? [] : [pick(dice, devices)];
    const words = [drawMatches(dice, allowed), drawTarget(dice, chain, isSource)];
    return `-t nat -A ${chain} ${words.join(" ").trim()}`;
  });
  return [...made, ...rules];
}

test("whatever the rules, the core finds the one that the walk names", (t) => {
  const seed = drawSeed();
  t.diagnostic(`seed ${seed}`);
  const dice = new Dice(BigInt(seed));
  let translated = 0;
  for (let round = 0; round < 60; round++) {
    const isSource = round % 2 === 0;
    const commands = drawRules(dice, isSource);
    const rules = new Ruleset(commands);
    const compiled = compileNat(rules, namespace);
    const docker = new host.DockerHost(core, { rules: 1024, conns: 64 }, compiled.records);
    for (let count = 0; count < 16; count++) {
      const told = `seed ${seed}\n${commands.join("\n")}`;
      translated += Number(compare(docker, rules, compiled, { dice, isSource, count, told }));
    }
  }
  assert.ok(translated > 50, `seed ${seed}: ${translated} packets were translated`);
});

interface Drawn {
  readonly dice: Dice;
  readonly isSource: boolean;
  readonly count: number;
  readonly told: string;
}

/** True where a packet was translated. */
function compare(
  docker: host.DockerHost,
  rules: Ruleset,
  { origins }: { readonly origins: readonly RuleRef[] },
  { dice, isSource, count, told }: Drawn,
): boolean {
  const [src, dst] = drawEnds(dice);
  const port = isSource || dice.u32() % 3 > 0 ? dice.u32() % 2 : null;
  const sourcePort = 1000 + count; // each is a flow of its own
  const make = dice.u32() % 2 === 0 ? host.tcp : host.udp;
  const targetPort = pick(dice, [22, 53, 80, 90, 443, 8080]);
  const bytes = make(`${src}:${sourcePort} > ${dst}:${targetPort}`);
  const before = isSource ? docker.hook(null, bytes, false).bytes : bytes;
  const fate = docker.hook(port, before, isSource);
  const passage = passageOf(before, port, isSource);
  const { translation } = walk(core, rules, passage, ["nat"]);
  const protocol = make === host.tcp ? host.TCP : host.UDP;
  const conn = docker.node.conns.get(
    { protocol, source: src, target: dst, sourcePort, targetPort },
    0,
  );
  const index = (isSource ? conn?.sourceRule : conn?.targetRule) ?? null;
  assert.equal(fate.verdict, "consumed", told);
  const found = index === null ? undefined : origins[index]?.text;
  assert.equal(found, translation?.rule.text, `${src} > ${dst}:${targetPort} at ${port}\n${told}`);
  return found !== undefined;
}

function passageOf(packet: Uint8Array, port: number | null, isSource: boolean): Passage {
  const device = port === null ? null : (DEVICES[port] ?? null);
  const ends = { packet, flow: "NEW", isLocal: (a: string) => LOCAL.includes(a) } as const;
  if (isSource) return { ...ends, hook: "POSTROUTING", in: null, out: device };
  return { ...ends, hook: port === null ? "OUTPUT" : "PREROUTING", in: device, out: null };
}

function drawEnds(dice: Dice): [string, string] {
  const all = [host.WEB, host.OTHER, host.CLIENT, host.SERVER, host.HOST, host.GATEWAY];
  return [pick(dice, all), pick(dice, all)];
}
