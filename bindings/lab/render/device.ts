// Devices as the kernel keeps them: flags, state, queue, and the device at their other end.
import type { DeviceSpec } from "../spec/network.ts";
import type { DevicePlace, NamespacePlace, TableState, Trace } from "../trace/trace.ts";
import { type AddressView, addressesOf } from "./addresses.ts";
import type { Counters } from "./counters.ts";
import { type DeviceEnd, Ends } from "./ends.ts";
import type { Sysctls } from "./ipv6.ts";
import type { LinkRow, Operstate } from "./link-row.ts";

/** What `link/` says: of a device without Ethernet header, what else it carries. */
export type LinkType = "loopback" | "ether" | "none" | "ipip" | "sit";

export interface DeviceView {
  readonly name: string;
  readonly kind: string;
  readonly ifindex: number;
  readonly mac: string | null;
  readonly mtu: number;
  readonly master: string | null;
  readonly linkType: LinkType;
  /** As iproute2 orders them: NO-CARRIER first. */
  readonly flags: readonly string[];
  readonly isUp: boolean;
  readonly hasCarrier: boolean;
  readonly operstate: Operstate;
  readonly qdisc: string;
  /** 0: none is printed. */
  readonly queueLen: number;
  readonly end: DeviceEnd | null;
  readonly addresses: readonly AddressView[];
  readonly counters: Counters;
  readonly spec: DeviceSpec | null;
}

export interface DevicesInit {
  readonly trace: Trace;
  readonly place: NamespacePlace;
  readonly tables: readonly TableState[];
  readonly sysctls: Sysctls;
  readonly counters: (device: string) => Counters;
  /** Of any namespace. */
  readonly stateOf: (namespace: string, device: string) => DeviceState;
}

/** What a device's specification and its row in the table `link` come to; null: they do not say. */
export interface DeviceState extends LinkRow {
  readonly spec: DeviceSpec | null;
}

const LOOPBACK: DevicePlace = {
  name: "lo",
  kind: "lo",
  plane: "containers",
  ifindex: 1,
  mac: "00:00:00:00:00:00",
  mtu: 65_536,
  addresses: ["127.0.0.1/8"],
  master: null,
};

const LINK_TYPES: Readonly<Record<string, LinkType>> = {
  lo: "loopback",
  tun: "none",
  ipip: "ipip",
  sit: "sit",
};

/** As the kernel has them without asking for more; docker makes its devices with none. */
const QUEUE_LENS: Readonly<Record<string, number>> = {
  lo: 1000,
  nic: 1000,
  tun: 500,
  ipip: 1000,
  sit: 1000,
};

/** Of devices that have something to wait for. */
const QUEUED: ReadonlySet<string> = new Set(["nic", "tun"]);

/** The devices of a namespace, by their index. */
export function devicesOf(init: DevicesInit): DeviceView[] {
  const { devices } = init.place;
  const all = devices.some(({ name }) => name === "lo") ? devices : [LOOPBACK, ...devices];
  const byIndex = [...all].sort((a, b) => a.ifindex - b.ifindex);
  const ends = new Ends(init, byIndex);
  return byIndex.map((place) => deviceOf(init, place, ends));
}

function deviceOf(init: DevicesInit, place: DevicePlace, ends: Ends): DeviceView {
  const { name, ifindex, kind } = place;
  const { spec, ...row } = init.stateOf(init.place.name, name);
  const isUp = ends.isUp(place);
  const hasCarrier = isUp && (row.hasCarrier ?? ends.hasCarrier(place));
  const operstate = row.operstate ?? ends.operstate(place, isUp, hasCarrier);
  const nobody = kind === "lo" ? LOOPBACK.mac : null;
  const [end, mtu, mac] = [ends.of(place), row.mtu ?? place.mtu, row.mac ?? place.mac ?? nobody];
  return {
    ...{ name, ifindex, kind, mtu, mac, isUp, hasCarrier, operstate, end, spec },
    linkType: LINK_TYPES[kind] ?? "ether",
    master: row.master === undefined ? place.master : row.master,
    flags: flagsOf(kind, isUp, hasCarrier, end),
    qdisc: qdiscOf(kind, isUp),
    queueLen: QUEUE_LENS[kind] ?? 0,
    addresses: addressesOf({ ...init, place, spec, mac, hasLink: isUp && hasCarrier }),
    counters: init.counters(name),
  };
}

function qdiscOf(kind: string, isUp: boolean): string {
  if (QUEUED.has(kind)) return "pfifo_fast";
  return isUp ? "noqueue" : "noop";
}

function flagsOf(
  kind: string,
  isUp: boolean,
  hasCarrier: boolean,
  end: DeviceEnd | null,
): readonly string[] {
  const isBehindDown = end !== null && end.name !== null && !end.isUp;
  return [
    ...(isUp && !hasCarrier ? ["NO-CARRIER"] : []),
    ...kindFlags(kind),
    ...(isUp ? ["UP"] : []),
    ...(hasCarrier ? ["LOWER_UP"] : []),
    ...(isBehindDown ? ["M-DOWN"] : []),
  ];
}

function kindFlags(kind: string): readonly string[] {
  if (kind === "lo") return ["LOOPBACK"];
  if (kind === "tun") return ["POINTOPOINT", "MULTICAST", "NOARP"];
  return kind === "ipip" || kind === "sit" ? ["NOARP"] : ["BROADCAST", "MULTICAST"];
}
