// A packet's walk through the chains of a hook: what becomes of it, which rule said so, and what a
// trace has to tell of it.
import type { Core } from "../../core/index.ts";
import { printRule, type RuleTable, type Target } from "../words/index.ts";
import { printLogLine } from "./log-line.ts";
import { isFor } from "./match.ts";
import { type Headers, type Hook, type Passage, readHeaders } from "./passage.ts";
import type { Chain, Rule, Ruleset } from "./ruleset.ts";

/** A rule, or a chain's policy. */
export interface RuleRef {
  readonly table: RuleTable;
  readonly chain: string;
  /** From 1; 0 is the policy. */
  readonly number: number;
  /** "-A FORWARD -i docker0 -j DROP", "-P FORWARD DROP". */
  readonly text: string;
}

/** A target that rewrites addresses, and the rule that has it. */
export interface Translation {
  readonly rule: RuleRef;
  readonly target: Extract<Target, { readonly do: "SNAT" | "DNAT" | "MASQUERADE" }>;
}

export interface Walk {
  readonly verdict: "accept" | "drop" | "reject";
  /** What has decided; null: no chain is there. */
  readonly decided: RuleRef | null;
  /** What REJECT answers with: "icmp-port-unreachable", "tcp-reset". */
  readonly rejection: string | null;
  /** What the first packet of a flow was given by table nat. */
  readonly translation: Translation | null;
  /** All rules that were for the packet, in their order. */
  readonly matched: readonly RuleRef[];
  /** To be handed on to the next hook. */
  readonly isTraced: boolean;
  /** "TRACE: raw:PREROUTING:policy:2 IN=docker0 ...": iptables-legacy, in the kernel's log. */
  readonly legacyLines: readonly string[];
  /** "TRACE: 2 846b7b39 raw:OUTPUT:policy:ACCEPT": iptables-nft, by `xtables-monitor --trace`. */
  readonly monitorLines: readonly string[];
  /** What rules with the target LOG wrote. */
  readonly logLines: readonly string[];
}

/** The tables that a hook has, in the order in which they are asked. */
export const TABLES_AT: Readonly<Record<Hook, readonly RuleTable[]>> = {
  PREROUTING: ["raw", "mangle", "nat"],
  INPUT: ["mangle", "filter", "nat"],
  FORWARD: ["mangle", "filter"],
  OUTPUT: ["raw", "mangle", "nat", "filter"],
  POSTROUTING: ["mangle", "nat"],
};

/** nat is asked about the first packet of a flow only; `tables` leaves others out. */
export function walk(
  core: Core,
  ruleset: Ruleset,
  passage: Passage,
  tables: readonly RuleTable[] = TABLES_AT[passage.hook],
): Walk {
  const headers = readHeaders(core, passage.packet);
  const walker = new Walker(ruleset, passage, headers);
  for (const table of TABLES_AT[passage.hook]) {
    const isAsked = table !== "nat" || passage.flow === "NEW";
    if (headers !== null && tables.includes(table) && isAsked) walker.ask(table);
  }
  return walker;
}

/** `return`: the end of a chain was reached, or a rule sent it back. */
type Fate = "accept" | "drop" | "reject" | "return";

class Walker implements Walk {
  verdict: "accept" | "drop" | "reject" = "accept";
  decided: RuleRef | null = null;
  rejection: string | null = null;
  translation: Translation | null = null;
  isTraced: boolean;
  readonly matched: RuleRef[] = [];
  readonly legacyLines: string[] = [];
  readonly monitorLines: string[] = [];
  readonly logLines: string[] = [];
  readonly #ruleset: Ruleset;
  readonly #passage: Passage;
  readonly #headers: Headers | null;

  constructor(ruleset: Ruleset, passage: Passage, headers: Headers | null) {
    this.#ruleset = ruleset;
    this.#passage = passage;
    this.#headers = headers;
    this.isTraced = passage.isTraced === true;
  }

  ask(table: RuleTable): void {
    const chain = this.#ruleset.chain(table, this.#passage.hook);
    if (chain === undefined || this.verdict !== "accept") return;
    if (!this.#ruleset.isRegistered(table)) return;
    const fate = this.#through(chain);
    if (fate !== "return") this.verdict = fate;
    else this.#apply(chain);
  }

  #through(chain: Chain): Fate {
    for (const [index, rule] of chain.rules.entries()) {
      if (this.#headers === null) break;
      if (!isFor(rule.words, this.#passage, this.#headers)) continue;
      const ref = refOf(chain, index + 1);
      this.matched.push(ref);
      this.#logLegacy(chain, "rule", index + 1);
      const fate = this.#obey(rule, chain, ref);
      if (fate !== null) return fate;
    }
    if (chain.policy === null) this.#say(chain);
    return "return";
  }

  /** Null: the next rule is asked. */
  #obey(rule: Rule, chain: Chain, ref: RuleRef): Fate | null {
    const { target } = rule.words;
    if (target?.do === "TRACE") this.isTraced = true;
    this.#monitor(chain, `rule:0x${rule.handle.toString(16)}:${outcomeOf(target)} `, ref);
    switch (target?.do) {
      case "ACCEPT":
        return this.#decide(ref, "accept");
      case "DROP":
        return this.#decide(ref, "drop");
      case "REJECT":
        this.rejection = target.with;
        return this.#decide(ref, "reject");
      case "RETURN":
        return "return";
      case "jump":
      case "goto": {
        const fate = this.#call(chain, target.chain);
        return fate === "return" && target.do === "jump" ? null : fate;
      }
      case "MASQUERADE":
      case "SNAT":
      case "DNAT":
        this.translation = { rule: ref, target };
        return this.#decide(ref, "accept");
      case "LOG":
        this.logLines.push(`${target.prefix ?? ""}${this.#logLine}`);
        return null;
      default:
        return null;
    }
  }

  #call({ table }: Chain, name: string): Fate {
    const chain = this.#ruleset.chain(table, name);
    return chain === undefined ? "return" : this.#through(chain);
  }

  #decide<T extends Fate>(ref: RuleRef, fate: T): T {
    this.decided = ref;
    return fate;
  }

  #apply(chain: Chain): void {
    const policy = chain.policy ?? "ACCEPT";
    const ref = refOf(chain, 0);
    this.decided = ref;
    this.verdict = policy === "DROP" ? "drop" : "accept";
    this.#logLegacy(chain, "policy", chain.rules.length + 1);
    this.#monitor(chain, `policy:${policy}`);
  }

  // The end of a chain that somebody made.
  #say(chain: Chain): void {
    this.#logLegacy(chain, "return", chain.rules.length + 1);
    this.#monitor(chain, "return:");
  }

  #logLegacy({ table, name }: Chain, what: string, number: number): void {
    if (!this.isTraced) return;
    this.legacyLines.push(`TRACE: ${table}:${name}:${what}:${number} ${this.#logLine}`);
  }

  #monitor(chain: Chain, words: string, ref?: RuleRef): void {
    if (!this.isTraced || !chain.isMade) return;
    const id = (this.#passage.traceId ?? 0).toString(16).padStart(8, "0");
    const rule = ref === undefined ? "" : ` -4 -t ${chain.table} ${ref.text}`;
    this.monitorLines.push(`TRACE: 2 ${id} ${chain.table}:${chain.name}:${words}${rule}`);
  }

  get #logLine(): string {
    return this.#headers === null ? "" : printLogLine(this.#passage, this.#headers);
  }
}

/** The rule of a number, or the policy. */
export function refOf({ table, name, rules, policy }: Chain, number: number): RuleRef {
  const words = rules[number - 1]?.words;
  const text = words === undefined ? `-P ${name} ${policy}` : `-A ${name} ${printRule(words)}`;
  return { table, chain: name, number, text: text.trimEnd() };
}

// What nft calls the verdict that a rule's target gives.
function outcomeOf(target: Target | null): string {
  switch (target?.do) {
    case "ACCEPT":
    case "RETURN":
    case "DROP":
      return target.do;
    case "REJECT":
      return "DROP";
    case "MASQUERADE":
    case "SNAT":
    case "DNAT":
      return "ACCEPT";
    case "jump":
      return `JUMP:${target.chain}`;
    case "goto":
      return `GOTO:${target.chain}`;
    default:
      return "CONTINUE";
  }
}
