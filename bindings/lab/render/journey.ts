// A run as text for a terminal: every packet with its hops in columns, what the tables answered,
// and where it ended.
import { type Core, type DecodedLayer, decode, type LayerName } from "../../core/index.ts";
import type { Asked, Hop, Lost, Packet, Trace } from "../trace/trace.ts";
import { isDrop } from "../trace/verdict.ts";
import { type Lang, whyText } from "../why/index.ts";
import { hopsOf } from "./moment.ts";

/** One letter for each header, as they are drawn. */
const LETTERS: Readonly<Record<LayerName, string>> = {
  ethernet: "E",
  vlan: "Q",
  arp: "A",
  ipv4: "I",
  icmp: "C",
  igmp: "G",
  udp: "U",
  tcp: "T",
  vxlan: "V",
  payload: "",
  padding: "",
};

const LOST: Readonly<Record<Lost, string>> = {
  shorter: "shorter prefix",
  later: "later in the list",
  metric: "higher metric",
  linkdown: "its link is down",
  expired: "expired",
};

const PLACE_COLUMNS = 30;
const HEADER_COLUMNS = 15;
const INDENT = "      ";

/** What of a hop is seen at a glance: of its first output, or of its input where it has none. */
export interface Glance {
  readonly len: number;
  /** Of the innermost IP header; null: there is none. */
  readonly ttl: number | null;
  /** "E I U V E I C". */
  readonly headers: string;
}

/** The whole run. */
export function journeyText(core: Core, trace: Trace, lang: Lang = "en"): string {
  return trace.packets.map((packet) => packetText(core, trace, packet, lang)).join("\n");
}

/** One packet: a line that names it, and its hops. */
export function packetText(core: Core, trace: Trace, packet: Packet, lang: Lang = "en"): string {
  const hops = hopsOf(trace, packet).map((hop) => hopText(core, trace, hop, lang));
  return packetHead(trace, packet) + hops.join("");
}

/** "3  Echo request 1  10.1.15.2 > 10.1.16.3  deliver". */
export function packetHead(trace: Trace, packet: Packet): string {
  const { index, label, from, to, outcome, because, line } = packet;
  const asker = because === null ? undefined : trace.packets[because.packet];
  const cause = asker && line === "side" ? `  (for ${asker.index}, hop ${because?.hop})` : "";
  return `${index}  ${label}  ${from} > ${to}  ${outcome}${cause}\n`;
}

/** One hop: its line, its sentence, and the tables that it asked. */
export function hopText(core: Core, trace: Trace, hop: Hop, lang: Lang = "en"): string {
  const { len, ttl, headers } = glanceAt(core, trace, hop);
  const left = hop.outDevice === null ? "" : ` > ${hop.outDevice}`;
  const columns = [
    isDrop(hop.verdict) ? "x" : " ",
    String(hop.n).padStart(3),
    `${hop.namespace} ${hop.device}${left}`.padEnd(PLACE_COLUMNS),
    `${String(len).padStart(5)} bytes`,
    (ttl === null ? "" : `TTL ${ttl}`).padEnd(7),
    headers.padEnd(HEADER_COLUMNS),
  ];
  const lines = [
    columns.join(" ").trimEnd(),
    `${INDENT}${whyText(hop, lang)}`,
    ...hop.asked.flatMap(askedLines),
    ...hop.said.map((words) => `${INDENT}${words}`),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

export function glanceAt(core: Core, trace: Trace, hop: Hop): Glance {
  const [first] = hop.out;
  const span = first ?? hop.in;
  if (span === null) return { len: 0, ttl: null, headers: "" };
  const link = (first === undefined ? hop.inLink : hop.outLink) === "ethernet" ? "ethernet" : "ip";
  const bytes = trace.bytes.subarray(span.offset, span.offset + span.len);
  const layers = untilQuote(decode(core, bytes, { link }).layers);
  const ttls = layers.flatMap((each) => (each.layer === "ipv4" ? [each.fields.ttl] : []));
  const letters = layers.map(({ layer }) => LETTERS[layer]).filter((letter) => letter !== "");
  return { len: span.len, ttl: ttls.at(-1) ?? null, headers: letters.join(" ") };
}

/** What an ICMP error quotes is no header of the packet that carries it. */
function untilQuote(layers: readonly DecodedLayer[]): readonly DecodedLayer[] {
  const icmp = layers.findIndex(({ layer }) => layer === "icmp");
  return icmp < 0 ? layers : layers.slice(0, icmp + 1);
}

/** The table, the row that answered, and those that matched as well. */
function askedLines({ table, key, row, lost, arpFrames }: Asked): string[] {
  const device = table.device === null ? "" : ` dev ${table.device}`;
  const arp = arpFrames === 0 ? "" : `, after ${arpFrames} ARP frames`;
  return [
    `${INDENT}  ${table.kind}${device} asked for ${key}${arp}`,
    `${INDENT}  ${row === null ? "x no entry" : `* ${row}`}`,
    ...lost.map((each) => `${INDENT}  - ${each.row} (${LOST[each.why]})`),
  ];
}
