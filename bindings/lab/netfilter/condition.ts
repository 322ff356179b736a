// What a rule of iptables asks, in the words of the core's rules: any of these, and none of those.
import type { RuleInit } from "../../core/index.ts";
import type { Match, Ports, RuleWords } from "../words/index.ts";
import type { NatNamespace } from "./compile.ts";
import { isNamed, protocolOf } from "./match.ts";

/** A record's questions: all of them at once. */
export type Condition = Partial<
  Pick<RuleInit, "protocol" | "port" | "source" | "target" | "firstPort" | "lastPort" | "flags">
>;

export interface Conditions {
  /** None: the rule is for no packet. */
  readonly alternatives: readonly Condition[];
  /** Packets that it is not for, whatever the alternatives say. */
  readonly exceptions: readonly Condition[];
}

/** Null for what the core cannot ask. */
export function conditionsOf(
  { matches }: RuleWords,
  hook: RuleInit["hook"],
  namespace: NatNamespace,
): Conditions | null {
  let alternatives: Condition[] = [{}];
  const exceptions: Condition[] = [];
  const protocol = matches.find(({ on, isNegated }) => on === "protocol" && !isNegated);
  const own = protocol?.on === "protocol" ? { protocol: protocolOf(protocol.protocol) } : {};
  for (const match of matches) {
    const asked = alternativesOf(match, hook, namespace);
    if (asked === null) return null;
    const all = asked.map((each) => (each.lastPort === undefined ? each : { ...own, ...each }));
    if (match.isNegated) exceptions.push(...all);
    else {
      alternatives = alternatives.flatMap((known) => all.flatMap((each) => both(known, each)));
    }
  }
  return { alternatives, exceptions };
}

const ALWAYS: readonly Condition[] = [{}];
const NEVER: readonly Condition[] = [];

/** What a question comes to, without its "not". Null: the core cannot ask it. */
function alternativesOf(
  match: Match,
  hook: RuleInit["hook"],
  { devices, portOf }: NatNamespace,
): readonly Condition[] | null {
  switch (match.on) {
    case "source":
      return [{ source: match.prefix }];
    case "destination":
      return [{ target: match.prefix }];
    case "in":
    case "out": {
      if (match.on === "out" && hook === "output") return null; // it has been routed by then
      if (isNamed("", match.device)) return ALWAYS; // "+" is any device, and none
      if (hook !== (match.on === "in" ? "prerouting" : "postrouting")) return NEVER;
      const named = devices.filter((device) => isNamed(device, match.device));
      return named.flatMap((device) => {
        const port = portOf(device);
        return port === null ? [] : [{ port }];
      });
    }
    case "protocol":
      return [{ protocol: protocolOf(match.protocol) }];
    case "dport":
      return portConditions([match.ports]);
    case "dports":
      return portConditions(match.list);
    case "dst-type":
      return match.types.length === 1 && match.types[0] === "LOCAL"
        ? [{ flags: ["targetLocal"] }]
        : null;
    case "ctstate":
    case "state":
      return match.states.includes("NEW") ? ALWAYS : NEVER; // others never come to this table
    case "mark":
      return match.value === 0 ? ALWAYS : NEVER; // nobody marks here
    case "comment":
      return ALWAYS;
    default:
      return null;
  }
}

// A last port of zero would be any.
function portConditions(list: readonly Ports[]): readonly Condition[] | null {
  if (list.some(([, last]) => last === 0)) return null;
  return list.map(([firstPort, lastPort]) => ({ firstPort, lastPort }));
}

/** Both at once: one condition, or none where they exclude each other. */
function both(a: Condition, b: Condition): Condition[] {
  for (const name of ["protocol", "port", "source", "target", "lastPort"] as const) {
    const [one, other] = [a[name], b[name]];
    if (one !== undefined && other !== undefined && one !== other) return [];
  }
  const flags = [...new Set([...(a.flags ?? []), ...(b.flags ?? [])])];
  return [{ ...a, ...b, ...(flags.length > 0 && { flags }) }];
}
