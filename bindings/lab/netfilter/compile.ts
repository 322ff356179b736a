// iptables' table nat as the core's rules. Chains that call each other are written flat, with Skips
// around what a rule is not for; what the core cannot ask is refused, with the rule in question.
import { HeddleError, type RuleInit } from "../../core/index.ts";
import type { RuleWords, Target } from "../words/index.ts";
import { type Condition, conditionsOf } from "./condition.ts";
import type { Hook } from "./passage.ts";
import type { Chain, Ruleset } from "./ruleset.ts";
import { type RuleRef, refOf } from "./walk.ts";

/** What a namespace's devices are to the core. */
export interface NatNamespace {
  readonly devices: readonly string[];
  /** Null for a device that no packet is routed by. */
  readonly portOf: (device: string) => number | null;
}

export interface CompiledNat {
  /** Each with its index, from 0 on. */
  readonly records: readonly RuleInit[];
  /** The rule that each record comes from, by index. */
  readonly origins: readonly RuleRef[];
}

const LINES_MAX = 4096; // more than a node has rules

const HOOKS = {
  PREROUTING: "prerouting",
  OUTPUT: "output",
  POSTROUTING: "postrouting",
} as const satisfies Partial<Record<Hook, RuleInit["hook"]>>;

/** Throws HeddleError BadValue for a rule that the core has no words for. */
export function compileNat(ruleset: Ruleset, namespace: NatNamespace): CompiledNat {
  const compiler = new Compiler(ruleset, namespace);
  for (const hook of ["PREROUTING", "OUTPUT", "POSTROUTING"] as const) {
    const chain = ruleset.chain("nat", hook);
    if (chain !== undefined) compiler.hook(hook, chain);
  }
  const [first] = ruleset.chain("nat", "INPUT")?.rules ?? [];
  const input = ruleset.chain("nat", "INPUT");
  if (first !== undefined && input !== undefined) throw unknown(refOf(input, 1));
  return compiler.result();
}

/** A place to go on at, known when everything is written. */
interface Label {
  index: number | null;
}

interface Line {
  readonly record: RuleInit;
  readonly next: Label | null;
  readonly origin: RuleRef;
}

class Compiler {
  readonly #ruleset: Ruleset;
  readonly #namespace: NatNamespace;
  readonly #lines: Line[] = [];
  #hook: keyof typeof HOOKS = "PREROUTING";

  constructor(ruleset: Ruleset, namespace: NatNamespace) {
    this.#ruleset = ruleset;
    this.#namespace = namespace;
  }

  hook(hook: keyof typeof HOOKS, chain: Chain): void {
    this.#hook = hook;
    const end: Label = { index: null };
    this.#chain(chain, end);
    end.index = this.#lines.length;
  }

  result(): CompiledNat {
    const records = this.#lines.map(({ record, next }, index) => ({
      ...record,
      index,
      ...(next !== null && { next: next.index ?? 0 }),
    }));
    return { records, origins: this.#lines.map(({ origin }) => origin) };
  }

  // iptables makes no chains that call each other in a circle, so this has an end.
  #chain(chain: Chain, end: Label): void {
    for (const [index, { words }] of chain.rules.entries()) {
      this.#rule(words, refOf(chain, index + 1), end);
    }
  }

  #rule(words: RuleWords, origin: RuleRef, end: Label): void {
    const conditions = conditionsOf(words, HOOKS[this.#hook], this.#namespace);
    if (conditions === null) throw unknown(origin);
    const { alternatives, exceptions } = conditions;
    const { target } = words;
    if (alternatives.length === 0 || target === null) return;
    const after: Label = { index: null };
    for (const exception of exceptions) this.#skip(exception, after, origin);
    this.#act(target, alternatives, origin, { after, end });
    after.index = this.#lines.length;
  }

  #act(
    target: Target,
    alternatives: readonly Condition[],
    origin: RuleRef,
    { after, end }: { readonly after: Label; readonly end: Label },
  ): void {
    if (target.do === "jump" || target.do === "goto") {
      const chain = this.#ruleset.chain("nat", target.chain);
      const start: Label = { index: null };
      for (const each of alternatives) this.#skip(each, start, origin);
      this.#skip({}, after, origin);
      start.index = this.#lines.length;
      if (chain !== undefined) this.#chain(chain, target.do === "jump" ? after : end);
      if (target.do === "goto") this.#skip({}, end, origin);
      return;
    }
    if (target.do === "TRACE" || target.do === "LOG") return;
    for (const each of alternatives) {
      if (target.do === "RETURN") this.#skip(each, end, origin);
      else this.#write({ ...each, ...actionOf(target, origin, each) }, null, origin);
    }
  }

  #skip(condition: Condition, next: Label, origin: RuleRef): void {
    this.#write({ ...condition, action: "skip" }, next, origin);
  }

  #write(record: Omit<RuleInit, "hook">, next: Label | null, origin: RuleRef): void {
    if (this.#lines.length === LINES_MAX) {
      const expected = `at most ${LINES_MAX} rules of nat, each as often as its chain is called`;
      throw new HeddleError("NoRoom", origin.text, expected);
    }
    this.#lines.push({ record: { ...record, hook: HOOKS[this.#hook] }, next, origin });
  }
}

function actionOf(
  target: Target,
  origin: RuleRef,
  { flags = [] }: Condition,
): Pick<RuleInit, "action" | "toAddress" | "toPort" | "flags"> {
  const random = { flags: [...flags, "randomPort" as const] };
  switch (target.do) {
    case "ACCEPT":
      return { action: "accept" };
    case "MASQUERADE":
      if (target.ports !== null) throw unknown(origin);
      return { action: "masquerade", ...(target.isRandom && random) };
    case "SNAT":
    case "DNAT": {
      const { address: toAddress, ports } = target;
      if (toAddress === null) throw unknown(origin);
      const to = { toAddress, ...(ports !== null && { toPort: ports[0] }) };
      if (target.do === "DNAT") return { action: "dnat", ...to };
      return { action: "snat", ...to, ...(target.isRandom && random) };
    }
    default:
      throw unknown(origin);
  }
}

function unknown({ text }: RuleRef): HeddleError {
  const expected = "a rule of nat that asks for addresses, devices, protocols and target ports";
  return new HeddleError("BadValue", text, expected);
}
