import { isZero } from "../base/arith";
import { isNode, isRecord, nodeAt } from "../base/node";
import { Status } from "../base/status";
import { DomainAt, domainRemove, domainSet, NO_VNI } from "../table/domain";
import { AGE_S_MAX } from "../table/fdb";
import { VNI_MAX } from "../wire/vxlan";
import { getRow, nextRow } from "./row";

/**
 * Makes or replaces the domain that the record's Index names.
 *
 * node    from node_open
 * rec     a domain record
 * returns Ok, Exists (another domain has the VNI), NoRoom, or BadArgument
 */
export function domain_set(node: usize, rec: usize): i32 {
  if (!isRecord(node, rec, DomainAt.End)) return Status.BadArgument;
  return isDomain(rec) ? domainSet(node, rec) : Status.BadArgument;
}

/**
 * Removes a domain that nothing names.
 *
 * node    from node_open
 * index   of the domain
 * returns Ok, NotFound, Busy, or BadArgument
 */
export function domain_remove(node: usize, index: u32): i32 {
  return isNode(node) ? domainRemove(node, index) : Status.BadArgument;
}

/**
 * Fills a domain record in by its Index.
 *
 * node    from node_open
 * rec     a domain record
 * returns Ok, NotFound, or BadArgument
 */
export function domain_get(node: usize, rec: usize): i32 {
  return hideMark(getRow(node, nodeAt.DOMAIN, rec), rec);
}

/**
 * The first domain behind an index.
 *
 * node    from node_open
 * after   an index, or -1 to begin
 * rec     takes a domain record
 * returns Ok, NotFound, or BadArgument
 */
export function domain_next(node: usize, after: i32, rec: usize): i32 {
  return hideMark(nextRow(node, nodeAt.DOMAIN, after, rec), rec);
}

// Where a row of the table has its mark, the record has no flag yet.
function hideMark(status: i32, rec: usize): i32 {
  if (status == Status.Ok) store<u16>(rec, 0, DomainAt.Flags);
  return status;
}

function isDomain(rec: usize): bool {
  const vni = load<u32>(rec, DomainAt.Vni);
  return (
    load<u16>(rec, DomainAt.Flags) == 0 &&
    (vni <= VNI_MAX || vni == NO_VNI) &&
    load<u32>(rec, DomainAt.AgeS) <= AGE_S_MAX &&
    isZero(rec + DomainAt.AgeS + 4, DomainAt.End - DomainAt.AgeS - 4)
  );
}
