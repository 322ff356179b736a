import type { Action, Assertion, Erratum, Scenario } from "../scenario.ts";
import type { NetworkSpec } from "../spec/network.ts";

/** A scenario in one of its forms. */
export interface Form {
  readonly network: NetworkSpec;
  readonly actions: readonly Action[];
  readonly assertions: readonly Assertion[];
  readonly errata: readonly Erratum[];
}

/** The scenario as it is, or its variant of this name. */
export function formOf(scenario: Scenario, name: string | undefined): Form {
  const { network, actions, assertions, errata = [], variants = {} } = scenario;
  if (name === undefined) return { network, actions, assertions, errata };
  const variant = Object.hasOwn(variants, name) ? variants[name] : undefined;
  if (variant === undefined) {
    const names = Object.keys(variants).join(", ") || "none";
    throw new RangeError(`${scenario.slug} has no variant "${name}": it has ${names}`);
  }
  return { network, actions, assertions, errata, ...variant };
}
