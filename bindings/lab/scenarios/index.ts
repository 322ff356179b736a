// Every scenario, in the order of the picker.
import type { Scenario } from "../scenario.ts";
import { dockerBridge } from "./docker/bridge.ts";
import { flannelVxlan } from "./flannel/vxlan.ts";

export const SCENARIOS: readonly Scenario[] = [dockerBridge, flannelVxlan];
