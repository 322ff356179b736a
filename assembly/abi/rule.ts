import { isZero } from "../base/arith";
import { isNode, isRecord, nodeAt } from "../base/node";
import { Status } from "../base/status";
import { isPrefix } from "../table/prefix";
import { RuleAction, RuleAt, RuleFlag, RuleHook, ruleRemove, ruleSet } from "../table/rule";
import { PROTOCOL_TCP, PROTOCOL_UDP } from "../wire/ipv4";
import { getRow, nextRow } from "./row";

const HOOK_MAX: u32 = RuleHook.Postrouting;
const ACTION_MAX: u32 = RuleAction.Masquerade;
const FLAG_MAX: u32 = RuleFlag.RandomPort * 2 - 1;

/**
 * Makes or replaces a rule.
 *
 * node    from node_open
 * rec     a rule record; Index 0xffff takes a free one
 * returns its index, NotFound (port), NoRoom, or BadArgument
 */
export function rule_set(node: usize, rec: usize): i32 {
  if (!isRecord(node, rec, RuleAt.End)) return Status.BadArgument;
  return isRule(rec) ? ruleSet(node, rec) : Status.BadArgument;
}

/**
 * Removes a rule. Flows that it has decided go on.
 *
 * node    from node_open
 * index   of the rule
 * returns Ok, NotFound, or BadArgument
 */
export function rule_remove(node: usize, index: u32): i32 {
  return isNode(node) ? ruleRemove(node, index) : Status.BadArgument;
}

/**
 * Fills a rule record in by its Index.
 *
 * node    from node_open
 * rec     a rule record
 * returns Ok, NotFound, or BadArgument
 */
export function rule_get(node: usize, rec: usize): i32 {
  return getRow(node, nodeAt.RULE, rec);
}

/**
 * The first rule behind an index.
 *
 * node    from node_open
 * after   an index, or -1 to begin
 * rec     takes a rule record
 * returns Ok, NotFound, or BadArgument
 */
export function rule_next(node: usize, after: i32, rec: usize): i32 {
  return nextRow(node, nodeAt.RULE, after, rec);
}

function isRule(rec: usize): bool {
  const hook: u32 = load<u8>(rec, RuleAt.Hook);
  const action: u32 = load<u16>(rec, RuleAt.Action);
  return (
    hook != 0 &&
    hook <= HOOK_MAX &&
    action != 0 &&
    action <= ACTION_MAX &&
    <u32>load<u16>(rec, RuleAt.Flags) <= FLAG_MAX &&
    isPrefix(load<u32>(rec, RuleAt.Source), load<u8>(rec, RuleAt.SourceLen)) &&
    isPrefix(load<u32>(rec, RuleAt.Target), load<u8>(rec, RuleAt.TargetLen)) &&
    isZero(rec + RuleAt.Hits + 4, RuleAt.End - RuleAt.Hits - 4) &&
    hasSense(rec, action, hook == RuleHook.Postrouting)
  );
}

// True when the rule leads forward, changes what its hook may, and to something; and names ports
// of a protocol that has some.
function hasSense(rec: usize, action: u32, isPost: bool): bool {
  const next: u32 = load<u16>(rec, RuleAt.Next);
  const toAddress = load<u32>(rec, RuleAt.ToAddress);
  const protocol: u32 = load<u8>(rec, RuleAt.Protocol);
  const hasPorts = protocol == PROTOCOL_TCP || protocol == PROTOCOL_UDP;
  const isTo = action == RuleAction.Dnat || action == RuleAction.Snat;
  if ((action == RuleAction.Skip) != (next != 0)) return false;
  if (next != 0 && next <= <u32>load<u16>(rec, RuleAt.Index)) return false;
  if (action >= <u32>RuleAction.Dnat && action > <u32>RuleAction.Dnat != isPost) return false;
  if (isTo != (toAddress != 0)) return false;
  const ports = load<u32>(rec, RuleAt.FirstPort) | load<u16>(rec, RuleAt.ToPort);
  if (ports != 0 && !hasPorts) return false;
  const first: u32 = load<u16>(rec, RuleAt.FirstPort);
  return first <= <u32>load<u16>(rec, RuleAt.LastPort);
}
