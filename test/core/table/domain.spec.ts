import { nodeAt } from "../../../assembly/base/node";
import { Status } from "../../../assembly/base/status";
import { domainAge, domainAt, domainByVni, domainRemove } from "../../../assembly/table/domain";
import { fdbDrop, fdbEntry } from "../../../assembly/table/fdb";
import { floodFirst, floodRemove } from "../../../assembly/table/flood";
import { PortKind, portRemove } from "../../../assembly/table/port";
import { CapsAt } from "../../../assembly/table/tables";
import {
  fdbRecord,
  NO_VNI,
  NONE,
  openNode,
  place,
  setDomain,
  setFlood,
  setPort,
  setStation,
  used,
} from "./node";

const VNI_MAX: u32 = 0xffffff;

let node: usize = 0;

describe("domainSet", () => {
  beforeEach(() => {
    node = openNode();
  });

  it("makes a domain that is found by its VNI", () => {
    expect<i32>(setDomain(node, 7, VNI_MAX, 300)).toBe(Status.Ok);
    expect<i32>(domainByVni(node, VNI_MAX)).toBe(7);
    expect<u32>(domainAge(node, 7)).toBe(300);
    expect<u32>(used(node, nodeAt.DOMAIN)).toBe(1);
  });

  it("takes VNI 0 for one, and no VNI for none", () => {
    setDomain(node, 0, NO_VNI);
    expect<i32>(domainByVni(node, 0)).toBe(Status.NotFound);
    expect<i32>(domainByVni(node, NO_VNI)).toBe(Status.NotFound);
    setDomain(node, 1, 0);
    expect<i32>(domainByVni(node, 0)).toBe(1);
    expect<i32>(setDomain(node, 2, NO_VNI)).toBe(Status.Ok); // bridges do not meet
  });

  it("refuses a VNI that another domain has, and changes nothing", () => {
    setDomain(node, 0, 5, 10);
    setDomain(node, 1, 6, 20);
    expect<i32>(setDomain(node, 1, 5, 30)).toBe(Status.Exists);
    expect<i32>(setDomain(node, 2, 5)).toBe(Status.Exists);
    expect<i32>(domainByVni(node, 5)).toBe(0);
    expect<i32>(domainByVni(node, 6)).toBe(1);
    expect<u32>(domainAge(node, 1)).toBe(20);
    expect<usize>(domainAt(node, 2)).toBe(0);
  });

  it("lets the old VNI go when another comes", () => {
    setDomain(node, 0, 5);
    setDomain(node, 0, 6);
    expect<i32>(domainByVni(node, 5)).toBe(Status.NotFound);
    expect<i32>(domainByVni(node, 6)).toBe(0);
    setDomain(node, 0, NO_VNI);
    expect<i32>(domainByVni(node, 6)).toBe(Status.NotFound);
    expect<i32>(setDomain(node, 1, 6)).toBe(Status.Ok);
    expect<u32>(used(node, nodeAt.DOMAIN)).toBe(2);
  });

  it("holds what its capacity says, and can still change a VNI then", () => {
    for (let index: u32 = 0; index < 8; index++) {
      expect<i32>(setDomain(node, index, 100 + index)).toBe(Status.Ok);
    }
    expect<i32>(setDomain(node, 8, 200)).toBe(Status.NoRoom);
    expect<i32>(setDomain(node, NONE, 200)).toBe(Status.NoRoom);
    for (let index: u32 = 0; index < 8; index++) {
      expect<i32>(setDomain(node, index, 300 + index)).toBe(Status.Ok);
    }
    for (let index: u32 = 0; index < 8; index++) {
      expect<i32>(domainByVni(node, 100 + index)).toBe(Status.NotFound);
      expect<i32>(domainByVni(node, 300 + index)).toBe(index);
    }
    node = openNode(CapsAt.Domains, 0);
    expect<i32>(setDomain(node, 0, 5)).toBe(Status.NoRoom);
  });

  it("keeps flood list and users when it replaces", () => {
    setDomain(node, 0, 5);
    setPort(node, 0, PortKind.Ethernet);
    setFlood(node, 0, place(0));
    setDomain(node, 0, 6, 10);
    expect<u32>(floodFirst(node, 0)).not.toBe(0);
    expect<i32>(domainRemove(node, 0)).toBe(Status.Busy);
  });
});

describe("domainRemove", () => {
  beforeEach(() => {
    node = openNode();
    setDomain(node, 0, 5);
  });

  it("removes, once, and frees the VNI", () => {
    expect<i32>(domainRemove(node, 0)).toBe(Status.Ok);
    expect<i32>(domainRemove(node, 0)).toBe(Status.NotFound);
    expect<i32>(domainRemove(node, 0xffffffff)).toBe(Status.NotFound);
    expect<i32>(domainByVni(node, 5)).toBe(Status.NotFound);
    expect<i32>(setDomain(node, 1, 5)).toBe(Status.Ok);
    expect<u32>(used(node, nodeAt.DOMAIN)).toBe(1);
  });

  it("waits for ports", () => {
    setPort(node, 0, PortKind.Vxlan, 0);
    expect<i32>(domainRemove(node, 0)).toBe(Status.Busy);
    portRemove(node, 0);
    expect<i32>(domainRemove(node, 0)).toBe(Status.Ok);
  });

  it("waits for the FDB", () => {
    setPort(node, 0, PortKind.Vxlan);
    setStation(node, 0, 2, place(0));
    expect<i32>(domainRemove(node, 0)).toBe(Status.Busy);
    fdbDrop(node, fdbEntry(node, fdbRecord(0, 2, 0)));
    expect<i32>(domainRemove(node, 0)).toBe(Status.Ok);
  });

  it("waits for the flood list", () => {
    setPort(node, 0, PortKind.Vxlan);
    setFlood(node, 0, place(0));
    expect<i32>(domainRemove(node, 0)).toBe(Status.Busy);
    floodRemove(node, 0, place(0));
    expect<i32>(domainRemove(node, 0)).toBe(Status.Ok);
  });
});
