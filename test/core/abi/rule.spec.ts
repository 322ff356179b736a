import { rule_get, rule_next, rule_remove, rule_set } from "../../../assembly/abi/rule";
import { Status } from "../../../assembly/base/status";
import { RuleAction, RuleAt, RuleFlag, RuleHook } from "../../../assembly/table/rule";
import { NONE, openNode, ruleRecord } from "../table/node";
import { host, slotAt, spoiled } from "./host";

const TCP: u8 = 6;

let node: usize = 0;

/** A published port, which is legal. */
function published(index: u32 = 0): usize {
  const rec = ruleRecord(index, RuleHook.Prerouting, RuleAction.Dnat);
  store<u8>(rec, TCP, RuleAt.Protocol);
  store<u16>(rec, 8080, RuleAt.FirstPort);
  store<u16>(rec, 8080, RuleAt.LastPort);
  store<u16>(rec, 80, RuleAt.ToPort);
  store<u32>(rec, 0xac110002, RuleAt.ToAddress);
  return rec;
}

function set(hook: u32, action: u32, toAddress: u32 = 0, next: u32 = 0): i32 {
  const rec = host(node, ruleRecord(1, hook, action));
  store<u32>(rec, toAddress, RuleAt.ToAddress);
  store<u16>(rec, <u16>next, RuleAt.Next);
  return rule_set(node, rec);
}

function setWith8(at: usize, value: u32): i32 {
  const rec = host(node, published());
  store<u8>(rec + at, <u8>value);
  return rule_set(node, rec);
}

function setWith16(at: usize, value: u32): i32 {
  const rec = host(node, published());
  store<u16>(rec + at, <u16>value);
  return rule_set(node, rec);
}

describe("rule records", () => {
  beforeEach(() => {
    node = openNode();
  });

  it("are read as they were written", () => {
    const rec = host(node, published(NONE));
    expect<i32>(rule_set(node, rec)).toBe(0);
    expect<i32>(rule_get(node, host(node, ruleRecord(0, 0, 0), 1))).toBe(Status.Ok);
    store<u16>(rec, 0); // where 0xffff asked for one
    expect<i32>(memory.compare(slotAt(node, 1), rec, RuleAt.End)).toBe(0);
  });

  it("are of a hook, an action and flags that there are", () => {
    expect<i32>(setWith8(RuleAt.Hook, 0)).toBe(Status.BadArgument);
    expect<i32>(setWith8(RuleAt.Hook, RuleHook.Output)).toBe(0);
    expect<i32>(setWith8(RuleAt.Hook, RuleHook.Postrouting + 1)).toBe(Status.BadArgument);
    expect<i32>(setWith16(RuleAt.Action, 0)).toBe(Status.BadArgument);
    expect<i32>(setWith16(RuleAt.Action, RuleAction.Masquerade + 1)).toBe(Status.BadArgument);
    expect<i32>(setWith16(RuleAt.Flags, RuleFlag.RandomPort * 2 - 1)).toBe(0);
    expect<i32>(setWith16(RuleAt.Flags, RuleFlag.RandomPort * 2)).toBe(Status.BadArgument);
  });

  it("change targets before routing, and sources behind it", () => {
    for (let hook: u32 = RuleHook.Prerouting; hook <= <u32>RuleHook.Postrouting; hook++) {
      const isPost = hook == RuleHook.Postrouting;
      expect<i32>(set(hook, RuleAction.Accept)).toBe(1);
      expect<bool>(set(hook, RuleAction.Dnat, 1) == 1).toBe(!isPost);
      expect<bool>(set(hook, RuleAction.Snat, 1) == 1).toBe(isPost);
      expect<bool>(set(hook, RuleAction.Masquerade) == 1).toBe(isPost);
    }
  });

  it("change them into something, and nothing else does", () => {
    expect<i32>(set(RuleHook.Prerouting, RuleAction.Dnat)).toBe(Status.BadArgument);
    expect<i32>(set(RuleHook.Postrouting, RuleAction.Snat)).toBe(Status.BadArgument);
    expect<i32>(set(RuleHook.Postrouting, RuleAction.Masquerade, 1)).toBe(Status.BadArgument);
    expect<i32>(set(RuleHook.Output, RuleAction.Accept, 1)).toBe(Status.BadArgument);
  });

  it("lead forward, where they skip", () => {
    expect<i32>(set(RuleHook.Output, RuleAction.Skip, 0, 2)).toBe(1);
    expect<i32>(set(RuleHook.Output, RuleAction.Skip, 0, 1)).toBe(Status.BadArgument);
    expect<i32>(set(RuleHook.Output, RuleAction.Skip)).toBe(Status.BadArgument);
    expect<i32>(set(RuleHook.Output, RuleAction.Accept, 0, 2)).toBe(Status.BadArgument);
  });

  it("name ports of TCP and UDP alone, the lower first", () => {
    expect<i32>(setWith8(RuleAt.Protocol, 17)).toBe(0);
    expect<i32>(setWith8(RuleAt.Protocol, 1)).toBe(Status.BadArgument);
    expect<i32>(setWith8(RuleAt.Protocol, 0)).toBe(Status.BadArgument);
    expect<i32>(setWith16(RuleAt.FirstPort, 8081)).toBe(Status.BadArgument);
    expect<i32>(setWith16(RuleAt.LastPort, 8079)).toBe(Status.BadArgument);
    expect<i32>(setWith16(RuleAt.FirstPort, 0)).toBe(0);
    const rec = host(node, published());
    store<u32>(rec, 0, RuleAt.FirstPort);
    store<u16>(rec, 0, RuleAt.LastPort);
    store<u8>(rec, 1, RuleAt.Protocol);
    expect<i32>(rule_set(node, rec)).toBe(Status.BadArgument);
  });

  it("have prefixes without host bits, and zeros where nothing is meant", () => {
    expect<i32>(setWith8(RuleAt.SourceLen, 33)).toBe(Status.BadArgument);
    expect<i32>(setWith8(RuleAt.TargetLen, 33)).toBe(Status.BadArgument);
    expect<i32>(setWith8(RuleAt.Source, 1)).toBe(Status.BadArgument);
    expect<i32>(setWith8(RuleAt.Target, 1)).toBe(Status.BadArgument);
    for (let at: i32 = RuleAt.Hits + 4; at < RuleAt.End; at++) {
      expect<i32>(rule_set(node, spoiled(node, published(), at))).toBe(Status.BadArgument);
    }
  });

  it("are walked by index, and removed", () => {
    rule_set(node, host(node, published(6)));
    rule_set(node, host(node, published(4)));
    const rec = slotAt(node);
    expect<i32>(rule_next(node, -1, rec)).toBe(Status.Ok);
    expect<u32>(load<u16>(rec)).toBe(4);
    expect<i32>(rule_next(node, 4, rec)).toBe(Status.Ok);
    expect<u32>(load<u16>(rec)).toBe(6);
    expect<i32>(rule_next(node, 6, rec)).toBe(Status.NotFound);
    expect<i32>(rule_remove(node, 4)).toBe(Status.Ok);
    expect<i32>(rule_remove(node, 4)).toBe(Status.NotFound);
    expect<i32>(rule_get(node, host(node, published(4)))).toBe(Status.NotFound);
  });

  it("lie where the host may write", () => {
    const rec = host(node, published());
    expect<i32>(rule_set(node, node)).toBe(Status.BadArgument);
    expect<i32>(rule_set(node + 4, rec)).toBe(Status.BadArgument);
    expect<i32>(rule_get(node, rec + 2)).toBe(Status.BadArgument);
    expect<i32>(rule_next(node, -2, rec)).toBe(Status.BadArgument);
    expect<i32>(rule_remove(0, 0)).toBe(Status.BadArgument);
  });
});
