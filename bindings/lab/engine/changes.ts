// What a hop changed: header by header, paired from the inside out, so that headers that were put
// in front do not make the rest look new.
import type { DecodedPacket } from "../../core/index.ts";
import { type FieldPlace, layerPath } from "../trace/field-path.ts";
import type { Change } from "../trace/trace.ts";
import { causeOfChange, causeOfNew } from "./cause.ts";
import type { Dissected, Dissector } from "./dissector.ts";
import type { Stop } from "./journey.ts";

const NOWHERE = { at: 0, len: 0 } as const;

export function changesOf(dissector: Dissector, stop: Stop): Change[] {
  const [left] = stop.left;
  const came = stop.arrived;
  if (left === undefined || left === came) return [];
  const after = dissector.read(left, stop.outLink);
  if (came === null) return after.places.map((place) => created(stop, after.packet, place));
  if (stop.inLink === stop.outLink && isEqual(came, left)) return [];
  return compare(stop, dissector.read(came, stop.inLink), after);
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

function compare(stop: Stop, came: Dissected, left: Dissected): Change[] {
  const [before, after] = [came.packet, left.packet];
  const pairs = pairsOf(before, after);
  const changes = left.places.flatMap((place): Change[] => {
    const twin = pairs.get(place.layer);
    if (twin === undefined) return [created(stop, after, place)];
    const was = came.places.find(({ layer, name }) => layer === twin && name === place.name);
    if (was === undefined) return [created(stop, after, place)];
    if (fieldOf(before, was) === fieldOf(after, place)) return [];
    const { path: field, at } = place;
    return [{ field, at, was: was.at, cause: causeOfChange(stop, field) }];
  });
  const kept = new Set(pairs.values());
  before.layers.forEach((layer, at) => {
    if (kept.has(at)) return;
    const len = layer.headerLen === 0 ? layer.len : layer.headerLen;
    const rule = stop.verdict === "encap-weave" ? "encapsulated" : "decapsulated";
    changes.push({
      field: layerPath(before, at),
      at: NOWHERE,
      was: { at: layer.offset, len },
      cause: { rule },
    });
  });
  return changes;
}

function fieldOf(packet: DecodedPacket, { layer, name }: FieldPlace): unknown {
  const fields = packet.layers[layer]?.fields as Readonly<Record<string, unknown>> | undefined;
  return fields?.[name];
}

/** Of each layer that stayed, by its index afterwards: its index before. */
function pairsOf(before: DecodedPacket, after: DecodedPacket): Map<number, number> {
  const pairs = new Map<number, number>();
  let was = before.layers.length - 1;
  let is = after.layers.length - 1;
  while (was >= 0 && is >= 0 && before.layers[was]?.layer === after.layers[is]?.layer) {
    pairs.set(is--, was--);
  }
  return pairs;
}

function created(stop: Stop, packet: DecodedPacket, place: FieldPlace): Change {
  const { path: field, at } = place;
  return { field, at, was: null, cause: causeOfNew(stop, field, fieldOf(packet, place)) };
}
