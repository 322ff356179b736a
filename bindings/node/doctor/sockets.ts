// Bound UDP sockets of this network namespace, and who has them.
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { SocketFact } from "../../agent/doctor/index.ts";

type Owner = NonNullable<SocketFact["owner"]>;

export function boundSockets(): SocketFact[] {
  const found = ["udp", "udp6"].flatMap((table) => rowsOf(`/proc/net/${table}`));
  const owners = found.length === 0 ? new Map<string, Owner>() : ownersOfSockets();
  return found.map(({ inode, ...socket }) => ({ ...socket, owner: owners.get(inode) ?? null }));
}

interface Row {
  readonly address: string;
  readonly port: number;
  readonly inode: string;
}

/** Addresses stand there as words of the machine's own byte order: here a little-endian one. */
function rowsOf(table: string): Row[] {
  const lines = readOr("", () => readFileSync(table, "latin1")).split("\n");
  return lines.slice(1).flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const [, address = "", port = ""] = /^([0-9A-F]+):([0-9A-F]{4})$/.exec(fields[1] ?? "") ?? [];
    if (address === "") return [];
    const octets = address.match(/../g)?.map((hex) => Number.parseInt(hex, 16)) ?? [];
    const text = octets.length === 4 ? octets.toReversed().join(".") : "IPv6";
    return { address: text, port: Number.parseInt(port, 16), inode: fields[9] ?? "" };
  });
}

/** By the socket's inode. Processes that may not be looked into are left out. */
function ownersOfSockets(): Map<string, Owner> {
  const owners = new Map<string, Owner>();
  for (const pid of readOr([], () => readdirSync("/proc")).filter((name) => /^\d+$/.test(name))) {
    for (const fd of readOr([], () => readdirSync(`/proc/${pid}/fd`))) {
      const target = readOr("", () => readlinkSync(`/proc/${pid}/fd/${fd}`));
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
      if (inode !== undefined) owners.set(inode, { pid: Number(pid), name: nameOf(pid) });
    }
  }
  return owners;
}

function nameOf(pid: string): string {
  return readOr("", () => readFileSync(`/proc/${pid}/comm`, "utf8")).trim();
}

/** Processes and sockets go while they are looked at. */
function readOr<T>(otherwise: T, read: () => T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
