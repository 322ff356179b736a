import { type Core, decode } from "../../core/index.ts";
import type { Run } from "../scenario.ts";
import type { Row, TableId, TableKind, Trace } from "../trace/trace.ts";

/** What assertions, and whoever looks at a trace, may ask of it. */
export function runOf(core: Core, trace: Trace): Run {
  if (trace.network === undefined) throw new RangeError("a trace without its network");
  return {
    core,
    network: trace.network,
    trace,
    hops: ({ firstHop, hopCount }) => trace.hops.slice(firstHop, firstHop + hopCount),
    bytes: ({ offset, len }) => trace.bytes.subarray(offset, offset + len),
    decode: ({ offset, len }, link) => {
      const bytes = trace.bytes.subarray(offset, offset + len);
      return decode(core, bytes, { link: link === "ethernet" ? "ethernet" : "ip" });
    },
    rows: (namespace, kind, device) => rowsAtEnd(trace, namespace, kind, device),
  };
}

function rowsAtEnd(
  trace: Trace,
  namespace: string,
  kind: TableKind,
  device: string | undefined,
): Row[] {
  const isMeant = (table: TableId): boolean =>
    table.namespace === namespace &&
    table.kind === kind &&
    (device === undefined || table.device === null || table.device === device);
  const rows = trace.tables.flatMap((state) => (isMeant(state.table) ? [...state.rows] : []));
  for (const { table, removed, added } of trace.log) {
    if (!isMeant(table)) continue;
    const at = removed === null ? -1 : rows.indexOf(removed);
    if (at >= 0 && added !== null) rows[at] = added;
    else if (at >= 0) rows.splice(at, 1);
    else if (added !== null) rows.push(added);
  }
  return device === undefined ? rows : rows.filter((row) => namesDevice(row, device));
}

/** A row of a whole namespace names its device; one of a device's own table need not. */
function namesDevice(row: Row, device: string): boolean {
  const words = row.split(" ");
  const at = words.indexOf("dev");
  return at < 0 || words[at + 1] === device || words.includes("master");
}
