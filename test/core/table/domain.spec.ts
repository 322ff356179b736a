import { Status } from "../../../assembly/base/status";
import { Domain, domainAt, domainByVni, domainRemove } from "../../../assembly/table/domain";
import { floodFirst, floodPlace } from "../../../assembly/table/flood";
import { PortKind, portRemove } from "../../../assembly/table/port";
import { CapsAt } from "../../../assembly/table/tables";
import { NONE, openNode, place, setDomain, setFlood, setPort } from "./node";

const DOMAINS: u32 = 3;
const VNI_MAX: u32 = 0xffffff;

let node: usize = 0;

describe("domains", () => {
  beforeEach(() => {
    node = openNode(CapsAt.Domains, DOMAINS);
  });

  it("are found by any VNI, and a bridge by none", () => {
    expect<i32>(domainByVni(node, 0)).toBe(Status.NotFound);
    expect<i32>(setDomain(node, 2, 0)).toBe(Status.Ok);
    expect<i32>(setDomain(node, 0, VNI_MAX)).toBe(Status.Ok);
    expect<i32>(setDomain(node, 1)).toBe(Status.Ok);
    expect<i32>(domainByVni(node, 0)).toBe(2);
    expect<i32>(domainByVni(node, VNI_MAX)).toBe(0);
    expect<i32>(domainByVni(node, 1)).toBe(Status.NotFound);
    expect<i32>(domainByVni(node, 0xffffffff)).toBe(Status.NotFound);
  });

  it("share no VNI, but all may be bridges", () => {
    setDomain(node, 0, 5);
    expect<i32>(setDomain(node, 1, 5)).toBe(Status.Exists);
    expect<usize>(domainAt(node, 1)).toBe(0);
    expect<i32>(setDomain(node, 0, 5, 60)).toBe(Status.Ok);
    expect<u32>(Domain.at(domainAt(node, 0)).ageS).toBe(60);
    expect<i32>(setDomain(node, 1)).toBe(Status.Ok);
    expect<i32>(setDomain(node, 2)).toBe(Status.Ok);
  });

  it("change their VNI even when the table is full", () => {
    for (let index: u32 = 0; index < DOMAINS; index++) setDomain(node, index, index);
    for (let vni: u32 = 10; vni < 100; vni++) {
      expect<i32>(setDomain(node, vni % DOMAINS, vni)).toBe(Status.Ok);
      expect<i32>(domainByVni(node, vni)).toBe(vni % DOMAINS);
      expect<i32>(domainByVni(node, vni - DOMAINS)).toBe(Status.NotFound);
    }
    expect<i32>(setDomain(node, 0)).toBe(Status.Ok);
    expect<i32>(domainByVni(node, 99)).toBe(Status.NotFound);
  });

  it("end at the capacity", () => {
    expect<i32>(setDomain(node, DOMAINS)).toBe(Status.NoRoom);
    expect<i32>(setDomain(node, NONE)).toBe(Status.NoRoom);
    expect<usize>(domainAt(node, DOMAINS)).toBe(0);
    expect<usize>(domainAt(node, 0xffffffff)).toBe(0);
  });

  it("stay while a port or the flood list names them, through every replacement", () => {
    setDomain(node, 0, 5);
    setPort(node, 0, PortKind.Ethernet, 0);
    setFlood(node, 0, place(0));
    setDomain(node, 0, 6, 60);
    expect<u32>(Domain.at(domainAt(node, 0)).users).toBe(2);
    expect<u32>(floodPlace(node, floodFirst(node, 0))).toBe(place(0));
    expect<i32>(domainRemove(node, 0)).toBe(Status.Busy);
    expect<i32>(portRemove(node, 0)).toBe(Status.Busy);
  });

  it("go with their VNI", () => {
    setDomain(node, 0, 5);
    expect<i32>(domainRemove(node, 0)).toBe(Status.Ok);
    expect<i32>(domainRemove(node, 0)).toBe(Status.NotFound);
    expect<i32>(domainByVni(node, 5)).toBe(Status.NotFound);
    expect<i32>(setDomain(node, 1, 5)).toBe(Status.Ok);
  });
});
