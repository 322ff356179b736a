// The firewall of a namespace: its rules, a packet's walk through them, and what the core makes of
// those that translate.

export { type CompiledNat, compileNat, type NatNamespace } from "./compile.ts";
export type { Hook, Passage } from "./passage.ts";
export { type Chain, Ruleset } from "./ruleset.ts";
export { type RuleRef, TABLES_AT, type Translation, type Walk, walk } from "./walk.ts";
