// Everything that is known of one place of a network at a hop: its devices and its tables.
import type {
  DevicePlace,
  Hop,
  NamespacePlace,
  Row,
  TableId,
  Trace,
} from "../../../lab/trace/trace.ts";

export interface PlaceView {
  /** As it was asked for: "node1:flannel.1", "c1", "node1". */
  readonly name: string;
  readonly namespace: NamespacePlace | null;
  /** The one that was asked for, or all of the namespace. */
  readonly devices: readonly DevicePlace[];
  readonly tables: readonly { readonly table: TableId; readonly rows: readonly Row[] }[];
}

export function placeView(trace: Trace, place: string, hop: Hop | null): PlaceView {
  const [head = "", tail] = place.split(":");
  const spaces = trace.places.hosts.flatMap(({ namespaces }) => namespaces);
  const host = trace.places.hosts.find(({ name }) => name === head);
  const own = host?.namespaces.find(({ kind }) => kind === "host");
  const namespace = spaces.find(({ name }) => name === head) ?? own ?? null;
  const device = namespace?.devices.find(({ name }) => name === tail);
  const isMeant = (table: TableId): boolean =>
    table.namespace === (namespace?.name ?? head) &&
    (device === undefined || table.device === null || table.device === device.name);
  const isTold = ({ kind }: TableId): boolean => kind !== "link" && kind !== "address";
  return {
    name: place,
    namespace,
    devices: device === undefined ? (namespace?.devices ?? []) : [device],
    tables: trace.tables
      .filter(({ table }) => isMeant(table) && isTold(table))
      .map(({ table, rows }) => ({ table, rows: rowsAt(trace, table, rows, hop) }))
      .filter(({ rows }) => rows.length > 0),
  };
}

/** A table just before a hop. */
export function rowsBefore(trace: Trace, table: TableId, hop: Hop): Row[] {
  const first = trace.tables.find((each) => isSame(each.table, table))?.rows ?? [];
  return rowsAt(trace, table, first, { ...hop, timeNs: hop.timeNs - 1 });
}

function rowsAt(
  trace: Trace,
  table: TableId,
  first: readonly Row[],
  hop: Pick<Hop, "timeNs"> | null,
): Row[] {
  const rows = [...first];
  for (const event of trace.log) {
    if (hop !== null && event.timeNs > hop.timeNs) break;
    if (!isSame(event.table, table)) continue;
    const at = event.removed === null ? -1 : rows.indexOf(event.removed);
    if (at >= 0) rows.splice(at, 1, ...(event.added === null ? [] : [event.added]));
    else if (event.added !== null) rows.push(event.added);
  }
  return rows;
}

function isSame(one: TableId, other: TableId): boolean {
  return (
    one.namespace === other.namespace && one.kind === other.kind && one.device === other.device
  );
}

/** The command that prints a table. */
export function commandOf({ kind, device }: TableId): string {
  const suffix = device === null ? "" : ` dev ${device}`;
  const commands: Readonly<Record<string, string>> = {
    route: "ip route",
    neigh: `ip neigh${device === null ? "" : ` show${suffix}`}`,
    fdb: `bridge fdb show${suffix}`,
    rule: "iptables -S",
    conn: "conntrack -L",
    listener: "ss -ltun",
    lease: "leases",
    name: "names",
  };
  return commands[kind] ?? kind;
}
