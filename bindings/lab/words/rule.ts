// Rules of iptables as data, and as `iptables -S` prints them.
import { type Ports, printPorts } from "./ports.ts";

export type Flow = "INVALID" | "NEW" | "RELATED" | "ESTABLISHED" | "UNTRACKED" | "SNAT" | "DNAT";
export type AddressType = "UNICAST" | "LOCAL" | "BROADCAST" | "MULTICAST";

/** What a packet is looked at for. */
export type Question =
  | { readonly on: "source" | "destination"; readonly prefix: string }
  /** "eth+" is every name that begins so. */
  | { readonly on: "in" | "out"; readonly device: string }
  /** "tcp", "udp", "icmp", or a number. */
  | { readonly on: "protocol"; readonly protocol: string }
  | { readonly on: "sport" | "dport"; readonly module: "tcp" | "udp"; readonly ports: Ports }
  | { readonly on: "sports" | "dports" | "ports"; readonly list: readonly Ports[] }
  | { readonly on: "icmp-type"; readonly type: number; readonly code: number | null }
  | { readonly on: "src-type" | "dst-type"; readonly types: readonly AddressType[] }
  | { readonly on: "ctstate" | "state"; readonly states: readonly Flow[] }
  | { readonly on: "mark"; readonly value: number; readonly mask: number }
  /** Holds for every packet. */
  | { readonly on: "comment"; readonly text: string };

export type Match = Question & { readonly isNegated: boolean };

/** What becomes of a packet that a rule is for. */
export type Target =
  | { readonly do: "ACCEPT" | "DROP" | "RETURN" | "TRACE" }
  | { readonly do: "REJECT"; readonly with: string }
  | { readonly do: "LOG"; readonly prefix: string | null }
  | { readonly do: "MASQUERADE"; readonly ports: Ports | null; readonly isRandom: boolean }
  | ({ readonly do: "SNAT"; readonly isRandom: boolean } & Destination)
  | ({ readonly do: "DNAT" } & Destination)
  | { readonly do: "jump" | "goto"; readonly chain: string };

/** null: that half of it stays as it is. */
export interface Destination {
  readonly address: string | null;
  readonly ports: Ports | null;
}

/** A target of null only counts. */
export interface RuleWords {
  readonly matches: readonly Match[];
  readonly target: Target | null;
}

/** What `iptables -S` has behind "-A CHAIN". */
export function printRule({ matches, target }: RuleWords): string {
  const parts: string[] = [];
  let module = "";
  for (const match of matches) {
    const next = moduleOf(match);
    if (next !== "" && next !== module) parts.push(`-m ${next}`);
    module = next;
    parts.push(`${match.isNegated ? "! " : ""}${printQuestion(match)}`);
  }
  if (target !== null) parts.push(printTarget(target));
  return parts.join(" ");
}

/** The extension that an option belongs to; "" for what every rule can ask. */
export function moduleOf(question: Question): string {
  switch (question.on) {
    case "source":
    case "destination":
    case "in":
    case "out":
    case "protocol":
      return "";
    case "sport":
    case "dport":
      return question.module;
    case "sports":
    case "dports":
    case "ports":
      return "multiport";
    case "icmp-type":
      return "icmp";
    case "src-type":
    case "dst-type":
      return "addrtype";
    case "ctstate":
      return "conntrack";
    default:
      return question.on;
  }
}

const LETTERS = { source: "-s", destination: "-d", in: "-i", out: "-o", protocol: "-p" } as const;

function printQuestion(question: Question): string {
  switch (question.on) {
    case "source":
    case "destination":
      return `${LETTERS[question.on]} ${question.prefix}`;
    case "in":
    case "out":
      return `${LETTERS[question.on]} ${question.device}`;
    case "protocol":
      return `-p ${question.protocol}`;
    case "sport":
    case "dport":
      return `--${question.on} ${printPorts(question.ports)}`;
    case "sports":
    case "dports":
    case "ports":
      return `--${question.on} ${question.list.map((ports) => printPorts(ports)).join(",")}`;
    case "icmp-type":
      return `--icmp-type ${question.type}${question.code === null ? "" : `/${question.code}`}`;
    case "src-type":
    case "dst-type":
      return `--${question.on} ${question.types.join(",")}`;
    case "ctstate":
    case "state":
      return `--${question.on} ${question.states.join(",")}`;
    case "mark":
      return `--mark ${printMark(question.value, question.mask)}`;
    case "comment":
      return `--comment ${quote(question.text)}`;
  }
}

function printTarget(target: Target): string {
  switch (target.do) {
    case "REJECT":
      return `-j REJECT --reject-with ${target.with}`;
    case "LOG":
      return `-j LOG${target.prefix === null ? "" : ` --log-prefix ${quote(target.prefix)}`}`;
    case "MASQUERADE": {
      const ports = target.ports === null ? "" : ` --to-ports ${printPorts(target.ports, "-")}`;
      return `-j MASQUERADE${ports}${printRandom(target.isRandom)}`;
    }
    case "SNAT":
      return `-j SNAT --to-source ${printTo(target)}${printRandom(target.isRandom)}`;
    case "DNAT":
      return `-j DNAT --to-destination ${printTo(target)}`;
    case "jump":
      return `-j ${target.chain}`;
    case "goto":
      return `-g ${target.chain}`;
    default:
      return `-j ${target.do}`;
  }
}

function printTo({ address, ports }: Destination): string {
  return `${address ?? ""}${ports === null ? "" : `:${printPorts(ports, "-")}`}`;
}

function printRandom(isRandom: boolean): string {
  return isRandom ? " --random-fully" : "";
}

function printMark(value: number, mask: number): string {
  const text = `0x${value.toString(16)}`;
  return mask === 0xffffffff ? text : `${text}/0x${mask.toString(16)}`;
}

/** As xtables quotes: not where there is nothing but letters, digits, `_` and `-`. */
function quote(text: string): string {
  return /^[\w-]+$/.test(text) ? text : `"${text.replace(/["\\']/g, "\\$&")}"`;
}
