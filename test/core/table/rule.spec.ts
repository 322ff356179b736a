import { Status } from "../../../assembly/base/status";
import { HopKind, hopSet } from "../../../assembly/table/hop";
import { PortAt, PortKind, portRemove, portSet } from "../../../assembly/table/port";
import { routeInsert } from "../../../assembly/table/route";
import {
  RuleAction,
  RuleAt,
  RuleFlag,
  RuleHook,
  ruleAt,
  ruleFind,
  ruleRemove,
  ruleSet,
} from "../../../assembly/table/rule";
import { Tuple, tupleAt } from "../../../assembly/table/tuple";
import { hopRecord, NONE, openNode, portRecord, ruleRecord, setPort } from "./node";

const HERE: u32 = 0x0a000001;
const THERE: u32 = 0x0a000002;
const UDP: u32 = 17;

const t: usize = memory.data(<i32>tupleAt.END, 8);
let node: usize = 0;

/** The rule at `index`, a Masquerade, to be narrowed down. */
function rule(index: u32 = 0, hook: u32 = RuleHook.Postrouting): usize {
  return ruleRecord(index, hook, RuleAction.Masquerade);
}

/** True when a flow from here to there that leaves by port 1 is masqueraded. */
function isHit(rec: usize, dstPort: u32 = 80): bool {
  expect<i32>(ruleSet(node, rec)).toBe(0);
  Tuple.at(t).emit(((<u64>THERE) << 32) | HERE, 5000 | (dstPort << 16));
  return ruleFind(node, RuleHook.Postrouting, UDP, Tuple.at(t), 1) == 0;
}

function narrowed(at: usize, prefix: u32, len: u32, flags: u32 = 0): usize {
  const rec = rule();
  store<u32>(rec + at, prefix);
  store<u8>(rec + (at == RuleAt.Source ? RuleAt.SourceLen : RuleAt.TargetLen), <u8>len);
  store<u16>(rec, <u16>flags, RuleAt.Flags);
  return rec;
}

function local(): usize {
  const rec = rule();
  store<u16>(rec, RuleFlag.TargetLocal, RuleAt.Flags);
  return rec;
}

describe("a rule", () => {
  beforeEach(() => {
    node = openNode();
    setPort(node, 1, PortKind.Ip);
    setPort(node, 2, PortKind.Ip);
  });

  it("decides for its hook alone", () => {
    expect<bool>(isHit(rule())).toBe(true);
    expect<i32>(ruleFind(node, RuleHook.Prerouting, UDP, Tuple.at(t), 1)).toBe(Status.NotFound);
  });

  it("is for a protocol, or for all", () => {
    const rec = rule();
    store<u8>(rec, 17, RuleAt.Protocol);
    expect<bool>(isHit(rec)).toBe(true);
    store<u8>(rec, 6, RuleAt.Protocol);
    expect<bool>(isHit(rec)).toBe(false);
  });

  it("is for a port, or for all but one", () => {
    const rec = rule();
    for (let port: u32 = 1; port <= 2; port++) {
      store<u16>(rec, <u16>port, RuleAt.Port);
      store<u16>(rec, 0, RuleAt.Flags);
      expect<bool>(isHit(rec)).toBe(port == 1);
      store<u16>(rec, RuleFlag.NotPort, RuleAt.Flags);
      expect<bool>(isHit(rec)).toBe(port == 2);
    }
    expect<i32>(ruleFind(node, RuleHook.Postrouting, UDP, Tuple.at(t), NONE)).toBe(0);
  });

  it("is for sources and targets of a prefix, or for all others", () => {
    expect<bool>(isHit(narrowed(RuleAt.Source, 0x0a000000, 8))).toBe(true);
    expect<bool>(isHit(narrowed(RuleAt.Source, THERE, 32))).toBe(false);
    expect<bool>(isHit(narrowed(RuleAt.Source, HERE, 32))).toBe(true);
    expect<bool>(isHit(narrowed(RuleAt.Source, HERE, 32, RuleFlag.NotSource))).toBe(false);
    expect<bool>(isHit(narrowed(RuleAt.Source, THERE, 32, RuleFlag.NotSource))).toBe(true);
    expect<bool>(isHit(narrowed(RuleAt.Target, THERE, 32))).toBe(true);
    expect<bool>(isHit(narrowed(RuleAt.Target, HERE, 32))).toBe(false);
    expect<bool>(isHit(narrowed(RuleAt.Target, 0x0a000000, 8, RuleFlag.NotTarget))).toBe(false);
    expect<bool>(isHit(narrowed(RuleAt.Target, 0x0b000000, 8, RuleFlag.NotTarget))).toBe(true);
  });

  it("is for a range of ports, both ends of it", () => {
    const rec = rule();
    store<u16>(rec, 80, RuleAt.FirstPort);
    store<u16>(rec, 90, RuleAt.LastPort);
    expect<bool>(isHit(rec, 79)).toBe(false);
    expect<bool>(isHit(rec, 80)).toBe(true);
    expect<bool>(isHit(rec, 90)).toBe(true);
    expect<bool>(isHit(rec, 91)).toBe(false);
  });

  it("is for the node's own addresses: those of ports, and what routes call local", () => {
    expect<bool>(isHit(local())).toBe(false);
    routeInsert(node, THERE, 32, hopSet(node, hopRecord(0, HopKind.Blackhole)));
    expect<bool>(isHit(local())).toBe(false);
    hopSet(node, hopRecord(0, HopKind.Local));
    expect<bool>(isHit(local())).toBe(true);
    hopSet(node, hopRecord(0, HopKind.Blackhole));
    const port = portRecord(2, PortKind.Ip);
    store<u32>(port, THERE, PortAt.Ipv4);
    portSet(node, port);
    expect<bool>(isHit(local())).toBe(true);
  });
});

describe("rules", () => {
  beforeEach(() => {
    node = openNode();
    setPort(node, 1, PortKind.Ip);
    Tuple.at(t).emit(((<u64>THERE) << 32) | HERE, 0);
  });

  it("are asked by index, and the first decides", () => {
    ruleSet(node, rule(5));
    ruleSet(node, rule(3));
    ruleSet(node, rule(1, RuleHook.Output));
    expect<i32>(ruleFind(node, RuleHook.Postrouting, UDP, Tuple.at(t), 1)).toBe(3);
    ruleSet(node, ruleRecord(2, RuleHook.Postrouting, RuleAction.Accept));
    expect<i32>(ruleFind(node, RuleHook.Postrouting, UDP, Tuple.at(t), 1)).toBe(Status.NotFound);
    expect<i32>(ruleRemove(node, 2)).toBe(Status.Ok);
    expect<i32>(ruleRemove(node, 3)).toBe(Status.Ok);
    expect<i32>(ruleRemove(node, 3)).toBe(Status.NotFound);
    expect<i32>(ruleFind(node, RuleHook.Postrouting, UDP, Tuple.at(t), 1)).toBe(5);
  });

  it("skip others, and count whom they matched", () => {
    const skip = ruleRecord(0, RuleHook.Postrouting, RuleAction.Skip);
    store<u16>(skip, 4, RuleAt.Next);
    ruleSet(node, skip);
    ruleSet(node, rule(3));
    ruleSet(node, rule(4));
    expect<i32>(ruleFind(node, RuleHook.Postrouting, UDP, Tuple.at(t), 1)).toBe(4);
    expect<u32>(load<u32>(changetype<usize>(ruleAt(node, 0)), RuleAt.Hits)).toBe(1);
    expect<u32>(load<u32>(changetype<usize>(ruleAt(node, 3)), RuleAt.Hits)).toBe(0);
    expect<u32>(load<u32>(changetype<usize>(ruleAt(node, 4)), RuleAt.Hits)).toBe(1);
  });

  it("name ports that are there, and keep them there", () => {
    const rec = rule(0);
    store<u16>(rec, 7, RuleAt.Port);
    expect<i32>(ruleSet(node, rec)).toBe(Status.NotFound);
    store<u16>(rec, 1, RuleAt.Port);
    expect<i32>(ruleSet(node, rec)).toBe(0);
    expect<i32>(ruleSet(node, rec)).toBe(0);
    expect<i32>(portRemove(node, 1)).toBe(Status.Busy);
    expect<i32>(ruleRemove(node, 0)).toBe(Status.Ok);
    expect<i32>(portRemove(node, 1)).toBe(Status.Ok);
  });

  it("take a free index, until there is none", () => {
    for (let index: i32 = 0; index < 8; index++) expect<i32>(ruleSet(node, rule(NONE))).toBe(index);
    expect<i32>(ruleSet(node, rule(NONE))).toBe(Status.NoRoom);
    expect<i32>(ruleSet(node, rule(8))).toBe(Status.NoRoom);
  });
});
