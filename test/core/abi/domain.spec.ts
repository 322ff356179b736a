import { domain_get, domain_next, domain_remove, domain_set } from "../../../assembly/abi/domain";
import { Status } from "../../../assembly/base/status";
import { DomainAt } from "../../../assembly/table/domain";
import { AGE_S_MAX } from "../../../assembly/table/fdb";
import { PortKind } from "../../../assembly/table/port";
import { VNI_MAX } from "../../../assembly/wire/vxlan";
import { hexOf } from "../bytes";
import { domainRecord, NO_VNI, openNode, setPort } from "../table/node";
import { host, slotAt, spoiled } from "./host";

let node: usize = 0;

function set(index: u32, vni: u32 = NO_VNI, ageS: u32 = 0): i32 {
  return domain_set(node, host(node, domainRecord(index, vni, ageS)));
}

describe("domain records", () => {
  beforeEach(() => {
    node = openNode();
  });

  it("are read as they were written, and nothing else of the row", () => {
    expect<i32>(set(3, 42, 300)).toBe(Status.Ok);
    const rec = host(node, domainRecord(3, 7, 9));
    store<u8>(rec + DomainAt.End - 1, 0x77);
    expect<i32>(domain_get(node, rec)).toBe(Status.Ok);
    expect<string>(hexOf(rec, DomainAt.End)).toBe(
      `03000000${"2a0000002c010000"}${"00".repeat(20)}`,
    );
  });

  it("are walked by index", () => {
    set(5, 5);
    set(2, 2);
    const rec = slotAt(node);
    expect<i32>(domain_next(node, -1, rec)).toBe(Status.Ok);
    expect<u32>(load<u16>(rec)).toBe(2);
    expect<i32>(domain_next(node, 2, rec)).toBe(Status.Ok);
    expect<u32>(load<u32>(rec, DomainAt.Vni)).toBe(5);
    expect<u32>(load<u16>(rec, DomainAt.Flags)).toBe(0);
    expect<i32>(domain_next(node, 5, rec)).toBe(Status.NotFound);
    expect<i32>(domain_next(node, -2, rec)).toBe(Status.BadArgument);
  });

  it("are removed once nothing names them", () => {
    set(0);
    setPort(node, 0, PortKind.Ethernet, 0);
    expect<i32>(domain_remove(node, 0)).toBe(Status.Busy);
    setPort(node, 0, PortKind.Ethernet);
    expect<i32>(domain_remove(node, 0)).toBe(Status.Ok);
    expect<i32>(domain_remove(node, 0)).toBe(Status.NotFound);
    expect<i32>(domain_get(node, host(node, domainRecord(0)))).toBe(Status.NotFound);
    expect<i32>(domain_remove(node + 64, 0)).toBe(Status.BadArgument);
  });

  it("hold a VNI of 24 bits or none, and an age that can be told", () => {
    expect<i32>(set(0, VNI_MAX, AGE_S_MAX)).toBe(Status.Ok);
    expect<i32>(set(1, VNI_MAX + 1)).toBe(Status.BadArgument);
    expect<i32>(set(1, NO_VNI - 1)).toBe(Status.BadArgument);
    expect<i32>(set(1, 0, AGE_S_MAX + 1)).toBe(Status.BadArgument);
    expect<i32>(set(1, VNI_MAX)).toBe(Status.Exists);
    expect<i32>(set(1, 0)).toBe(Status.Ok);
  });

  it("hold zeros where nothing is meant", () => {
    for (let at: i32 = 0; at < DomainAt.End; at++) {
      const isTail = at >= DomainAt.AgeS + 4;
      if (!isTail && (at < DomainAt.Flags || at >= DomainAt.Vni)) continue;
      const rec = spoiled(node, domainRecord(1), at);
      expect<i32>(domain_set(node, rec)).toBe(Status.BadArgument);
    }
    expect<i32>(set(1)).toBe(Status.Ok);
  });

  it("lie where the host may write", () => {
    const rec = host(node, domainRecord(1));
    expect<i32>(domain_set(node, node)).toBe(Status.BadArgument);
    expect<i32>(domain_set(node, rec + 1)).toBe(Status.BadArgument);
    expect<i32>(domain_set(0, rec)).toBe(Status.BadArgument);
    expect<i32>(domain_get(node, node)).toBe(Status.BadArgument);
    expect<i32>(domain_next(node, -1, node)).toBe(Status.BadArgument);
    expect<i32>(domain_next(0, -1, rec)).toBe(Status.BadArgument);
  });
});
