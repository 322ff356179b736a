// A row of a table as the commands that take it away and make it again.
import type { Row, TableId } from "../../../lab/trace/trace.ts";
import {
  fdbCommand,
  parseCommand,
  parseFdbRow,
  parseNeighbor,
  parseRouteRow,
} from "../../../lab/words/index.ts";

/** What the tool is called with to see the table. */
export function showCommand(
  { kind, device }: TableId,
  rows: readonly { readonly row: Row }[] = [],
): string {
  switch (kind) {
    case "route":
      return "ip route";
    case "neigh":
      return "ip neigh";
    case "fdb":
      if (device === null) return "bridge fdb show";
      return rows.some(({ row }) => isOfBridge(row, device))
        ? `bridge fdb show br ${device}`
        : `bridge fdb show dev ${device}`;
    case "rule":
      return "iptables -S; iptables -t nat -S";
    case "conn":
      return "conntrack -L";
    case "link":
      return "ip link";
    case "address":
      return "ip addr";
    case "listener":
      return "ss -ln";
    case "lease":
      return `leases of ${device ?? "flanneld"}`;
    case "name":
      return "nslookup";
  }
}

function isOfBridge(row: Row, device: string): boolean {
  return row.includes(` master ${device}`);
}

/** The row as that command prints it: of one device, without its name. */
export function shownRow({ kind, device }: TableId, row: Row): string {
  return kind === "fdb" && device !== null ? row.replace(` dev ${device} `, " ") : row;
}

/** Whether its rows can be changed by commands. */
export function isEditable({ kind }: TableId): boolean {
  return kind === "route" || kind === "neigh" || kind === "fdb" || kind === "rule";
}

/** "ip route del ..."; null where no tool does it. */
export function deleteCommand(table: TableId, row: Row): string | null {
  switch (table.kind) {
    case "route":
      return `ip route del ${row.replace(/ linkdown$/, "")}`;
    case "neigh": {
      const { address, device } = parseNeighbor(row);
      return `ip neigh del ${address} dev ${device}`;
    }
    case "fdb":
      return `bridge fdb del ${fdbWords(table, row)}`;
    case "rule":
      return `iptables ${row.replace(/(^| )-A /, "$1-D ")}`;
    default:
      return null;
  }
}

/** "ip route add ...": makes it again. */
export function addCommand(table: TableId, row: Row): string | null {
  switch (table.kind) {
    case "route":
      return `ip route add ${row.replace(/ linkdown$/, "")}`;
    case "neigh": {
      const { address, device, mac } = parseNeighbor(row);
      return `ip neigh replace ${address} lladdr ${mac} dev ${device}`;
    }
    case "fdb":
      return `bridge fdb append ${fdbWords(table, row)}`;
    case "rule":
      return `iptables ${row}`;
    default:
      return null;
  }
}

/** Puts another row in its place; null where only its number names a row. */
export function changeCommand(table: TableId, row: Row): string | null {
  const command = addCommand(table, row);
  return command?.replace(/^(ip route|bridge fdb) (add|append) /, "$1 replace ") ?? null;
}

/** Whether a command puts a row in the place of this one, and not beside it. */
export function isOfSameKey(table: TableId, row: Row, command: string): boolean {
  const key = changeCommand(table, row)?.split(" ").slice(0, KEY_WORDS).join(" ");
  if (table.kind === "rule" || !command.startsWith(`${key} `)) return false;
  if (table.kind === "route") return isOfSameMetric(row, command);
  return deviceIn(command) === (deviceIn(row) ?? table.device);
}

/** "ip route replace 10.1.16.0/24": the tool, what it does, and to which row. */
const KEY_WORDS = 4;

/** Routes to the same addresses stand side by side if their metrics differ. */
function isOfSameMetric(row: Row, command: string): boolean {
  try {
    const words = parseCommand(command);
    return "route" in words && words.route.metric === parseRouteRow(row).metric;
  } catch {
    return true; // it will be refused: nothing may be taken away for it
  }
}

function deviceIn(words: string): string | null {
  return / dev (\S+)/.exec(words)?.[1] ?? null;
}

/** What a new row begins with. */
export function addStart({ kind }: TableId): string {
  switch (kind) {
    case "neigh":
      return "ip neigh add ";
    case "fdb":
      return "bridge fdb append ";
    case "rule":
      return "iptables -A ";
    default:
      return "ip route add ";
  }
}

function fdbWords({ device }: TableId, row: Row): string {
  const isWhole = / dev /.test(row);
  const [mac = "", ...rest] = row.split(" ");
  const whole = isWhole ? row : `${mac} dev ${device ?? ""} ${rest.join(" ")}`;
  return fdbCommand(parseFdbRow(whole));
}
