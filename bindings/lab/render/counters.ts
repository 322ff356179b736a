// What devices count, read from what was seen at them: so both ends of a pair count the same.
import type { Sighting, Trace } from "../trace/trace.ts";
import type { Happening } from "./moment.ts";

/** As the device's owner sees it; frames with their Ethernet header, without their FCS. */
export interface Counters {
  readonly rxPackets: number;
  readonly rxBytes: number;
  readonly txPackets: number;
  readonly txBytes: number;
}

/** The counters of one namespace. */
export interface CountersAt {
  of(device: string): Counters;
  /** When a frame last came in at a device from a MAC; null: none did. */
  heardNs(device: string, mac: string): number | null;
}

export const NOTHING_COUNTED: Counters = { rxPackets: 0, rxBytes: 0, txPackets: 0, txBytes: 0 };

const MAC_LEN = 6;
const SOURCE_AT = 6;

/** Counts once, when first asked. */
export function countersAt(
  trace: Trace,
  namespace: string,
  hasHappened: (what: Happening) => boolean,
): CountersAt {
  let seen: ReadonlyMap<string, readonly Sighting[]> | null = null;
  const seenAt = (device: string): readonly Sighting[] => {
    seen ??= byDevice(trace, namespace, hasHappened);
    return seen.get(device) ?? [];
  };
  return {
    of: (device) => seenAt(device).reduce(counted, NOTHING_COUNTED),
    heardNs: (device, mac) => {
      const heard = seenAt(device).filter((sighting) => isFrom(trace, sighting, mac));
      return heard.at(-1)?.timeNs ?? null;
    },
  };
}

function byDevice(
  trace: Trace,
  namespace: string,
  hasHappened: (what: Happening) => boolean,
): Map<string, Sighting[]> {
  const seen = new Map<string, Sighting[]>();
  const prefix = `${namespace}:`;
  for (const sighting of trace.sightings) {
    const { timeNs, packet, hop } = sighting;
    if (!sighting.place.startsWith(prefix)) continue;
    if (!hasHappened({ timeNs, hop: { packet, hop } })) continue;
    const device = sighting.place.slice(prefix.length);
    const list = seen.get(device) ?? [];
    list.push(sighting);
    seen.set(device, list);
  }
  return seen;
}

function counted(counters: Counters, { direction, bytes }: Sighting): Counters {
  const { rxPackets, rxBytes, txPackets, txBytes } = counters;
  return direction === "in"
    ? { ...counters, rxPackets: rxPackets + 1, rxBytes: rxBytes + bytes.len }
    : { ...counters, txPackets: txPackets + 1, txBytes: txBytes + bytes.len };
}

function isFrom(trace: Trace, { direction, link, bytes }: Sighting, mac: string): boolean {
  if (direction !== "in" || link !== "ethernet") return false;
  const at = bytes.offset + SOURCE_AT;
  const source = [...trace.bytes.subarray(at, at + MAC_LEN)];
  return source.map((byte) => byte.toString(16).padStart(2, "0")).join(":") === mac;
}
