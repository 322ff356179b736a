// The words behind `iptables`: which table, what is done to which chain, and the rule.
import { numberOf } from "./address.ts";
import { splitWords } from "./cursor.ts";
import { Refusal } from "./refusal.ts";
import { printRule, type RuleWords, type Target } from "./rule.ts";
import { complain, decline, readerOf } from "./rule-cursor.ts";
import { readRule } from "./rule-parse.ts";

export type RuleTable = "raw" | "mangle" | "nat" | "filter";
export type Policy = "ACCEPT" | "DROP";

/** The chains that a table brings, in the order in which they are printed. */
export const CHAINS: Readonly<Record<RuleTable, readonly string[]>> = {
  raw: ["PREROUTING", "OUTPUT"],
  mangle: ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"],
  nat: ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"],
  filter: ["INPUT", "FORWARD", "OUTPUT"],
};

/** What is done to a chain. Rules are counted from 1; a chain of null is every chain. */
export type RuleVerb =
  | { readonly verb: "append" | "delete" | "check"; readonly rule: RuleWords }
  | { readonly verb: "insert" | "replace"; readonly number: number; readonly rule: RuleWords }
  | { readonly verb: "delete-number"; readonly number: number }
  | { readonly verb: "policy"; readonly policy: Policy }
  | { readonly verb: "new-chain" };

export type RuleCommand = { readonly of: "rule"; readonly table: RuleTable } & (
  | (RuleVerb & { readonly chain: string })
  | { readonly verb: "delete-chain" | "flush" | "show" | "zero"; readonly chain: string | null }
);

const COMMANDS: Readonly<Record<string, string>> = {
  "--append": "-A",
  "--insert": "-I",
  "--delete": "-D",
  "--replace": "-R",
  "--check": "-C",
  "--new-chain": "-N",
  "--delete-chain": "-X",
  "--policy": "-P",
  "--flush": "-F",
  "--list": "-L",
  "--list-rules": "-S",
  "--zero": "-Z",
};
const LETTERS = new Set(Object.values(COMMANDS));

/** What stands behind `iptables`: "-t nat -A POSTROUTING -s 172.17.0.0/16 ... -j MASQUERADE". */
export function parseRuleCommand(text: string): RuleCommand {
  return readRuleCommand(splitWords(text));
}

/** The words behind `iptables` that append a rule to a chain. */
export function ruleCommand(table: RuleTable, chain: string, rule: RuleWords): string {
  return `${table === "filter" ? "" : `-t ${table} `}-A ${chain} ${printRule(rule)}`.trimEnd();
}

export function readRuleCommand(words: readonly string[]): RuleCommand {
  const { table, command, operands, rest } = sort(words);
  const [chain = ""] = operands;
  if (chain === "" && "AIDRCNP".includes(command.slice(1))) {
    throw complain(`option "${command}" requires an argument`);
  }
  const base = { of: "rule", table } as const;
  if (command === "-N") return { ...base, verb: "new-chain", chain };
  if (command === "-P")
    return { ...base, verb: "policy", chain, policy: policyOf(operands, table) };
  const whole = WHOLE[command];
  if (whole !== undefined) return { ...base, verb: whole, chain: chain || null };
  if (command === "-D" && operands[1] !== undefined) {
    return { ...base, verb: "delete-number", chain, number: numberAt(operands, "-D") };
  }
  const rule = readRule(readerOf(rest));
  check(table, chain, rule);
  if (command === "-A") return { ...base, verb: "append", chain, rule };
  if (command === "-D") return { ...base, verb: "delete", chain, rule };
  if (command === "-C") return { ...base, verb: "check", chain, rule };
  const number = operands[1] === undefined ? 1 : numberAt(operands, command);
  return { ...base, verb: command === "-R" ? "replace" : "insert", chain, number, rule };
}

const WHOLE: Readonly<Record<string, "delete-chain" | "flush" | "show" | "zero">> = {
  "-X": "delete-chain",
  "-F": "flush",
  "-S": "show",
  "-L": "show",
  "-Z": "zero",
};

interface Sorted {
  readonly table: RuleTable;
  readonly command: string;
  /** The chain, and a number or a policy. */
  readonly operands: readonly string[];
  readonly rest: readonly string[];
}

/** Table and command may stand anywhere in the line. */
function sort(words: readonly string[]): Sorted {
  const rest: string[] = [];
  const operands: string[] = [];
  let table = "filter";
  let command = "";
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    const letter = COMMANDS[word] ?? word;
    if (word === "-t" || word === "--table") table = words[++at] ?? "";
    else if (word === "-w" || word === "--wait") at += /^\d+$/.test(words[at + 1] ?? "") ? 1 : 0;
    else if (LETTERS.has(letter) && command === "") {
      command = letter;
      while (isOperand(letter, operands.length, words[at + 1])) operands.push(words[++at] ?? "");
    } else if (!SILENT.has(word)) rest.push(word, ...textBehind(words, word, at));
    if (TEXTS.has(word)) at++;
  }
  if (command === "") throw complain("no command specified");
  if (!Object.hasOwn(CHAINS, table)) throw noTable(table);
  return { table: table as RuleTable, command, operands, rest };
}

/** Behind a command stands a chain, and behind the chain a number, or of -P a policy. */
function isOperand(command: string, count: number, word: string | undefined): boolean {
  if (word === undefined || word.startsWith("-") || word === "!") return false;
  if (count === 0 || (count === 1 && command === "-P")) return true;
  return count === 1 && "IDRS".includes(command.slice(1)) && /^\d+$/.test(word);
}

/** Options of how it is printed. */
const SILENT: ReadonlySet<string> = new Set(["-n", "-v", "-4", "--line-numbers", "-nv", "-vn"]);
/** Options whose value may look like anything. */
const TEXTS: ReadonlySet<string> = new Set(["--comment", "--log-prefix"]);

function textBehind(words: readonly string[], option: string, at: number): readonly string[] {
  return TEXTS.has(option) ? words.slice(at + 1, at + 2) : [];
}

function policyOf([chain = "", policy]: readonly string[], table: RuleTable): Policy {
  if (policy === undefined) throw complain('option "-P" requires a chain and a policy');
  if (!CHAINS[table].includes(chain)) throw decline("Bad built-in chain name");
  if (policy === "ACCEPT" || policy === "DROP") return policy;
  throw new Refusal("iptables: Bad policy name. Run `dmesg' for more information.", 1);
}

function numberAt(operands: readonly string[], command: string): number {
  const number = numberOf(operands[1] ?? "");
  if (number !== null && number > 0) return number;
  throw complain(`Invalid rule number \`${operands[1]}' for ${command}`);
}

/** What is wrong with a rule whatever the chains hold. */
function check(table: RuleTable, chain: string, rule: RuleWords): void {
  const asks = (on: "in" | "out"): boolean => rule.matches.some((match) => match.on === on);
  if (asks("out") && (chain === "INPUT" || chain === "PREROUTING")) {
    throw complain(`Can't use -o with ${chain}\n`);
  }
  if (asks("in") && (chain === "OUTPUT" || chain === "POSTROUTING")) {
    throw complain(`Can't use -i with ${chain}\n`);
  }
  if (rule.target !== null && !isFor(rule.target, table, chain)) throw misplaced(chain);
}

/** Addresses are rewritten in nat alone, each kind at its hooks; TRACE has to come first. */
function isFor(target: Target, table: RuleTable, chain: string): boolean {
  const isOwn = !CHAINS[table].includes(chain);
  switch (target.do) {
    case "TRACE":
      return table === "raw";
    case "DNAT":
      return table === "nat" && (isOwn || chain === "PREROUTING" || chain === "OUTPUT");
    case "SNAT":
      return table === "nat" && (isOwn || chain === "POSTROUTING" || chain === "INPUT");
    case "MASQUERADE":
      return table === "nat" && (isOwn || chain === "POSTROUTING");
    case "REJECT":
      return table === "filter";
    default:
      return true;
  }
}

function misplaced(chain: string): Refusal {
  const failed = `RULE_APPEND failed (Invalid argument): rule in chain ${chain}`;
  return new Refusal(`iptables v1.8.9 (nf_tables):  ${failed}`, 4);
}

function noTable(table: string): Refusal {
  const what = `iptables v1.8.9 (nf_tables): table '${table}' does not exist`;
  return new Refusal(`${what}\nPerhaps iptables or your kernel needs to be upgraded.`, 3);
}
