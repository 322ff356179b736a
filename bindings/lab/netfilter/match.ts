// Whether a rule is for a packet.
import { network, parseIpv4, parsePrefix } from "../../core/index.ts";
import type { AddressType, Flow, Match, Ports, Question, RuleWords } from "../words/index.ts";
import type { Headers, Passage } from "./passage.ts";

const PROTOCOLS: Readonly<Record<string, number>> = {
  ...{ icmp: 1, ipencap: 4, tcp: 6, udp: 17, gre: 47, esp: 50 },
};

/** True if the rule's every question is answered by yes. */
export function isFor(words: RuleWords, passage: Passage, headers: Headers): boolean {
  return words.matches.every((match) => holds(match, passage, headers));
}

/** "tcp" as 6, "6" as 6. */
export function protocolOf(name: string): number {
  return PROTOCOLS[name] ?? Number(name);
}

/** "veth+" is every name that begins so. */
export function isNamed(device: string, pattern: string): boolean {
  return pattern.endsWith("+") ? device.startsWith(pattern.slice(0, -1)) : device === pattern;
}

function holds(match: Match, passage: Passage, headers: Headers): boolean {
  return asks(match, passage, headers) !== match.isNegated;
}

function asks(question: Question, passage: Passage, { ip, body }: Headers): boolean {
  switch (question.on) {
    case "source":
      return isWithin(ip.src, question.prefix);
    case "destination":
      return isWithin(ip.dst, question.prefix);
    case "in":
      return isNamed(passage.in ?? "", question.device);
    case "out":
      return isNamed(passage.out ?? "", question.device);
    case "protocol":
      return ip.protocol === protocolOf(question.protocol);
    case "sport":
    case "dport":
    case "sports":
    case "dports":
    case "ports":
      return asksPorts(question, body);
    case "icmp-type":
      return body?.layer === "icmp" && isIcmp(question, body.fields);
    case "src-type":
    case "dst-type": {
      const address = question.on === "src-type" ? ip.src : ip.dst;
      return question.types.includes(typeOf(address, passage));
    }
    case "ctstate":
    case "state":
      return question.states.some((state) => isInState(state, passage));
    case "mark":
      return ((passage.mark ?? 0) & question.mask) >>> 0 === question.value;
    case "comment":
      return true;
  }
}

type PortQuestion = Extract<
  Question,
  { readonly on: "sport" | "dport" | "sports" | "dports" | "ports" }
>;

function asksPorts(question: PortQuestion, body: Headers["body"]): boolean {
  if (body === null || body.layer === "icmp") return false;
  const { srcPort, dstPort } = body.fields;
  switch (question.on) {
    case "sport":
      return isAmong(srcPort, [question.ports]);
    case "dport":
      return isAmong(dstPort, [question.ports]);
    case "sports":
      return isAmong(srcPort, question.list);
    case "dports":
      return isAmong(dstPort, question.list);
    case "ports":
      return isAmong(srcPort, question.list) || isAmong(dstPort, question.list);
  }
}

function isAmong(port: number, list: readonly Ports[]): boolean {
  return list.some(([min, max]) => min <= port && port <= max);
}

function isWithin(address: string, prefix: string): boolean {
  const { address: base, len } = parsePrefix(prefix);
  return network({ address: parseIpv4(address), len }) === base;
}

function isIcmp(
  question: { readonly type: number; readonly code: number | null },
  { type, code }: { readonly type: number; readonly code: number },
): boolean {
  return type === question.type && (question.code === null || code === question.code);
}

function typeOf(address: string, { isLocal }: Passage): AddressType {
  if (isLocal(address)) return "LOCAL";
  if (address === "255.255.255.255") return "BROADCAST";
  return Number.parseInt(address, 10) >= 224 ? "MULTICAST" : "UNICAST";
}

function isInState(state: Flow, passage: Passage): boolean {
  if (state === "SNAT") return passage.isSourceTranslated === true;
  if (state === "DNAT") return passage.isTargetTranslated === true;
  return passage.flow === state;
}
