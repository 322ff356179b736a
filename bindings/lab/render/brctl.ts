// `brctl` of bridge-utils.
import { parseFdbRow } from "../words/index.ts";
import type { DeviceView } from "./device.ts";
import { rowsIn } from "./rows.ts";
import type { NamespaceView } from "./view.ts";

const SECOND_NS = 1_000_000_000;
const HUNDREDTH_NS = SECOND_NS / 100;

export function brctlShow(view: NamespaceView): string {
  const bridges = view.devices.filter(({ kind }) => kind === "bridge").sort(byName);
  if (bridges.length === 0) return "";
  const lines = bridges.flatMap((bridge) => {
    const ports = portsOf(view, bridge.name).map(({ name }) => name);
    const [first = "", ...rest] = ports.sort();
    const head = `${bridge.name}\t\t${bridgeIdOf(bridge, ports.length > 0)}\tno\t\t${first}`;
    return [head, ...rest.map((port) => `\t\t\t\t\t\t\t${port}`)];
  });
  return ["bridge name\tbridge id\t\tSTP enabled\tinterfaces", ...lines]
    .map((line) => `${line}\n`)
    .join("");
}

/** By MAC; a port is named by its number, in the order in which ports joined. */
export function brctlShowMacs(view: NamespaceView, bridge: string): string {
  const ports = portsOf(view, bridge);
  const learned = rowsIn(view.tables, "fdb")
    .map(parseFdbRow)
    .filter(({ of, device }) => of === "master" && ports.some(({ name }) => name === device));
  const rows = [
    ...learned.filter(({ mac }) => !ports.some((port) => port.mac === mac)),
    ...ports.flatMap(({ name, mac }) => (mac === null ? [] : [{ mac, device: name }])),
  ];
  const lines = rows.sort(byMac).map(({ mac, device }) => {
    const at = ports.findIndex(({ name }) => name === device);
    const isLocal = ports[at]?.mac === mac;
    const quietNs = isLocal ? 0 : (view.world.quietNs(device, mac) ?? 0);
    const age = `${isLocal ? "yes" : "no"}\t\t${ageText(quietNs)}`;
    return `${String(at + 1).padStart(3)}\t${mac}\t${age}\n`;
  });
  return `port no\tmac addr\t\tis local?\tageing timer\n${lines.join("")}`;
}

/** Priority and MAC; one that nobody joined, and whose MAC nobody set, has none yet. */
function bridgeIdOf({ mac, spec }: DeviceView, hasPorts: boolean): string {
  const isKnown = hasPorts || spec?.mac !== undefined;
  return `8000.${isKnown && mac !== null ? mac.replaceAll(":", "") : "0".repeat(12)}`;
}

function portsOf({ devices }: NamespaceView, bridge: string): DeviceView[] {
  return devices.filter(({ master }) => master === bridge);
}

function ageText(quietNs: number): string {
  const hundredths = Math.floor(quietNs / HUNDREDTH_NS);
  const seconds = String(Math.floor(hundredths / 100)).padStart(4);
  return `${seconds}.${String(hundredths % 100).padStart(2, "0")}`;
}

function byName(a: DeviceView, b: DeviceView): number {
  return a.name < b.name ? -1 : Number(a.name > b.name);
}

function byMac(a: { readonly mac: string }, b: { readonly mac: string }): number {
  return a.mac < b.mac ? -1 : Number(a.mac > b.mac);
}
