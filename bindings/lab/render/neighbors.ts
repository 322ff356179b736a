// The neighbor table, as `ip neigh` of two programs, and as `arp` of two others.
import { type NeighborWords, parseNeighbor, printNeighbor } from "../words/index.ts";
import { rowsIn } from "./rows.ts";
import type { NamespaceView } from "./view.ts";

const HEAD = "Address                  HWtype  HWaddress           Flags Mask            Iface";

/** States in which the kernel's timer holds an entry. */
const HELD: ReadonlySet<string> = new Set(["reachable", "delay", "probe", "incomplete"]);

export function neighborsOf(view: NamespaceView): NeighborWords[] {
  return rowsIn(view.tables, "neigh").map(parseNeighbor);
}

/** What `ip neigh` shows: proxies, and addresses of devices without ARP, are for other commands. */
export function ipNeigh(view: NamespaceView, device?: string): string {
  return shownOf(view)
    .filter((neighbor) => device === undefined || neighbor.device === device)
    .map((neighbor) =>
      view.flavour === "iproute2"
        ? `${printNeighbor(neighbor, device !== undefined)} \n`
        : busyboxRow(neighbor, device),
    )
    .join("");
}

/** `arp -n`. */
export function arpTable(view: NamespaceView): string {
  const neighbors = neighborsOf(view).filter(({ state }) => state !== "none" && state !== "noarp");
  if (view.flavour !== "iproute2") return neighbors.map(busyboxArpRow).join("");
  return neighbors.length === 0 ? "" : `${HEAD}\n${neighbors.map(arpRow).join("")}`;
}

function shownOf(view: NamespaceView): NeighborWords[] {
  return neighborsOf(view).filter(({ isProxy, state }) => {
    return !isProxy && state !== "none" && state !== "noarp";
  });
}

function busyboxRow(neighbor: NeighborWords, device: string | undefined): string {
  const { address, mac, state } = neighbor;
  const words = [
    `${address} `,
    device === undefined ? `dev ${neighbor.device} ` : "",
    mac === null ? "" : `lladdr ${mac} `,
    HELD.has(state) ? `${mac === null ? " " : ""}ref 1 ` : "",
    `used 0/0/0 probes 0 ${state.toUpperCase()}`,
  ];
  return `${words.join("")}\n`;
}

function arpRow({ address, device, mac, state, isProxy }: NeighborWords): string {
  const flags = isProxy ? "MP" : `${mac === null ? "" : "C"}${state === "permanent" ? "M" : ""}`;
  const hardware = isProxy ? "*" : mac === null ? "" : "ether";
  const station = isProxy ? "<from_interface>" : (mac ?? "(incomplete)");
  const columns = [address.padEnd(25), hardware.padEnd(8), station.padEnd(20), flags.padEnd(22)];
  return `${columns.join("")}${device}\n`;
}

function busyboxArpRow({ address, device, mac, state }: NeighborWords): string {
  const station = mac === null ? "<incomplete> " : `${mac} [ether] `;
  return `? (${address}) at ${station}${state === "permanent" ? "PERM" : ""} on ${device}\n`;
}
