// What every part of an agent has at hand.
import type { Clock, Dice, Log } from "../../agent/index.ts";
import type { LeaseRules } from "../../core/index.ts";
import type { StoreListener } from "./counted-store.ts";
import type { Netcfg } from "./netcfg.ts";
import type { AgentSettings } from "./settings.ts";
import type { AgentState } from "./state.ts";

export interface AgentContext {
  readonly settings: AgentSettings;
  readonly clock: Clock;
  readonly dice: Dice;
  readonly log: Log;
  readonly rules: LeaseRules;
  readonly netcfg: Netcfg;
  readonly state: AgentState;
  readonly listener: StoreListener;
}
