// `iptables -S`: policies, chains that somebody made, then the rules, chain by chain.
import { CHAINS, parseRuleCommand, printRule, type RuleTable } from "../words/index.ts";
import { rowsIn } from "./rows.ts";
import type { NamespaceView } from "./view.ts";

interface Rules {
  readonly policies: Map<string, string>;
  readonly made: string[];
  /** By chain. */
  readonly rules: Map<string, string[]>;
}

export function iptablesRules(
  view: NamespaceView,
  table: RuleTable = "filter",
  chain?: string,
): string {
  const { policies, made, rules } = readRules(view, table);
  const own = CHAINS[table];
  const isChosen = (name: string): boolean => chain === undefined || name === chain;
  const lines = [
    ...own.filter(isChosen).map((name) => `-P ${name} ${policies.get(name) ?? "ACCEPT"}`),
    ...made.filter(isChosen).map((name) => `-N ${name}`),
    ...[...own, ...made].filter(isChosen).flatMap((name) => rules.get(name) ?? []),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/** Rows name their table: "-t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE". */
function readRules(view: NamespaceView, table: RuleTable): Rules {
  const found: Rules = { policies: new Map(), made: [], rules: new Map() };
  for (const row of rowsIn(view.tables, "rule")) {
    const command = parseRuleCommand(row);
    if (command.table !== table || command.chain === null) continue;
    const { chain } = command;
    if (command.verb === "policy") found.policies.set(chain, command.policy);
    else if (command.verb === "new-chain") found.made.push(chain);
    else if (command.verb === "append") {
      const rules = found.rules.get(chain) ?? [];
      found.rules.set(chain, [...rules, `-A ${chain} ${printRule(command.rule)}`]);
      const isKnown = CHAINS[table].includes(chain) || found.made.includes(chain);
      if (!isKnown) found.made.push(chain);
    }
  }
  return found;
}
