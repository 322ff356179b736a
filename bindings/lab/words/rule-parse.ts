// Rules of iptables, read from their words.
import { network, parsePrefix, printPrefix } from "../../core/index.ts";
import { ipv4Of, numberOf } from "./address.ts";
import { splitWords } from "./cursor.ts";
import { portsOf } from "./ports.ts";
import type { AddressType, Flow, Match, Question, RuleWords } from "./rule.ts";
import { moduleOf } from "./rule.ts";
import { complain, type RuleCursor, readerOf } from "./rule-cursor.ts";
import { readTarget } from "./rule-target.ts";

const FLOWS: readonly Flow[] = [
  ...(["INVALID", "NEW", "RELATED", "ESTABLISHED"] as const),
  ...(["UNTRACKED", "SNAT", "DNAT"] as const),
];
const ADDRESS_TYPES: readonly AddressType[] = ["UNICAST", "LOCAL", "BROADCAST", "MULTICAST"];
const PROTOCOLS: readonly string[] = ["tcp", "udp", "icmp", "ipencap", "gre", "esp"];
const ICMP_TYPES: ReadonlyMap<string, readonly [number, number | null]> = new Map([
  ["echo-reply", [0, null]],
  ["destination-unreachable", [3, null]],
  ["network-unreachable", [3, 0]],
  ["host-unreachable", [3, 1]],
  ["port-unreachable", [3, 3]],
  ["fragmentation-needed", [3, 4]],
  ["echo-request", [8, null]],
  ["time-exceeded", [11, null]],
]);

/** What stands behind "-A CHAIN". */
export function parseRule(text: string): RuleWords {
  return readRule(readerOf(splitWords(text)));
}

/** Reads to the end of the line. */
export function readRule(cursor: RuleCursor): RuleWords {
  const matches: Match[] = [];
  const modules: string[] = [];
  let target: RuleWords["target"] = null;
  while (!cursor.isAtEnd) {
    const isNegated = cursor.take("!");
    const option = cursor.option();
    if (option === "-j" || option === "--jump" || option === "-g" || option === "--goto") {
      target = readTarget(cursor, option);
    } else if (option === "-m" || option === "--match") {
      modules.push(cursor.value(option));
    } else {
      const question = readQuestion(cursor, option, matches);
      if (question !== null) matches.push({ ...question, isNegated });
    }
  }
  return { matches: inOrder(matches, modules), target };
}

// iptables prints what every rule can ask first, in its own order, then extensions as they came,
// and their options as each of them likes it.
const ORDER = [
  ...["source", "destination", "in", "out", "protocol"],
  ...["sport", "dport", "src-type", "dst-type"],
];

function inOrder(matches: readonly Match[], modules: readonly string[]): Match[] {
  const seen = ["", ...new Set([...modules, ...matches.map(moduleOf)])];
  const rank = (match: Match): number =>
    seen.indexOf(moduleOf(match)) * ORDER.length + Math.max(0, ORDER.indexOf(match.on));
  return [...matches].sort((a, b) => rank(a) - rank(b));
}

/** null: asked for what every packet has. */
function readQuestion(
  cursor: RuleCursor,
  option: string,
  known: readonly Match[],
): Question | null {
  const value = (): string => cursor.value(option);
  switch (option) {
    case "-s":
    case "--source":
    case "--src":
      return addressQuestion("source", value());
    case "-d":
    case "--destination":
    case "--dst":
      return addressQuestion("destination", value());
    case "-i":
    case "--in-interface":
      return { on: "in", device: value() };
    case "-o":
    case "--out-interface":
      return { on: "out", device: value() };
    case "-p":
    case "--protocol":
    case "--proto":
      return protocolQuestion(value());
    default:
      return readExtension(cursor, option, known);
  }
}

function readExtension(cursor: RuleCursor, option: string, known: readonly Match[]): Question {
  const value = (): string => cursor.value(option);
  switch (option) {
    case "--sport":
    case "--source-port":
      return { on: "sport", module: portModule(option, known), ports: portsOf(value()) };
    case "--dport":
    case "--destination-port":
      return { on: "dport", module: portModule(option, known), ports: portsOf(value()) };
    case "--sports":
    case "--dports":
    case "--ports":
      return {
        on: listOf(option),
        list: value()
          .split(",")
          .map((part) => portsOf(part)),
      };
    case "--icmp-type":
      return icmpQuestion(value());
    case "--src-type":
    case "--dst-type": {
      const types = pickAll(value(), ADDRESS_TYPES, "addrtype: bad type");
      return { on: option === "--src-type" ? "src-type" : "dst-type", types };
    }
    case "--ctstate":
    case "--state": {
      const states = pickAll(value(), FLOWS, "Bad ctstate");
      return { on: option === "--state" ? "state" : "ctstate", states };
    }
    case "--mark":
      return markQuestion(value());
    case "--comment":
      return { on: "comment", text: value() };
    default:
      throw complain(`unknown option "${option}"`);
  }
}

function addressQuestion(on: "source" | "destination", word: string): Question | null {
  const [head = "", tail = "32"] = word.split("/");
  const address = ipv4Of(head);
  if (address === null) throw complain(`host/network \`${word}' not found`);
  const len = tail.includes(".") ? maskLen(tail) : numberOf(tail, 32);
  if (len === null) throw complain(`invalid mask \`${tail}' specified`);
  if (len === 0) return null;
  return { on, prefix: printPrefix({ address: network({ address, len }), len }) };
}

function maskLen(word: string): number | null {
  const mask = ipv4Of(word) ?? 0;
  const len = 32 - Math.log2(2 ** 32 - mask);
  return Number.isInteger(len) ? parsePrefix(`0.0.0.0/${len}`).len : null;
}

function protocolQuestion(word: string): Question | null {
  const protocol = word.toLowerCase();
  if (protocol === "all" || protocol === "0") return null;
  if (!PROTOCOLS.includes(protocol) && numberOf(protocol, 255) === null) {
    throw complain(`unknown protocol "${word}" specified`);
  }
  return { on: "protocol", protocol };
}

/** `--dport` is an option of tcp and udp only, and unknown where neither was named. */
function portModule(option: string, known: readonly Match[]): "tcp" | "udp" {
  const protocol = known.find((match) => match.on === "protocol")?.protocol;
  if (protocol === "tcp" || protocol === "udp") return protocol;
  throw complain(`unknown option "${option}"`);
}

function listOf(option: string): "sports" | "dports" | "ports" {
  if (option === "--sports") return "sports";
  return option === "--dports" ? "dports" : "ports";
}

function icmpQuestion(word: string): Question {
  const [type, code] = ICMP_TYPES.get(word) ?? icmpNumbers(word);
  return { on: "icmp-type", type, code };
}

function icmpNumbers(word: string): readonly [number, number | null] {
  const [type = "", code, ...more] = word.split("/");
  const numbers = [numberOf(type, 255), code === undefined ? null : numberOf(code, 255)] as const;
  const isBad = numbers[0] === null || (code !== undefined && numbers[1] === null);
  if (isBad || more.length > 0) throw complain(`Unknown ICMP type \`${word}'`);
  return [numbers[0] ?? 0, numbers[1]];
}

function markQuestion(word: string): Question {
  const [value = "", mask = "0xffffffff"] = word.split("/");
  const numbers = [numberOf(value), numberOf(mask)];
  if (numbers.includes(null)) throw complain(`mark: bad value for option "--mark"`);
  return { on: "mark", value: numbers[0] ?? 0, mask: numbers[1] ?? 0 };
}

function pickAll<T extends string>(word: string, all: readonly T[], complaint: string): T[] {
  const words = word.toUpperCase().split(",");
  const bad = words.find((name) => !(all as readonly string[]).includes(name));
  if (bad !== undefined) throw complain(`${complaint} "${bad}"`);
  return all.filter((name) => words.includes(name));
}
