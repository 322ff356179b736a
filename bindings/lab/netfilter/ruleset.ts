// The rules of a namespace: tables of chains of rules, changed by the words of iptables.
import type { Row } from "../trace/trace.ts";
import {
  CHAINS,
  decline,
  type Policy,
  parseRuleCommand,
  printRule,
  Refusal,
  type RuleCommand,
  type RuleTable,
  type RuleWords,
  ruleCommand,
  TOOL,
} from "../words/index.ts";

export interface Rule {
  readonly words: RuleWords;
  /** What nft calls it: unique in its table, in the order of making. */
  readonly handle: number;
}

export interface Chain {
  readonly table: RuleTable;
  readonly name: string;
  /** Null for a chain that somebody made: who reaches its end goes back. */
  readonly policy: Policy | null;
  readonly rules: readonly Rule[];
  /** Somebody has named it. iptables-nft makes no chain before that. */
  readonly isMade: boolean;
}

export const TABLES: readonly RuleTable[] = ["raw", "mangle", "nat", "filter"];

/** A command that leaves a chain with other rules than before. */
type RuleChange = Extract<
  RuleCommand,
  { readonly verb: "append" | "delete" | "check" | "insert" | "replace" | "delete-number" }
>;

const JUMPS_MAX = 15; // behind one another: one less than NFT_JUMP_STACK_SIZE

const NOTHING = decline("No chain/target/match by that name");
const NO_RULE = decline("Bad rule (does a matching rule exist in that chain?)");

export class Ruleset {
  readonly #chains = new Map<string, Chain>();
  readonly #handles = new Map<RuleTable, number>();

  /** Commands as behind `iptables`. */
  constructor(commands: readonly string[] = []) {
    for (const table of TABLES) {
      for (const name of CHAINS[table]) this.#put(chainOf(table, name, "ACCEPT"));
    }
    for (const command of commands) this.apply(parseRuleCommand(command));
  }

  /** One that changes by itself. */
  copy(): Ruleset {
    const copy = new Ruleset();
    for (const [key, chain] of this.#chains) copy.#chains.set(key, chain);
    for (const [table, handle] of this.#handles) copy.#handles.set(table, handle);
    return copy;
  }

  chain(table: RuleTable, name: string): Chain | undefined {
    return this.#chains.get(keyOf(table, name));
  }

  /** The chains of a table: its own, then those that somebody made. */
  chains(table: RuleTable): Chain[] {
    return [...this.#chains.values()].filter((chain) => chain.table === table);
  }

  /** Whether somebody has named the table: iptables-legacy then has all its chains. */
  isRegistered(table: RuleTable): boolean {
    return this.#handles.has(table);
  }

  /** Each is the command that makes it; policies of ACCEPT go without saying. */
  rows(): Row[] {
    return TABLES.flatMap((table) => {
      const chains = this.chains(table);
      const words = table === "filter" ? "" : `-t ${table} `;
      return [
        ...chains.flatMap(({ name, policy }) => {
          if (policy === null) return [`${words}-N ${name}`];
          return policy === "DROP" ? [`${words}-P ${name} DROP`] : [];
        }),
        ...chains.flatMap(({ name, rules }) =>
          rules.map((rule) => ruleCommand(table, name, rule.words)),
        ),
      ];
    });
  }

  /** Changes what a command changes. Throws Refusal as iptables refuses. */
  apply(command: RuleCommand): void {
    const { table } = command;
    switch (command.verb) {
      case "show":
      case "zero":
        break;
      case "flush":
      case "delete-chain":
        this.#clear(table, command.verb, command.chain);
        break;
      case "new-chain":
        this.#make(table, command.chain);
        break;
      case "policy":
        this.#put({ ...this.#touch(table, command.chain), policy: command.policy });
        break;
      default: {
        const chain = this.#touch(table, command.chain);
        this.#put({ ...chain, rules: this.#changed(chain, command) });
        if (this.#isTooDeep(table)) {
          this.#put(chain);
          throw tooDeep(command);
        }
      }
    }
  }

  #changed(chain: Chain, command: RuleChange): readonly Rule[] {
    const { rules, table } = chain;
    if (command.verb === "delete-number") {
      if (command.number > rules.length) throw decline("Index of deletion too big");
      return rules.toSpliced(command.number - 1, 1);
    }
    const { rule: words, verb } = command;
    this.#checkTarget(chain, words);
    if (verb === "append") return [...rules, this.#rule(table, words)];
    if (verb === "insert") {
      if (command.number > rules.length + 1) throw decline("Index of insertion too big");
      return rules.toSpliced(command.number - 1, 0, this.#rule(table, words));
    }
    if (verb === "replace") {
      if (command.number > rules.length) throw decline("Index of replacement too big");
      return rules.with(command.number - 1, this.#rule(table, words));
    }
    const index = indexOf(chain, words);
    return verb === "check" ? rules : rules.toSpliced(index, 1);
  }

  // As the kernel: from its own chains on, so a circle that none of them leads to is none.
  #isTooDeep(table: RuleTable): boolean {
    const depths = new Map<string, number>();
    const depthOf = (name: string): number => {
      const known = depths.get(name);
      if (known !== undefined) return known;
      depths.set(name, Number.POSITIVE_INFINITY); // until it is known: who comes back goes round
      const rules = this.chain(table, name)?.rules ?? [];
      const called = rules.flatMap(({ words }) => calledBy(words) ?? []);
      const depth = Math.max(0, ...called.map((each) => 1 + depthOf(each)));
      depths.set(name, depth);
      return depth;
    };
    return CHAINS[table].some((name) => depthOf(name) > JUMPS_MAX);
  }

  #clear(table: RuleTable, verb: "flush" | "delete-chain", name: string | null): void {
    const chains = name === null ? this.chains(table) : [this.chain(table, name)];
    for (const chain of chains) {
      if (chain === undefined) throw NOTHING;
      if (verb === "flush") this.#put({ ...chain, rules: [] });
      else if (chain.policy === null) this.#remove(chain);
      else if (name !== null) throw decline("Invalid argument");
    }
  }

  #remove(chain: Chain): void {
    if (chain.rules.length > 0) throw decline("Directory not empty");
    const isNamed = this.chains(chain.table).some(({ rules }) =>
      rules.some(({ words }) => calledBy(words) === chain.name),
    );
    if (isNamed) throw decline("Too many links");
    this.#chains.delete(keyOf(chain.table, chain.name));
  }

  #make(table: RuleTable, name: string): void {
    if (this.chain(table, name) !== undefined) throw decline("Chain already exists");
    this.#put({ ...chainOf(table, name, null), isMade: true });
    this.#nextHandle(table);
  }

  #touch(table: RuleTable, name: string): Chain {
    const chain = this.chain(table, name);
    if (chain === undefined) throw NOTHING;
    if (chain.isMade) return chain;
    this.#nextHandle(table);
    const made = { ...chain, isMade: true };
    this.#put(made);
    return made;
  }

  #checkTarget({ table }: Chain, words: RuleWords): void {
    const called = calledBy(words);
    if (called !== null && this.chain(table, called)?.policy !== null) throw NOTHING;
  }

  #rule(table: RuleTable, words: RuleWords): Rule {
    return { words, handle: this.#nextHandle(table) };
  }

  #nextHandle(table: RuleTable): number {
    const handle = (this.#handles.get(table) ?? 0) + 1;
    this.#handles.set(table, handle);
    return handle;
  }

  #put(chain: Chain): void {
    this.#chains.set(keyOf(chain.table, chain.name), chain);
  }
}

/** The chain that a rule goes on in; null where it goes nowhere else. */
export function calledBy({ target }: RuleWords): string | null {
  return target?.do === "jump" || target?.do === "goto" ? target.chain : null;
}

function tooDeep({ verb, chain }: RuleChange): Refusal {
  const what = `RULE_${verb.toUpperCase()} failed (Too many links)`;
  return new Refusal(`${TOOL}:  ${what}: rule in chain ${chain}`, 4);
}

function keyOf(table: RuleTable, name: string): string {
  return `${table} ${name}`;
}

function chainOf(table: RuleTable, name: string, policy: Policy | null): Chain {
  return { table, name, policy, rules: [], isMade: false };
}

function indexOf({ rules }: Chain, words: RuleWords): number {
  const text = printRule(words);
  const index = rules.findIndex((rule) => printRule(rule.words) === text);
  if (index < 0) throw NO_RULE;
  return index;
}
