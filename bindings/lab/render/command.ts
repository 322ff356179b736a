// A line that asks for a listing, as somebody would type it in a namespace, and what its tool
// prints there.
import { CHAINS, noDevice, notInLab, Refusal, type RuleTable, splitWords } from "../words/index.ts";
import { brctlShow, brctlShowMacs } from "./brctl.ts";
import { dockerNetworkInspect, dockerNetworkLs } from "./docker.ts";
import { etcdctlGet, etcdctlLs } from "./etcd.ts";
import { bridgeFdb } from "./fdb.ts";
import { ifconfig } from "./ifconfig.ts";
import { ipAddr, ipBrief, ipLink } from "./ip-link.ts";
import { bridgeFdbJson, ipAddrJson, ipLinkJson, ipNeighJson, ipRouteJson } from "./iproute-json.ts";
import { arpTable, ipNeigh } from "./neighbors.ts";
import { dockerNetns } from "./netns.ts";
import { ipRoute, routeTable } from "./routes.ts";
import { iptablesRules } from "./rules.ts";
import type { NamespaceView } from "./view.ts";

/** What stands behind the tool: flags wherever they stand, and the words between them. */
interface Line {
  readonly flags: ReadonlySet<string>;
  readonly words: readonly string[];
}

type Listing = (view: NamespaceView, line: Line) => string;

/** The listings that there are, by how their lines begin. */
export const LISTINGS: readonly string[] = [
  ...["ip route", "ip neigh", "ip addr", "ip link", "bridge fdb"],
  ...["ifconfig", "route", "arp", "brctl show", "brctl showmacs"],
  ...["docker network ls", "docker network inspect", "etcdctl ls", "etcdctl get"],
  ...["iptables -S", "ls /run/docker/netns"],
];

const TOOLS: Readonly<Record<string, Listing>> = {
  ip,
  bridge,
  ifconfig: (view, { flags, words }) =>
    ifconfig(view, { ...deviceOf(words[0]), isAll: flags.has("-a") }),
  route: (view, { flags }) => routeTable(view, flags.has("-n")),
  arp: (view) => arpTable(view),
  brctl,
  docker,
  etcdctl,
  iptables: (view, { flags, words }) => {
    const [table = "filter", chain] = flags.has("-t") ? words : ["filter", ...words];
    const isKnown = flags.has("-S") && Object.hasOwn(CHAINS, table);
    if (isKnown) return iptablesRules(view, table as RuleTable, chain);
    throw notInLab("a listing of iptables other than -S");
  },
  ls: (view, { words }) => {
    if (words[0] === "/run/docker/netns") return dockerNetns(view);
    throw notInLab(`"ls ${words.join(" ")}"`);
  },
};

/** What a command prints. Throws Refusal, in the tool's words where it has some. */
export function listing(view: NamespaceView, line: string): string {
  const [tool = "", ...rest] = splitWords(line);
  const print = Object.hasOwn(TOOLS, tool) ? TOOLS[tool] : undefined;
  if (print === undefined) {
    const known = LISTINGS.join(", ");
    throw new Refusal(`${tool}: command not found; what can be listed is ${known}`, 127);
  }
  return print(view, lineOf(rest));
}

function lineOf(words: readonly string[]): Line {
  const isFlag = (word: string): boolean => word.startsWith("-");
  return {
    flags: new Set(words.filter(isFlag)),
    words: words.filter((word) => !isFlag(word)),
  };
}

function ip(view: NamespaceView, { flags, words }: Line): string {
  const [object = "", ...rest] = words;
  const name = objectOf(object);
  const query = { ...askedDevice(view, name, rest), isIpv4Only: flags.has("-4") };
  const { device } = query;
  const isJson = flags.has("-j") || flags.has("-json");
  if (name === "route") return isJson ? ipRouteJson(view, device) : ipRoute(view, device);
  if (name === "neigh") return isJson ? ipNeighJson(view, device) : ipNeigh(view, device);
  if (flags.has("-br")) return ipBrief(view, name);
  if (name === "addr") return isJson ? ipAddrJson(view, device) : ipAddr(view, query);
  return isJson
    ? ipLinkJson(view, device)
    : ipLink(view, { ...query, hasCounters: flags.has("-s") });
}

const OBJECTS = { address: "addr", route: "route", neighbour: "neigh", link: "link" } as const;

type ObjectName = (typeof OBJECTS)[keyof typeof OBJECTS];

/** Any beginning of a name will do, as iproute2 has it; and it spells one name in two ways. */
function objectOf(word: string): ObjectName {
  const full = word.startsWith("neighbor") ? "neighbour" : word;
  const names = Object.keys(OBJECTS) as (keyof typeof OBJECTS)[];
  const found = names.find((name) => full !== "" && name.startsWith(full));
  if (found !== undefined) return OBJECTS[found];
  throw new Refusal(`Object "${word}" is unknown, try "ip help".`, 255);
}

/** `show dev X`, or with addr and link `show X`; the device has to be there. */
function askedDevice(
  view: NamespaceView,
  object: string,
  words: readonly string[],
): { readonly device?: string } {
  const [verb = "show", ...rest] = words;
  const isShow = ["show", "list", "lst", "ls"].includes(verb);
  if (!isShow && verb !== "dev") throw notInLab(`"ip ${object} ${words.join(" ")}" as a listing`);
  const [first, second] = isShow ? rest : words;
  const takesName = object === "addr" || object === "link";
  const name = first === "dev" ? second : first;
  if (name === undefined) return {};
  if (view.devices.some((device) => device.name === name)) return { device: name };
  if (first === "dev" && !takesName) throw noDevice(name);
  if (takesName) throw new Refusal(`Device "${name}" does not exist.`, 1);
  throw notInLab(`"ip ${object} ${words.join(" ")}"`);
}

function bridge(view: NamespaceView, { flags, words }: Line): string {
  const [object, verb = "show", ...rest] = words;
  if (object !== "fdb" || verb !== "show") throw notInLab(`"bridge ${words.join(" ")}"`);
  const [how, name] = rest;
  const query = {
    ...((how === "dev" || how === "brport") && deviceOf(name)),
    ...(how === "br" && name !== undefined && { bridge: name }),
  };
  return flags.has("-j") ? bridgeFdbJson(view, query) : bridgeFdb(view, query);
}

function brctl(view: NamespaceView, { words }: Line): string {
  const [verb = "", name] = words;
  if (verb === "show") return brctlShow(view);
  if (verb === "showmacs" && name !== undefined) return brctlShowMacs(view, name);
  throw notInLab(`"brctl ${words.join(" ")}"`);
}

function docker(view: NamespaceView, { words }: Line): string {
  const [object, verb = "", name] = words;
  if (object === "network" && (verb === "ls" || verb === "list")) return dockerNetworkLs(view);
  const isInspect = object === "network" && verb === "inspect" && name !== undefined;
  if (isInspect) return dockerNetworkInspect(view, name);
  throw notInLab(`"docker ${words.join(" ")}"`);
}

function etcdctl(view: NamespaceView, { flags, words }: Line): string {
  const [verb = "", key] = words;
  if (verb === "ls") return etcdctlLs(view, key);
  if (verb === "get" && key !== undefined) return etcdctlGet(view, key, flags.has("--prefix"));
  throw notInLab(`"etcdctl ${words.join(" ")}"`);
}

function deviceOf(name: string | undefined): { readonly device?: string } {
  return name === undefined ? {} : { device: name };
}
