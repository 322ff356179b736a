// What stands behind -j.

import { printIpv4 } from "../../core/index.ts";
import { ipv4Of } from "./address.ts";
import { type Ports, portsOf } from "./ports.ts";
import type { Destination, Target } from "./rule.ts";
import { complain, type RuleCursor } from "./rule-cursor.ts";

const REJECT_DEFAULT = "icmp-port-unreachable";

/** Reads a target and its options; what comes behind is the rule's again. */
export function readTarget(cursor: RuleCursor, option: string): Target {
  const name = cursor.value(option);
  if (option === "-g" || option === "--goto") return { do: "goto", chain: name };
  switch (name) {
    case "ACCEPT":
    case "DROP":
    case "RETURN":
    case "TRACE":
      return { do: name };
    case "REJECT":
      return { do: name, with: optionOf(cursor, "--reject-with") ?? REJECT_DEFAULT };
    case "LOG":
      return { do: name, prefix: optionOf(cursor, "--log-prefix") };
    case "MASQUERADE":
      return readMasquerade(cursor);
    case "SNAT":
      return readSnat(cursor);
    case "DNAT":
      return { do: name, ...readDestination(cursor, name, ["--to-destination", "--to"]) };
    default:
      return { do: "jump", chain: name };
  }
}

function readMasquerade(cursor: RuleCursor): Target {
  let ports: Ports | null = null;
  let isRandom = false;
  for (;;) {
    if (cursor.take("--to-ports")) ports = portsOf(cursor.value("--to-ports"), "-");
    else if (cursor.take("--random-fully")) isRandom = true;
    else return { do: "MASQUERADE", ports, isRandom };
  }
}

function readSnat(cursor: RuleCursor): Target {
  const isRandomFirst = cursor.take("--random-fully");
  const to = readDestination(cursor, "SNAT", ["--to-source", "--to"]);
  return { do: "SNAT", ...to, isRandom: cursor.take("--random-fully") || isRandomFirst };
}

function readDestination(cursor: RuleCursor, name: string, options: string[]): Destination {
  const option = options.find((word) => cursor.take(word));
  if (option === undefined) throw complain(`${name}: option "${options[0]}" must be specified`);
  return destinationOf(cursor.value(option));
}

/** "172.17.0.2:80", ":80", "172.17.0.2:1000-2000". */
function destinationOf(word: string): Destination {
  const [head = "", tail] = word.split(":");
  const address = ipv4Of(head);
  if (head !== "" && address === null) throw complain(`Bad IP address "${head}"`);
  return {
    address: head === "" ? null : printIpv4(address ?? 0),
    ports: tail === undefined ? null : portsOf(tail, "-"),
  };
}

function optionOf(cursor: RuleCursor, option: string): string | null {
  return cursor.take(option) ? cursor.value(option) : null;
}
