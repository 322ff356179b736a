// the tool would read it or refuse it, and data is printed as the tool prints it. Each table has
// three: `parseX` reads what stands behind `add`, `printX` is a row of the listing, and `xCommand`
// the words that make this very entry again.

export {
  type Command,
  type EntryVerb,
  parseCommand,
  type RouteVerb,
  type Surroundings,
} from "./command.ts";
export { splitWords } from "./cursor.ts";
export {
  type FdbState,
  type FdbWords,
  fdbCommand,
  parseFdb,
  parseFdbRow,
  printFdb,
} from "./fdb.ts";
export { type AddressWords, hostOf, parseAddress, printAddress, printInet } from "./inet.ts";
export { type LinkWords, printLinkSet } from "./link.ts";
export {
  type NeighborState,
  type NeighborWords,
  neighborCommand,
  parseNeighbor,
  printNeighbor,
} from "./neighbor.ts";
export type { Ports } from "./ports.ts";
export { kernelAnswers, kernelSays, noDevice, notInLab, Refusal } from "./refusal.ts";
export {
  parseRoute,
  parseRouteRow,
  printRoute,
  printTarget,
  type RouteType,
  type RouteWords,
  routeCommand,
  type Scope,
} from "./route.ts";
export {
  type AddressType,
  type Destination,
  type Flow,
  type Match,
  printRule,
  type Question,
  type RuleWords,
  type Target,
} from "./rule.ts";
export {
  CHAINS,
  type Policy,
  parseRuleCommand,
  type RuleCommand,
  type RuleTable,
  ruleCommand,
} from "./rule-command.ts";
export { decline, TOOL } from "./rule-cursor.ts";
export { parseRule } from "./rule-parse.ts";
export { noSuch, parseSysctl, printSysctl, type SysctlWords } from "./sysctl.ts";
