// A whole command line, as it is typed or pasted: which tool, which table, and what is done to it.
// Nothing is looked up: whether a route is there, or its gateway on a link, is asked by who acts.
import { Cursor, isShort, splitWords } from "./cursor.ts";
import { type FdbWords, readFdb } from "./fdb.ts";
import { type AddressWords, readInet } from "./inet.ts";
import { type LinkWords, readLinkDel, readLinkSet } from "./link.ts";
import { type NeighborWords, readNeighbor } from "./neighbor.ts";
import { type OffloadWords, type PortWords, readOffload, readPort } from "./port.ts";
import { garbage, noDevice, notInLab, Refusal, wrong } from "./refusal.ts";
import { checkRoute, type RouteWords, readRoute } from "./route.ts";
import { type RuleCommand, readRuleCommand } from "./rule-command.ts";
import { parseEcho, parseSysctl, type SysctlWords } from "./sysctl.ts";

export type RouteVerb = "add" | "append" | "prepend" | "replace" | "change" | "del";
export type EntryVerb = "add" | "replace" | "change" | "del";

/** A command that changes a table, or asks for one to be printed. */
export type Command =
  | { readonly of: "route"; readonly verb: RouteVerb; readonly route: RouteWords }
  | { readonly of: "neigh"; readonly verb: EntryVerb; readonly neighbor: NeighborWords }
  | { readonly of: "address"; readonly verb: EntryVerb; readonly address: AddressWords }
  | { readonly of: "link"; readonly verb: "set"; readonly link: LinkWords }
  | { readonly of: "link"; readonly verb: "del"; readonly device: string }
  | { readonly of: "fdb"; readonly verb: EntryVerb | "append"; readonly entry: FdbWords }
  | { readonly of: Listed; readonly verb: "show" | "flush"; readonly device: string | null }
  | { readonly of: "port"; readonly verb: "set"; readonly port: PortWords }
  | { readonly of: "offload"; readonly verb: "set"; readonly offload: OffloadWords }
  | ({ readonly of: "sysctl" } & SysctlWords)
  | RuleCommand;

type Listed = "route" | "neigh" | "address" | "link" | "fdb";

/** What a line can be checked against before anybody acts on it. */
export interface Surroundings {
  /** Devices of the namespace; left out: any name is taken. */
  readonly devices?: readonly string[];
}

/** Throws Refusal with the words that the tool itself would have. */
export function parseCommand(line: string, surroundings: Surroundings = {}): Command {
  const words = splitWords(line);
  if (words[0] === "sudo") words.shift();
  const command = readCommand(words);
  checkDevices(command, surroundings.devices);
  const isAdded = command.of === "route" && "route" in command;
  if (isAdded) checkRoute(command.route);
  return command;
}

function readCommand(words: readonly string[]): Command {
  const [tool = "", ...rest] = words;
  const sysctl = parseEcho(words);
  if (sysctl !== null) return { of: "sysctl", ...sysctl };
  switch (tool.replace(/^(\/usr)?\/s?bin\//, "")) {
    case "ip":
      return readIp(rest);
    case "bridge":
      return readBridge(rest);
    case "ethtool":
      return { of: "offload", verb: "set", offload: readOffload(new Cursor(rest)) };
    case "iptables":
      return readRuleCommand(rest);
    case "sysctl":
      return {
        of: "sysctl",
        ...parseSysctl(rest.filter((word) => !/^-[wqn]$/.test(word)).join(" ")),
      };
    default:
      throw new Refusal(`${tool}: command not found`, 127);
  }
}

// In the order in which `ip` tries a shortened one; of several beginnings the first is meant.
const OBJECTS = [
  ...["address", "addrlabel", "maddress", "route", "rule", "neighbor", "neighbour", "ntable"],
  ...[
    "link",
    "l2tp",
    "macsec",
    "tunnel",
    "tuntap",
    "netns",
    "netconf",
    "vrf",
    "nexthop",
    "monitor",
  ],
];

function readIp(words: readonly string[]): Command {
  const options = words.findIndex((word) => !word.startsWith("-"));
  const at = options < 0 ? words.length : options;
  const flags = words.slice(0, at);
  const bad = flags.find((flag) => !FLAGS.has(flag));
  if (bad !== undefined) throw notInLab(`"ip ${bad}"`);
  const cursor = new Cursor(words.slice(at), flags.includes("-4") ? "inet" : "any valid");
  const word = cursor.next();
  switch (OBJECTS.find((object) => isShort(word, object))) {
    case "route":
      return readRouteCommand(cursor);
    case "neighbor":
    case "neighbour":
      return readNeighborCommand(cursor);
    case "address":
      return readAddressCommand(cursor);
    case "link":
      return readLinkCommand(cursor);
    case undefined:
      throw new Refusal(`Object "${word}" is unknown, try "ip help".`, 255);
    default:
      throw notInLab(`"ip ${word}"`);
  }
}

/** Options of `ip` that do not change what is done. */
const FLAGS: ReadonlySet<string> = new Set([
  ...["-4", "-d", "-s", "-o", "-c", "-j", "-p", "-br", "-details", "-brief", "-json", "-color"],
]);

function readBridge(words: readonly string[]): Command {
  const cursor = new Cursor(words.filter((word) => !FLAGS.has(word)));
  const word = cursor.next();
  const object = ["link", "fdb", "mdb", "vlan", "monitor"].find((name) => isShort(word, name));
  if (object === undefined) {
    throw new Refusal(`Object "${word}" is unknown, try "bridge help".`, 255);
  }
  if (object === "link") return { of: "port", verb: "set", port: readPort(cursor) };
  if (object !== "fdb") throw notInLab(`"bridge ${object}"`);
  const verbs = ["add", "append", "replace", "delete", "show", "lst", "list", "flush"];
  const verb = readVerb(cursor, "bridge fdb", verbs);
  if (verb === "show" || verb === "flush") return readListing(cursor, "fdb", verb);
  return { of: "fdb", verb: verb as EntryVerb | "append", entry: readFdb(cursor) };
}

function readRouteCommand(cursor: Cursor): Command {
  const verb = readVerb(cursor, "ip route", [
    ...["list", "show", "lst", "ls", "get", "add", "change", "chg", "replace"],
    ...["prepend", "append", "delete", "flush"],
  ]);
  if (verb === "get") throw notInLab('"ip route get"');
  if (verb === "show" || verb === "flush") return readListing(cursor, "route", verb);
  return { of: "route", verb: verb as RouteVerb, route: readRoute(cursor, verb) };
}

const ENTRY_VERBS = ["add", "change", "chg", "replace", "delete", "show", "lst", "list", "flush"];

function readNeighborCommand(cursor: Cursor): Command {
  const verb = readVerb(cursor, "ip neigh", ENTRY_VERBS);
  if (verb === "show" || verb === "flush") return readListing(cursor, "neigh", verb);
  return { of: "neigh", verb: verb as EntryVerb, neighbor: readNeighbor(cursor) };
}

function readAddressCommand(cursor: Cursor): Command {
  const verb = readVerb(cursor, "ip address", ENTRY_VERBS);
  if (verb === "show" || verb === "flush") return readListing(cursor, "address", verb);
  const address = readInet(cursor);
  if (address.device !== null) return { of: "address", verb: verb as EntryVerb, address };
  throw new Refusal('Not enough information: "dev" argument is required.', 1);
}

function readLinkCommand(cursor: Cursor): Command {
  const verb = readVerb(cursor, "ip link", [
    "add",
    "set",
    "change",
    "delete",
    "show",
    "lst",
    "list",
  ]);
  if (verb === "set" || verb === "change")
    return { of: "link", verb: "set", link: readLinkSet(cursor) };
  if (verb === "del") return { of: "link", verb, device: readLinkDel(cursor) };
  if (verb === "show") return readListing(cursor, "link", verb);
  throw notInLab('"ip link add"');
}

/** "del" and "show" under all of their names; a line that ends here asks for the listing. */
function readVerb(cursor: Cursor, tool: string, verbs: readonly string[]): string {
  if (cursor.isAtEnd) return "show";
  const word = cursor.next();
  const verb = verbs.find((full) => isShort(word, full));
  if (verb === undefined) {
    throw new Refusal(`Command "${word}" is unknown, try "${tool} help".`, 255);
  }
  if (verb === "delete") return "del";
  if (verb === "chg") return "change";
  return verb === "list" || verb === "lst" || verb === "ls" ? "show" : verb;
}

function readListing(cursor: Cursor, of: Listed, verb: "show" | "flush"): Command {
  let device: string | null = null;
  while (!cursor.isAtEnd) {
    const isNamed = cursor.take("dev") || cursor.take("br") || cursor.take("brport");
    const word = cursor.next();
    if (!isNamed && of !== "link" && of !== "address") throw garbage("to", word);
    device = word;
  }
  return { of, verb, device };
}

function checkDevices(command: Command, known: readonly string[] | undefined): void {
  if (known === undefined) return;
  const missing = devicesOf(command).find((name) => !known.includes(name));
  if (missing !== undefined) throw noDevice(missing);
  const master = "link" in command ? (command.link.master ?? null) : null;
  if (master !== null && !known.includes(master)) throw wrong(master, "Device does not exist");
}

/** Devices that have to be there. */
function devicesOf(command: Command): readonly string[] {
  if ("route" in command) return command.route.device === null ? [] : [command.route.device];
  if ("neighbor" in command) return [command.neighbor.device];
  if ("address" in command) return [command.address.device ?? ""];
  if ("link" in command) return [command.link.device];
  if ("entry" in command) return [command.entry.device];
  return "device" in command && command.device !== null ? [command.device] : [];
}
