import { nodeAt } from "../base/node";
import { Status } from "../base/status";
import { cuckooAdd, cuckooFind, cuckooLay, cuckooRemove, cuckooValue } from "./cuckoo";
import {
  addTo,
  giveRow,
  isRow,
  layRows,
  MARK,
  rowAt,
  rowCapacity,
  rowPtr,
  shapeOf,
  takeRow,
} from "./rows";

/** A domain record, 32 bytes. */
export const enum DomainAt {
  Index = 0, // u16
  Flags = 2, // u16, zero
  Vni = 4, // u32, or 0xffffffff
  AgeS = 8, // u32; 0 means for ever
  End = 32,
}

// What a row keeps in the tail of its record, and in place of the flags that there are not.
namespace at {
  export const USERS: usize = 12; // ports, FDB and flood list that name it
  export const FLOOD: usize = 16; // u32, a link of flood.ts
  export const FLOOD_LAST: usize = 20; // u32, another
}

const DOMAIN_LEN: u32 = DomainAt.End;
const NAMED_LEN: u32 = <u32>at.USERS;
export const NO_VNI: u32 = 0xffffffff; // a bridge has none
const VNI_KEY: u64 = 0x100000000; // VNI 0 is one too, and key 0 is none
const MAP: usize = nodeAt.DOMAIN + 64;

if (DomainAt.Flags != MARK) ERROR("domain: the flags mark a row");

/** A domain lying in its table. */
@unmanaged
@final
export class Domain {
  static at(ptr: usize): Domain {
    return changetype<Domain>(ptr);
  }

  get vni(): u32 {
    return load<u32>(changetype<usize>(this), DomainAt.Vni);
  }

  get ageS(): u32 {
    return load<u32>(changetype<usize>(this), DomainAt.AgeS);
  }

  get users(): u32 {
    return load<u32>(changetype<usize>(this), at.USERS);
  }

  /** Where the cursor of its first flood entry stands, 0 for none. */
  get floodLink(): usize {
    return changetype<usize>(this) + at.FLOOD;
  }

  /** The same of its last one. */
  get floodLastLink(): usize {
    return changetype<usize>(this) + at.FLOOD_LAST;
  }
}

/** Returns: the first address behind the table. */
export function layDomains(node: usize, base: usize, domains: u32, seed: u64): usize {
  const shape = shapeOf(DOMAIN_LEN, NAMED_LEN, DomainAt.End);
  const map = layRows(node + nodeAt.DOMAIN, base, domains, shape);
  // One more than there are domains: a VNI that changes comes before the old one goes.
  return cuckooLay(node + MAP, map, domains + 1, seed);
}

/** Address of the domain, or 0. */
export function domainAt(node: usize, index: u32): usize {
  return rowAt(node + nodeAt.DOMAIN, index);
}

/** The domain that has this VNI, or NotFound. */
export function domainByVni(node: usize, vni: u32): i32 {
  const entry = cuckooFind(node + MAP, VNI_KEY | vni);
  return entry == 0 ? Status.NotFound : <i32>cuckooValue(entry);
}

/** Seconds that a learned MAC is believed; 0 for ever. Requires: the domain is set. */
export function domainAge(node: usize, index: u32): u32 {
  return Domain.at(domainAt(node, index)).ageS;
}

/** Makes or replaces a domain. Requires: a legal record. Returns: Ok, Exists or NoRoom. */
export function domainSet(node: usize, rec: usize): Status {
  const rows = node + nodeAt.DOMAIN;
  const index: u32 = load<u16>(rec, DomainAt.Index);
  if (index >= rowCapacity(rows)) return Status.NoRoom;
  const row = rowPtr(rows, index);
  const vni = load<u32>(rec, DomainAt.Vni);
  const isNew = !isRow(row);
  const before = isNew ? NO_VNI : Domain.at(row).vni;
  if (vni != before && vni != NO_VNI) {
    if (domainByVni(node, vni) >= 0) return Status.Exists;
    if (cuckooAdd(node + MAP, VNI_KEY | vni, index) == 0) return Status.NoRoom;
  }
  if (vni != before) forgetVni(node, before);
  if (isNew) takeRow(rows);
  memory.copy(row, rec, NAMED_LEN);
  store<u16>(row, 1, MARK);
  return Status.Ok;
}

/** Returns: Ok, NotFound or Busy. */
export function domainRemove(node: usize, index: u32): Status {
  const row = domainAt(node, index);
  if (row == 0) return Status.NotFound;
  if (Domain.at(row).users != 0) return Status.Busy;
  forgetVni(node, Domain.at(row).vni);
  giveRow(node + nodeAt.DOMAIN, index);
  return Status.Ok;
}

function forgetVni(node: usize, vni: u32): void {
  if (vni != NO_VNI) cuckooRemove(node + MAP, cuckooFind(node + MAP, VNI_KEY | vni));
}

/** Counts who names a domain. */
export function useDomain(node: usize, index: u32, delta: i32): void {
  addTo(node + nodeAt.DOMAIN, index, at.USERS, delta);
}
