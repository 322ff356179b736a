import { nodeAt } from "../../../assembly/base/node";
import { Status } from "../../../assembly/base/status";
import { domainByVni } from "../../../assembly/table/domain";
import { FDB_MISS, fdbFind } from "../../../assembly/table/fdb";
import { floodFirst } from "../../../assembly/table/flood";
import { hopAt, hopSet } from "../../../assembly/table/hop";
import { routeFind } from "../../../assembly/table/lookup";
import { neighborFind, neighborSet } from "../../../assembly/table/neighbor";
import { PortKind, portAt } from "../../../assembly/table/port";
import { remoteFind } from "../../../assembly/table/remote";
import { routeInsert } from "../../../assembly/table/route";
import { RuleAction, RuleHook, ruleRemove, ruleSet } from "../../../assembly/table/rule";
import { CapsAt } from "../../../assembly/table/tables";
import { connAdd, connFind } from "../../../assembly/table/track";
import { Tuple } from "../../../assembly/table/tuple";
import {
  hopRecord,
  neighborRecord,
  openNode,
  place,
  ruleRecord,
  setDomain,
  setFlood,
  setPort,
  setRemote,
  setStation,
  used,
} from "./node";

const tuple: usize = memory.data(12, 8);
let node: usize = 0;

function fill(): void {
  setDomain(node, 0, 5);
  setPort(node, 0, PortKind.Vxlan, 0);
  setRemote(node, 0, 0xc0000201);
  setStation(node, 0, 2, place(0, 0));
  setFlood(node, 0, place(0, 0));
  hopSet(node, hopRecord(0));
  routeInsert(node, 0x0a000000, 8, 0);
  neighborSet(node, neighborRecord(0, 0x0a000001));
  ruleSet(node, ruleRecord(0, RuleHook.Output, RuleAction.Accept));
  Tuple.at(tuple).emit(0x0a00000200000001, 0);
  connAdd(node, 17, Tuple.at(tuple), 0x0a000002, 0);
}

function usedOfAll(): u32 {
  let sum: u32 = 0;
  for (let table = nodeAt.ROUTE; table <= nodeAt.RULE; table += nodeAt.HOP - nodeAt.ROUTE) {
    sum += used(node, table);
  }
  return sum;
}

describe("tables", () => {
  it("stand apart, each with its own", () => {
    node = openNode();
    fill();
    expect<u32>(usedOfAll()).toBe(10);
    expect<i32>(domainByVni(node, 5)).toBe(0);
    expect<i32>(remoteFind(node, 0xc0000201)).toBe(0);
    expect<u32>(fdbFind(node, 0, 2, 0)).toBe(place(0, 0));
    expect<u32>(floodFirst(node, 0)).not.toBe(0);
    expect<usize>(hopAt(node, 0)).not.toBe(0);
    expect<i32>(routeFind(node, 0x0a636363)).toBe(0);
    expect<u64>(neighborFind(node, 0, 0x0a000001)).toBe(2);
    expect<usize>(connFind(node, 17, Tuple.at(tuple))).not.toBe(0);
    expect<i32>(ruleRemove(node, 0)).toBe(Status.Ok);
  });

  it("are empty when they were laid out anew, whatever lay there", () => {
    node = openNode();
    fill();
    node = openNode();
    expect<u32>(usedOfAll()).toBe(0);
    expect<usize>(portAt(node, 0)).toBe(0);
    expect<usize>(hopAt(node, 0)).toBe(0);
    expect<i32>(domainByVni(node, 5)).toBe(Status.NotFound);
    expect<i32>(remoteFind(node, 0xc0000201)).toBe(Status.NotFound);
    expect<u32>(fdbFind(node, 0, 2, 0)).toBe(FDB_MISS);
    expect<u32>(floodFirst(node, 0)).toBe(0);
    expect<i32>(routeFind(node, 0x0a636363)).toBe(Status.NotFound);
    expect<u64>(neighborFind(node, 0, 0x0a000001)).toBe(~0);
    expect<usize>(connFind(node, 17, Tuple.at(tuple))).toBe(0);
    expect<i32>(ruleRemove(node, 0)).toBe(Status.NotFound);
  });

  it("do not reach into each other, however large or small one is", () => {
    for (let at = CapsAt.Routes; at <= CapsAt.Conns; at += 4) {
      if (at == CapsAt.RoutePoolBytes) continue;
      for (let capacity: u32 = 1; capacity <= 65; capacity += 8) {
        node = openNode(at, capacity);
        fill();
        expect<u32>(usedOfAll()).toBe(10);
        expect<u32>(fdbFind(node, 0, 2, 0)).toBe(place(0, 0));
        expect<i32>(routeFind(node, 0x0a636363)).toBe(0);
      }
    }
  });
});
