// Broadcast domains of a namespace: each bridge is one, and each VTEP has one of its own.

import type { FdbFlagName } from "../../core/index.ts";
import { type FdbWords, printFdb } from "../words/fdb.ts";
import { kernelAnswers, noDevice } from "../words/refusal.ts";
import type { Device } from "./device.ts";
import type { Namespace } from "./namespace.ts";
import { type Station, Stations } from "./tables/stations.ts";

const AGE_S = 300;
const MAC_ZERO = "00:00:00:00:00:00";
const STATES = {
  permanent: "permanent",
  static: "static",
  dynamic: "learned",
  stale: "learned",
} as const;

/** The index of a bridge's or VTEP's own segment: its port's. */
export function domainOf(device: Device): number {
  return device.port;
}

export function openSegment(device: Device): void {
  const { namespace, spec } = device;
  const { node, lab } = namespace;
  const index = domainOf(device);
  if (spec?.kind === "bridge") node.domains.set({ index, ageS: spec.ageS ?? AGE_S });
  else if (spec?.kind === "vxlan") node.domains.set({ index, vni: spec.vni, ageS: AGE_S });
  else node.domains.set({ index, ageS: AGE_S });
  const stations = new Stations({
    node,
    domain: index,
    ledger: namespace.ledger("fdb", device.name),
    nowMs: () => lab.clock.nowMs,
    print: (entry) => printFdb(wordsOf(device, entry)),
  });
  namespace.stations.set(device.name, stations);
}

/** A bridge's own MAC, and those of its ports, mean the stack above it. */
export function seedBridge(bridge: Device): void {
  const { namespace, mac } = bridge;
  const stations = namespace.stations.get(bridge.name);
  const ports = namespace.devices.filter(({ master }) => master === bridge);
  for (const own of new Set([mac, ...ports.map((port) => port.mac)])) {
    if (own !== null) stations?.set({ mac: own, port: bridge.port, flags: ["permanent"] });
  }
  namespace.node.flood.set({ domain: domainOf(bridge), port: bridge.port });
}

function wordsOf(device: Device, { mac, port, remote, flags }: Station): FdbWords {
  const { namespace } = device;
  const state = flags.includes("permanent")
    ? "permanent"
    : flags.includes("static")
      ? "static"
      : "dynamic";
  const plain = {
    mac,
    port: null,
    vni: null,
    via: null,
    isExternLearn: false,
    nsid: null,
    state,
  } as const;
  if (device.kind === "bridge") {
    const owner = namespace.devices.find((each) => each.master === device && each.mac === mac);
    const at = owner ?? namespace.byPort(port) ?? device;
    if (at === device)
      return { ...plain, device: device.name, dst: null, of: "self", bridge: null };
    return { ...plain, device: at.name, dst: null, of: "master", bridge: device.name };
  }
  const dst = remote === null ? null : namespace.remotes.addressOf(remote);
  const isMoved = device.spec?.kind === "vxlan" && device.spec.socketIn !== undefined;
  const nsid = isMoved ? 0 : null;
  return { ...plain, device: device.name, dst, of: "self", bridge: null, nsid };
}

/** As `bridge fdb add`, `append` or `replace`. */
export function addFdb(
  namespace: Namespace,
  words: FdbWords,
  how: "add" | "append" | "replace",
): void {
  const device = namespace.deviceOr(words.device);
  const stations = segmentOf(device, words);
  const { mac, dst, state } = words;
  if (how === "add" && stations.find(mac) !== undefined) throw kernelAnswers("File exists");
  const flags: FdbFlagName[] = [STATES[state]];
  if (words.of === "master") {
    stations.set({ mac, port: device.slavePort, flags });
    return;
  }
  if (dst === null) throw kernelAnswers("Operation not supported");
  const remote = namespace.remotes.indexOf(dst);
  const { port } = device;
  if (mac === MAC_ZERO) namespace.node.flood.set({ domain: domainOf(device), port, remote });
  else if (how !== "append" || stations.find(mac) === undefined) {
    stations.set({ mac, port, remote, flags });
  }
}

/** The rows of a spec, each as `bridge fdb append`: those of VTEPs, which are many, at once. */
export function fillFdb(namespace: Namespace, rows: readonly FdbWords[]): void {
  const vteps = new Map<Device, Map<string, Station>>();
  for (const words of rows) {
    const device = namespace.deviceOr(words.device);
    const { mac, dst, state, of } = words;
    if (device.kind !== "vxlan" || of === "master" || dst === null || mac === MAC_ZERO) {
      addFdb(namespace, words, "append");
      continue;
    }
    const stations = vteps.get(device) ?? new Map<string, Station>();
    vteps.set(device, stations);
    if (stations.has(mac)) continue;
    const remote = namespace.remotes.indexOf(dst);
    stations.set(mac, { mac, port: device.port, remote, flags: [STATES[state]] });
  }
  for (const [{ name }, stations] of vteps) {
    namespace.stations.get(name)?.setAll([...stations.values()]);
  }
}

export function removeFdb(namespace: Namespace, words: FdbWords): void {
  const device = namespace.deviceOr(words.device);
  const stations = segmentOf(device, words);
  const found = stations.find(words.mac);
  const at = found?.remote ?? null;
  const dst = at === null ? null : namespace.remotes.addressOf(at);
  const isOther = words.dst !== null && words.dst !== dst;
  if (isOther || !stations.remove(words.mac)) throw kernelAnswers("No such file or directory");
}

function segmentOf(device: Device, words: FdbWords): Stations {
  const owner = words.of === "master" ? device.master : device;
  const stations = owner === null ? undefined : device.namespace.stations.get(owner.name);
  if (stations === undefined) throw noDevice(words.device);
  return stations;
}
