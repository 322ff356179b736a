// The forwarding tables, as `bridge fdb` lists them: per device, what its bridge knows behind it,
// then what the device listens to itself. Nobody writes that second part, and no frame of the lab
// asks for it; kernels list it, so it is made here.
import { type FdbWords, parseFdbRow, printFdb } from "../words/index.ts";
import type { DeviceView } from "./device.ts";
import { solicitedMacOf } from "./eui64.ts";
import { hasIpv6Addresses, isIpv6There } from "./ipv6.ts";
import { rowsIn } from "./rows.ts";
import type { NamespaceView } from "./view.ts";

const ALL_HOSTS = "01:00:5e:00:00:01"; // 224.0.0.1
const ALL_SNOOPERS = "01:00:5e:00:00:6a"; // 224.0.0.106, RFC 4286
const ALL_NODES_6 = "33:33:00:00:00:01";
const ALL_SNOOPERS_6 = "33:33:00:00:00:6a";

/** What of the tables is asked for. */
export interface FdbQuery {
  /** `dev`: one device. */
  readonly device?: string;
  /** `br`: one bridge, with its ports. */
  readonly bridge?: string;
}

export function bridgeFdb(view: NamespaceView, query: FdbQuery = {}): string {
  return fdbOf(view, query)
    .map((entry) => `${printFdb(entry, query.device !== undefined)}${endOf(entry)}\n`)
    .join("");
}

/** In the order in which the kernel lists them. */
export function fdbOf(view: NamespaceView, query: FdbQuery = {}): FdbWords[] {
  const { device, bridge } = query;
  const known = rowsIn(view.tables, "fdb").map(parseFdbRow);
  const chosen = view.devices.filter(({ name, master }) => {
    if (device !== undefined) return name === device;
    return bridge === undefined || name === bridge || master === bridge;
  });
  return chosen.flatMap((each) => entriesOf(view, each, known));
}

/** iproute2 leaves a blank where the state of an entry that ages would stand. */
function endOf({ state }: FdbWords): string {
  return state === "dynamic" ? " " : "";
}

function entriesOf(
  view: NamespaceView,
  device: DeviceView,
  known: readonly FdbWords[],
): FdbWords[] {
  const own = known.filter((entry) => entry.device === device.name);
  const all = own.map((entry) => completed(device, entry));
  const listened = listenedBy(view, device).map((mac) => entryOf(mac, device.name, null));
  // The kernel puts what is new in front.
  const ofBridge = all.filter(({ of }) => of === "master").reverse();
  const ofDevice = all.filter(({ of }) => of === "self");
  if (device.kind === "bridge") return [...listened, ...withOwn(view, device, ofBridge)];
  const owned = device.master === null ? ofBridge : withOwn(view, device, ofBridge);
  return [...owned, ...ofDevice, ...listened];
}

/** What rows may leave out: which bridge it is, and the namespace of a moved VTEP's socket. */
function completed(device: DeviceView, entry: FdbWords): FdbWords {
  if (device.kind === "bridge") return { ...entry, of: "master", bridge: device.name };
  if (entry.of === "master") return { ...entry, bridge: entry.bridge ?? device.master };
  const isMoved = device.kind === "vxlan" && entry.dst !== null;
  return isMoved ? { ...entry, nsid: entry.nsid ?? device.end?.netnsid ?? null } : entry;
}

/** A port's own MAC, and a bridge's where no port lent it its own, are in the bridge's table. */
function withOwn(
  view: NamespaceView,
  { name, kind, mac, master }: DeviceView,
  entries: readonly FdbWords[],
): FdbWords[] {
  const bridge = kind === "bridge" ? name : master;
  const isThere = entries.some((entry) => entry.mac === mac && entry.state === "permanent");
  const isLent =
    kind === "bridge" &&
    view.devices.some((port) => {
      return port.master === name && port.mac === mac;
    });
  if (mac === null || isThere || isLent) return [...entries];
  return [...entries, entryOf(mac, name, bridge)];
}

function entryOf(mac: string, device: string, bridge: string | null): FdbWords {
  return {
    ...{ mac, device, bridge, dst: null, port: null, vni: null, via: null, nsid: null },
    of: bridge === null ? "self" : "master",
    state: "permanent",
    isExternLearn: false,
  };
}

/** The groups of a device, in the order in which the kernel joins them. */
function listenedBy({ sysctls }: NamespaceView, device: DeviceView): string[] {
  if (device.linkType !== "ether" || device.kind === "vxlan" || device.mac === null) return [];
  const isSix = isIpv6There(sysctls);
  const snoops = device.isUp && device.kind === "bridge" && isSnooping(device);
  const hasSolicited = hasIpv6Addresses(sysctls) && device.hasCarrier;
  return [
    ...(isSix ? [ALL_NODES_6] : []),
    ...(snoops ? [ALL_SNOOPERS] : []),
    ...(snoops && isSix ? [ALL_SNOOPERS_6] : []),
    ...(device.isUp ? [ALL_HOSTS] : []),
    ...(isSix && hasSolicited ? [solicitedMacOf(device.mac)] : []),
  ];
}

function isSnooping({ spec }: DeviceView): boolean {
  return spec?.kind !== "bridge" || spec.isSnooping !== false;
}
