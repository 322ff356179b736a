// Why a field is what it is: a table gave it, or a rule did.
import type { Cause, Change, FieldPath } from "../trace/trace.ts";
import type { Stop } from "./journey.ts";

type Rules = Readonly<Record<string, Cause>>;

/** Of headers that are new, by header and field, or by header alone. */
const NEW: Rules = {
  "eth.src": "device-address",
  "eth.dst": "constant",
  eth: "constant",
  "ip.totalLength": "computed",
  "ip.checksum": "computed",
  "ip.id": "chosen",
  "ip.tos": "device-setting",
  "ip.ttl": "device-setting",
  "ip.dontFragment": "device-setting",
  "ip.src": "device-address",
  "ip.dst": "chosen",
  ip: "constant",
  "icmp.checksum": "computed",
  icmp: "chosen",
  "udp.length": "computed",
  "udp.checksum": "computed",
  "udp.dport": "device-setting",
  udp: "chosen",
  "tcp.checksum": "computed",
  "tcp.dataOffset": "computed",
  tcp: "chosen",
  "vxlan.vni": "device-setting",
  vxlan: "constant",
  "arp.senderMac": "device-address",
  "arp.senderAddress": "device-address",
  "arp.targetAddress": "chosen",
  arp: "constant",
  payload: "chosen",
  padding: "constant",
};

/** Of answers: what came from the question. */
const ANSWERED: ReadonlySet<string> = new Set([
  ...["eth.dst", "ip.src", "ip.dst", "icmp.id", "icmp.sequence", "payload.data"],
  ...["arp.targetMac", "arp.targetAddress", "arp.senderAddress", "tcp.dport", "tcp.sport"],
  ...["tcp.acknowledgment", "udp.sport", "udp.dport"],
]);

/** Of headers that stayed. */
const CHANGED: Rules = {
  "eth.src": "device-address",
  eth: "routed",
  "ip.ttl": "routed",
  "ip.checksum": "rfc1624",
  "ip.tos": "copied-from-inner",
  "ip.src": "translated",
  "ip.dst": "translated",
  ip: "fragmented",
  "udp.checksum": "rfc1624",
  udp: "translated",
  "tcp.checksum": "rfc1624",
  "tcp.options": "device-setting",
  tcp: "translated",
  "icmp.checksum": "rfc1624",
  icmp: "translated",
  payload: "fragmented",
};

/** Of a payload that holds a frame which nobody can see in it. */
const WRAPS: ReadonlySet<Stop["verdict"]> = new Set(["encap-weave"]);

const ANSWERS: ReadonlySet<Stop["verdict"]> = new Set(["reply", "arp-answer", "arp-proxy"]);

export function causeOfNew(stop: Stop, field: FieldPath, value: unknown): Change["cause"] {
  const asked = askedFor(stop, field);
  if (asked !== null) return asked;
  if (stop.verdict === "decap") return { rule: "decapsulated" };
  const name = plain(field);
  if (WRAPS.has(stop.verdict) && name === "payload.data") return { rule: "encapsulated" };
  if (ANSWERS.has(stop.verdict) && ANSWERED.has(name)) return { rule: "answered" };
  const rule = ruleOf(NEW, name);
  if (rule !== "device-address" || isOwn(stop, value)) return { rule };
  return { rule: stop.verdict === "icmp-error" ? "answered" : "chosen" }; // an error quotes
}

// A program may write any address; what the kernel puts in front of a packet is a device's.
function isOwn({ arrived, owned }: Stop, address: unknown): boolean {
  return arrived !== null || owned.has(String(address));
}

export function causeOfChange(stop: Stop, field: FieldPath): Change["cause"] {
  if (stop.verdict === "link-fault") return { rule: "corrupted" };
  const name = plain(field);
  if (WRAPS.has(stop.verdict) && name === "payload.data") return { rule: "encapsulated" };
  return askedFor(stop, field) ?? { rule: ruleOf(CHANGED, name) };
}

function askedFor(stop: Stop, field: FieldPath): Change["cause"] | null {
  const asked = stop.asked.findIndex(({ gave }) => gave.includes(field));
  return asked < 0 ? null : { asked };
}

/** Without "outer." */
function plain(field: FieldPath): string {
  return field.replace(/^outer\d*\./, "");
}

function ruleOf(rules: Rules, name: string): Cause {
  return rules[name] ?? rules[name.split(".")[0] ?? ""] ?? "computed";
}
