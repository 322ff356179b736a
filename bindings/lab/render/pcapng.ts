// A run as a capture: an interface for every place where something was seen, nanoseconds since the
// run began, and with each packet the sentence that says why it went on, or why it did not.
import { PcapngWriter } from "../pcapng.ts";
import type { Sighting, Trace } from "../trace/trace.ts";
import { type Lang, whyText } from "../why/index.ts";
import { hopsOf } from "./moment.ts";

/** What of a run is wanted; left out: all of it. */
export interface CaptureChoice {
  /** One packet's journey. */
  readonly packet?: number;
  /** One hop of it. */
  readonly hop?: number;
  /** Only what was seen at this place: "node1:eth0". */
  readonly place?: string;
  /** Of the comments. */
  readonly lang?: Lang;
}

/** The bytes of a pcapng file. Equal runs give equal bytes. */
export function traceCapture(trace: Trace, choice: CaptureChoice = {}): Uint8Array {
  const chunks: Uint8Array[] = [];
  const writer = new PcapngWriter((chunk) => chunks.push(chunk), {
    application: "heddle lab",
    comment: `${trace.scenario}, seed ${trace.seed}`,
  });
  const interfaces = new Map<string, number>();
  for (const [name, link] of placesOf(trace)) {
    const linkType = link === "ethernet" ? "ethernet" : "ip";
    interfaces.set(name, writer.addInterface({ name, linkType }));
  }
  for (const sighting of trace.sightings) {
    if (!isChosen(sighting, choice)) continue;
    const { offset, len } = sighting.bytes;
    const comment = commentOf(trace, sighting, choice.lang ?? "en");
    writer.addPacket({
      interface: interfaces.get(sighting.place) ?? 0,
      timeNs: BigInt(sighting.timeNs),
      bytes: trace.bytes.subarray(offset, offset + len),
      direction: sighting.direction,
      ...(comment !== null && { comment }),
    });
  }
  return joined(chunks);
}

/** Everywhere that something was seen, in the order in which places are drawn, wires last. */
function placesOf({ places, sightings }: Trace): [string, Sighting["link"]][] {
  const seen = new Map(sightings.map(({ place, link }) => [place, link]));
  const drawn = places.hosts
    .flatMap(({ namespaces }) => namespaces)
    .flatMap(({ name, devices }) => devices.map((device) => `${name}:${device.name}`));
  const rank = new Map([...drawn, ...seen.keys()].reverse().map((name, at) => [name, -at]));
  return [...seen].sort(([a], [b]) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0));
}

function isChosen(sighting: Sighting, { packet, hop, place }: CaptureChoice): boolean {
  return (
    (packet === undefined || sighting.packet === packet) &&
    (hop === undefined || sighting.hop === hop) &&
    (place === undefined || sighting.place === place)
  );
}

function commentOf(trace: Trace, { packet, hop }: Sighting, lang: Lang): string | null {
  const journey = trace.packets[packet];
  const found = journey && hopsOf(trace, journey).find(({ n }) => n === hop);
  return found === undefined ? null : `${hop}: ${whyText(found, lang)}`;
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((len, chunk) => len + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
