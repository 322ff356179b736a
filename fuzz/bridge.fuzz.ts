// The bridge against a Map: bursts of frames between ports that come to be isolated, too narrow or
// no Ethernet at all, while entries are set, age, move and find no room, and copies as well.
import { deepStrictEqual, strictEqual } from "node:assert";
import fc from "fast-check";
import {
  type DescFlagName,
  FdbAt,
  type FdbInit,
  FloodAt,
  Status,
  type StatusName,
} from "../bindings/core/index.ts";
import { domainLayout } from "../bindings/core/tables/domains.ts";
import { fdbLayout } from "../bindings/core/tables/fdb.ts";
import { floodLayout } from "../bindings/core/tables/flood.ts";
import { portLayout } from "../bindings/core/tables/ports.ts";
import { remoteLayout } from "../bindings/core/tables/remotes.ts";
import { bridge } from "../test/model/bridge.ts";
import { type ModelFlood, ModelNode, type ModelPort, type PortFlag } from "../test/model/node.ts";
import { ethernet } from "../test/model/packet.ts";
import type { Fate } from "../test/model/path.ts";
import { macOf } from "./arbitrary/index.ts";
import { expectSame } from "./census.ts";
import { expectFates } from "./fate.ts";
import { AMPLE, HEADROOM_LEN, lay, PACKET_FIRST, PACKET_SLOTS, run } from "./feed.ts";
import { commands, operation, type Suite } from "./law.ts";
import { expectOk, SMALL, Subject } from "./subject.ts";
import { Twins } from "./twins.ts";

const PAGES = 2;
const STEPS = 50;
const CAPS = { ...SMALL, fdb: 6, flood: 7, remotes: 2 };
const PORT_COUNT = 6;
const BUDGET_ALL = 0xffffffff;

// More than the FDB holds, and groups that mean something.
const STATIONS = Array.from({ length: 8 }, (_, at) => `02:00:00:00:00:0${at}`);
const GROUPS = ["ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01", "01:80:c2:00:00:00", "01:80:c2:00:00:0e"];
const SOURCES = [...STATIONS, ...STATIONS, "00:00:00:00:00:00", "03:00:00:00:00:01"];

/** A bridge of three devices and a tunnel; another one, without a VNI; and a port in neither. */
const DOMAINS = [
  { index: 0, vni: 5, ageS: 10 },
  { index: 1, vni: null, ageS: 0 },
];
const PORTS: readonly Pick<ModelPort, "kind" | "domain">[] = [
  { kind: "ethernet", domain: 0 },
  { kind: "ethernet", domain: 0 },
  { kind: "ethernet", domain: 0 },
  { kind: "vxlan", domain: 0 },
  { kind: "ethernet", domain: 1 },
  { kind: "ethernet", domain: null },
];
const REMOTES = ["192.0.2.10", "192.0.2.11"];

interface State {
  readonly node: ModelNode;
  readonly counted: Map<string, number>;
}

interface Frame {
  readonly port: number | null;
  readonly dst: string;
  readonly src: string;
  readonly etherType: number;
  readonly len: number;
  readonly flags: readonly DescFlagName[];
  readonly remote: number | null;
  readonly vni: number;
}

const port = fc.nat(PORT_COUNT - 1);
const domain = fc.constantFrom(0, 0, 0, 1);
const remote = fc.constantFrom(null, null, 0, 1);
const station = fc.constantFrom(...STATIONS);

const frame: fc.Arbitrary<Frame> = fc.record({
  port: fc.oneof({ arbitrary: port, weight: 9 }, fc.constantFrom(null, PORT_COUNT)),
  dst: fc.oneof({ arbitrary: station, weight: 4 }, fc.constantFrom(...GROUPS), macOf(...STATIONS)),
  src: fc.constantFrom(...SOURCES),
  etherType: fc.constantFrom(0x88b5, 0x88b5, 0x8100),
  len: fc.oneof({ arbitrary: fc.integer({ min: 14, max: 80 }), weight: 9 }, fc.nat(13)),
  flags: fc.constantFrom<DescFlagName[]>([], [], [], ["shared"], ["decapped"], ["l3"]),
  remote,
  vni: fc.constantFrom(0, 5, 6),
});

const burst = fc.record({
  frames: fc.array(frame, { minLength: 1, maxLength: PACKET_SLOTS, size: "max" }),
  outs: fc.oneof({ arbitrary: fc.constant(AMPLE.outs), weight: 4 }, fc.nat(6)),
});

const settings = fc.record({
  index: port,
  kind: fc.constantFrom<ModelPort["kind"]>("ethernet", "ethernet", "ethernet", "vxlan", "ip"),
  mtu: fc.constantFrom(0, 0, 50, 66),
  flags: fc
    .subarray<PortFlag>(["learn", "flood", "sticky", "isolated", "linuxMode", "manyVnis"])
    .map((flags) => [...flags]),
  learnLimit: fc.constantFrom(0, 0, 1, 2),
});

const entry = fc.record({
  domain,
  mac: station,
  port,
  remote,
  flags: fc.constantFrom<Required<FdbInit>["flags"]>(
    ["learned"],
    ["static"],
    ["static", "sticky"],
    ["permanent"],
  ),
});

const OPERATIONS = {
  send: operation(10, burst, send),
  setPort: operation(3, settings, setPort),
  setStation: operation(2, entry, setStation),
  removeStation: operation(1, fc.record({ domain, mac: station }), removeStation),
  setFlood: operation(3, fc.record({ domain, port, remote }), setFlood),
  removeFlood: operation(1, fc.record({ domain, port, remote }), removeFlood),
  age: operation(1, fc.constant(BUDGET_ALL), age),
  wait: operation(2, fc.constantFrom(1, 999, 4000, 9999, 10000), wait),
};

export async function openBridge(): Promise<Suite> {
  const twins = await Twins.open(PAGES);
  const subject = new Subject(twins, CAPS, 0x5eedn);
  settle(subject);
  twins.keep();
  const begin = (): { model: State; real: Subject } => {
    twins.back();
    return { model: { node: newNode(), counted: new Map() }, real: subject };
  };
  const end = ({ node, counted }: State): void => {
    expectSame(node, subject);
    for (const name of Object.keys(Status) as StatusName[]) {
      strictEqual(Number(subject.counted(Status[name])), counted.get(name) ?? 0, name);
    }
    twins.expectAlike();
  };
  const machine = { operations: OPERATIONS, steps: STEPS, begin, end };
  return { name: "bridge", share: 3, laws: [commands("commands", machine)] };
}

function portOf(index: number, changes: Partial<ModelPort> = {}): ModelPort {
  const none = { mac: null, ipv4: null, localIpv4: null, udpPort: 0, ttl: 0, tos: 0 };
  const rest = { tosMode: "fixed", mtu: 0, learnLimit: 0, vni: 0 } as const;
  const kind = PORTS[index]?.kind ?? "ip";
  const at = PORTS[index]?.domain ?? null;
  return { index, ...none, ...rest, domain: at, kind, flags: ["learn", "flood"], ...changes };
}

function newNode(): ModelNode {
  const node = new ModelNode();
  node.fdb.capacity = CAPS.fdb;
  node.remoteCapacity = CAPS.remotes;
  for (const one of DOMAINS) node.domains.set(one.index, one);
  PORTS.forEach((_, index) => {
    node.ports.set(index, portOf(index));
  });
  REMOTES.forEach((address, index) => {
    const none = { udpPort: 0, flags: [], dstMac: null, srcMac: null, ownAddress: null };
    node.remotes.set(index, { index, address, ...none, learnLimit: 0, mtu: 0 });
  });
  node.flood = [0, 1, 2, 3].map((at) => ({ domain: 0, port: at, remote: null }));
  return node;
}

function settle(subject: Subject): void {
  const { domains, ports, remotes, flood } = newNode();
  for (const one of domains.values()) expectOk(subject.one("domain_set", domainLayout, one));
  for (const one of ports.values()) expectOk(subject.one("port_set", portLayout, one));
  for (const one of remotes.values()) expectOk(subject.one("remote_set", remoteLayout, one));
  subject.many("flood_set", floodLayout, FloodAt.Status, flood);
}

function send(
  told: { readonly frames: readonly Frame[]; readonly outs: number },
  { node, counted }: State,
  subject: Subject,
): void {
  const nowMs = node.tick();
  const packets = told.frames.map(({ len, dst, src, etherType, ...rest }) => {
    const bytes = ethernet({ dst, src, etherType }, new Uint8Array(66)).subarray(0, len);
    return { bytes, peer: null, tos: 0, gsoSize: 0, isInside: () => true, ...rest };
  });
  const descs = packets.map(({ bytes, isInside: _, ...rest }, at) => {
    const ptr = subject.slot(PACKET_FIRST + at) + HEADROOM_LEN;
    subject.twins.write(ptr, bytes);
    return { ...rest, ptr, len: bytes.length };
  });
  const limits = { ...AMPLE, outs: told.outs };
  const feed = { element: "bridge_burst", port: 0, nowMs, packets: descs, limits } as const;
  lay(subject, feed);
  let room = told.outs;
  const fates = packets.map((packet): Fate => {
    const fate = bridge(node, undefined, packet, true, room);
    room -= fate.outs.length;
    return fate;
  });
  const fed = run(subject, feed);
  expectFates(fed, fates);
  for (const { verdict, events } of fates) {
    for (const name of [verdict === "consumed" ? "Ok" : verdict, ...events]) {
      counted.set(name, (counted.get(name) ?? 0) + 1);
    }
  }
  // The copies of a packet are its own bytes, not others like them.
  const sources = fates.flatMap(({ outs }, at) => outs.map(() => descs[at]?.ptr));
  deepStrictEqual(
    fed.outs.map(({ desc }) => desc.ptr),
    sources,
  );
}

function setPort(
  { index, ...changes }: Pick<ModelPort, "index"> & Partial<ModelPort>,
  { node }: State,
  subject: Subject,
): void {
  const one = portOf(index, changes);
  node.ports.set(index, one);
  expectOk(subject.one("port_set", portLayout, one));
}

function setStation(one: Required<FdbInit>, { node }: State, subject: Subject): void {
  const [status] = subject.many("fdb_set", fdbLayout, FdbAt.Status, [one], node.tick());
  strictEqual(status, node.fdb.set(one) ? "Ok" : "NoRoom");
}

function removeStation(
  one: Pick<Required<FdbInit>, "domain" | "mac">,
  { node }: State,
  subject: Subject,
): void {
  const byKey = fdbLayout.key("domain", "mac");
  const [status] = subject.many("fdb_remove", byKey, FdbAt.Status, [one]);
  strictEqual(status, node.fdb.remove(one.domain, one.mac) ? "Ok" : "NotFound");
}

function isLike(a: ModelFlood): (b: ModelFlood) => boolean {
  return (b) => a.domain === b.domain && a.port === b.port && a.remote === b.remote;
}

function setFlood(one: ModelFlood, { node }: State, subject: Subject): void {
  const [status] = subject.many("flood_set", floodLayout, FloodAt.Status, [one]);
  const isThere = node.flood.some(isLike(one));
  const hasRoom = isThere || node.flood.length < CAPS.flood;
  if (hasRoom && !isThere) node.flood.push(one);
  strictEqual(status, hasRoom ? "Ok" : "NoRoom");
}

function removeFlood(one: ModelFlood, { node }: State, subject: Subject): void {
  const [status] = subject.many("flood_remove", floodLayout, FloodAt.Status, [one]);
  const isThere = node.flood.some(isLike(one));
  node.flood = node.flood.filter((other) => !isLike(one)(other));
  strictEqual(status, isThere ? "Ok" : "NotFound");
}

function age(budget: number, { node }: State, subject: Subject): void {
  strictEqual(subject.twins.call("fdb_age", subject.node, budget, node.tick()), node.fdb.age());
}

function wait(ms: number, { node }: State): void {
  node.clockMs += ms;
}
