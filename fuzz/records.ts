// Records that cannot be: one field of a good one is wrong. The answer is BadArgument, for the call
// or for the record, and the tables stay as they are.
import { strictEqual } from "node:assert";
import fc from "fast-check";
import {
  DomainAt,
  FdbAt,
  FloodAt,
  HopAt,
  NeighborAt,
  PortAt,
  RemoteAt,
  RouteAt,
  RuleAt,
  Status,
} from "../bindings/core/index.ts";
import { domainLayout } from "../bindings/core/tables/domains.ts";
import { fdbLayout } from "../bindings/core/tables/fdb.ts";
import { floodLayout } from "../bindings/core/tables/flood.ts";
import { hopLayout } from "../bindings/core/tables/hops.ts";
import { neighborLayout } from "../bindings/core/tables/neighbors.ts";
import { portLayout } from "../bindings/core/tables/ports.ts";
import { remoteLayout } from "../bindings/core/tables/remotes.ts";
import { routeLayout } from "../bindings/core/tables/routes.ts";
import { ruleLayout } from "../bindings/core/tables/rules.ts";
import { rangeOf } from "./feed.ts";
import { type Law, law } from "./law.ts";
import { named, type Subject } from "./subject.ts";
import type { FunctionName } from "./twins.ts";

interface Form {
  readonly name: FunctionName;
  readonly good: Uint8Array;
  /** Where a call for many puts a record's status. */
  readonly statusAt?: number;
  /** True when the call takes the time. */
  readonly isTimed?: boolean;
  /** What a byte or more of the record may not be. */
  readonly bad: readonly (readonly [at: number, bytes: readonly number[]])[];
}

const HEAD_LEN = 64; // of a node's block: the time
const MAC = "02:00:00:00:00:01";

// Each of these bytes, zero in a good record, made something else.
function nonZero(from: number, end: number): [number, number[]][] {
  return Array.from({ length: end - from }, (_, at) => [from + at, [1 << (at % 8)]]);
}

const PUBLISHED = { firstPort: 80, lastPort: 80, toAddress: "10.0.0.9", toPort: 8080 } as const;
const group = [224, 0, 0, 1];
const forms: readonly Form[] = [
  {
    name: "port_set",
    good: portLayout.encode([{ index: 3, kind: "vxlan", vni: 5 }]),
    bad: [
      [PortAt.Kind, [0]],
      [PortAt.Kind, [6]],
      [PortAt.Kind + 1, [1]],
      [PortAt.PrefixLen, [33]],
      [PortAt.TosMode, [2]],
      [PortAt.Flags + 2, [0x02]],
      [PortAt.Flags + 3, [0x80]],
      [PortAt.Vni + 3, [1]],
      ...nonZero(PortAt.UdpPort + 2, PortAt.Learned),
      ...nonZero(PortAt.Learned + 4, PortAt.End),
    ],
  },
  {
    name: "domain_set",
    good: domainLayout.encode([{ index: 2, vni: 9 }]),
    bad: [
      [DomainAt.Flags, [1]],
      [DomainAt.Vni + 3, [1]],
      [DomainAt.Vni, [0xfe, 0xff, 0xff, 0xff]],
      ...nonZero(DomainAt.AgeS + 4, DomainAt.End),
    ],
  },
  {
    name: "remote_set",
    good: remoteLayout.encode([{ address: "192.0.2.77" }]),
    bad: [
      [RemoteAt.Family, [6]],
      [RemoteAt.Flags, [4]],
      [RemoteAt.Address, [0, 0, 0, 0]],
      [RemoteAt.Address, group],
      [RemoteAt.Address, [255, 255, 255, 255]],
      ...nonZero(RemoteAt.Address + 4, RemoteAt.DstMac),
      ...nonZero(RemoteAt.OwnAddress + 4, RemoteAt.LearnLimit),
      ...nonZero(RemoteAt.Mtu + 2, RemoteAt.Learned),
    ],
  },
  {
    name: "hop_set",
    good: hopLayout.encode([{ kind: "blackhole" }]),
    bad: [
      [HopAt.Kind, [0]],
      [HopAt.Kind, [7]],
      [HopAt.Flags, [2]],
      [HopAt.Family, [6]],
      ...nonZero(HopAt.Gateway + 4, HopAt.Port),
      ...nonZero(HopAt.Users + 4, HopAt.End),
    ],
  },
  {
    name: "fdb_set",
    good: fdbLayout.encode([{ domain: 0, mac: MAC, port: 0, remote: 0 }]),
    statusAt: FdbAt.Status,
    isTimed: true,
    bad: [
      [FdbAt.Mac, [0, 0, 0, 0, 0, 0]],
      [FdbAt.Flags, [3]],
      [FdbAt.Flags, [9]],
      [FdbAt.Flags, [10]],
      [FdbAt.Flags, [16]],
      ...nonZero(FdbAt.SeenS + 4, FdbAt.End),
    ],
  },
  {
    name: "flood_set",
    good: floodLayout.encode([{ domain: 0, port: 0, remote: 0 }]),
    statusAt: FloodAt.Status,
    bad: [[FloodAt.Flags, [1]], ...nonZero(FloodAt.Status + 2, FloodAt.End)],
  },
  {
    name: "route_set",
    good: routeLayout.encode([{ prefix: "10.0.0.0/8", hop: 0 }]),
    statusAt: RouteAt.Status,
    bad: [
      [RouteAt.Family, [6]],
      [RouteAt.Len, [33]],
      [RouteAt.Len, [0xff, 0xff]],
      [RouteAt.Flags, [3]],
      [RouteAt.Flags, [4]],
      [RouteAt.Address, [10, 1, 0, 0]],
      [RouteAt.Address, [10, 0, 0, 1]],
      ...nonZero(RouteAt.Address + 4, RouteAt.Hop),
      ...nonZero(RouteAt.Hop + 4, RouteAt.End),
    ],
  },
  {
    name: "neighbor_set",
    good: neighborLayout.encode([{ port: 0, address: "10.0.0.9", mac: MAC }]),
    statusAt: NeighborAt.Status,
    isTimed: true,
    bad: [
      [NeighborAt.Family, [6]],
      [NeighborAt.Mac, [0, 0, 0, 0, 0, 0]],
      [NeighborAt.Mac, [1]],
      [NeighborAt.State, [0]],
      [NeighborAt.State, [4]],
      [NeighborAt.Flags, [1]],
      [NeighborAt.Address, [0, 0, 0, 0]],
      [NeighborAt.Address, group],
      ...nonZero(NeighborAt.Address + 4, NeighborAt.End),
    ],
  },
  {
    name: "rule_set",
    good: ruleLayout.encode([
      { index: 3, hook: "prerouting", action: "dnat", protocol: 6, ...PUBLISHED },
    ]),
    bad: [
      [RuleAt.Action, [0]],
      [RuleAt.Action, [2]], // to nowhere
      [RuleAt.Action, [4]], // a source
      [RuleAt.Action, [6]],
      [RuleAt.Flags, [32]],
      [RuleAt.Hook, [0]],
      [RuleAt.Hook, [3]], // a target
      [RuleAt.Hook, [4]],
      [RuleAt.Protocol, [1]], // without ports
      [RuleAt.Next, [2]],
      [RuleAt.Next, [9]],
      [RuleAt.Source, [1]],
      [RuleAt.SourceLen, [33]],
      [RuleAt.TargetLen, [33]],
      [RuleAt.Target + 3, [128]],
      [RuleAt.LastPort, [0, 0]],
      [RuleAt.ToAddress, [0, 0, 0, 0]],
      ...nonZero(RuleAt.Hits + 4, RuleAt.End),
    ],
  },
];

/** A record that the function has nothing against; empty where it takes none. */
export function goodRecord(name: FunctionName): Uint8Array {
  const [table = ""] = name.split("_");
  if (name === "fdb_flush") return new Uint8Array(FdbAt.End); // it has no MAC
  return forms.find((form) => form.name.startsWith(table))?.good ?? new Uint8Array();
}

function patched(good: Uint8Array, at: number, bytes: readonly number[]): Uint8Array {
  const copy = Uint8Array.from(good);
  copy.set(bytes, at);
  return copy;
}

/** One bad record, behind good ones where the call takes many. */
export function recordLaw(subject: Subject): Law {
  const { twins } = subject;
  const cases = forms.flatMap((form) => form.bad.map(([at, bytes]) => ({ form, at, bytes })));
  const input = fc.record({ which: fc.nat(cases.length - 1), before: fc.nat(2) });
  return law("records", input, ({ which, before }) => {
    const { form, at, bytes } = cases[which] as (typeof cases)[number];
    const bad = patched(form.good, at, bytes);
    const where = `${form.name}: bytes ${bytes} at ${at}`;
    twins.back();
    if (form.statusAt === undefined) expectRefused(form, bad, where, subject);
    else expectOneRefused({ ...form, statusAt: form.statusAt }, bad, before, where, subject);
    twins.expectAlike();
  });
}

function expectRefused({ name }: Form, bad: Uint8Array, where: string, subject: Subject): void {
  const { twins, node, scratch } = subject;
  twins.write(scratch, bad);
  twins.watch();
  strictEqual(named(twins.call(name, node, scratch)), "BadArgument", where);
  twins.expectTouched([]);
}

// Good records in front of the bad one succeed all the same.
function expectOneRefused(
  form: Form & { readonly statusAt: number },
  bad: Uint8Array,
  before: number,
  where: string,
  subject: Subject,
): void {
  const { twins, node, scratch } = subject;
  const { name, good, statusAt, isTimed } = form;
  const last = scratch + before * good.length;
  for (let at = scratch; at < last; at += good.length) twins.write(at, good);
  twins.write(last, bad);
  twins.watch();
  const time = isTimed ? [0] : [];
  strictEqual(twins.call(name, node, scratch, before + 1, ...time), before, where);
  strictEqual(twins.view.getInt16(last + statusAt, true), Status.BadArgument, where);
  if (before > 0) return;
  twins.expectTouched([rangeOf(node, HEAD_LEN), rangeOf(last + statusAt, 2)]);
}
