// The words behind `ip route`: read as iproute2 reads them, printed as it prints them.
import { parseNetwork, printPrefix } from "../../core/index.ts";
import { numberOf, readAddress, readPrefix } from "./address.ts";
import { Cursor, isShort, splitWords } from "./cursor.ts";
import { garbage, kernelSays, notInLab, wrong } from "./refusal.ts";

const TYPES = ["unicast", "local", "broadcast", "multicast"] as const;
const REFUSING = ["unreachable", "blackhole", "prohibit", "throw"] as const;
const SCOPES = ["global", "site", "link", "host", "nowhere"] as const;

export type RouteType = (typeof TYPES)[number] | (typeof REFUSING)[number];
export type Scope = (typeof SCOPES)[number];

/** A route, or for `del` what is known of one: null is then any. */
export interface RouteWords {
  readonly type: RouteType;
  /** "10.1.16.0/24"; "0.0.0.0/0" is printed as "default". */
  readonly prefix: string;
  readonly gateway: string | null;
  readonly device: string | null;
  /** "kernel", "bird"; "boot" is what `ip route add` makes, and is not printed. */
  readonly proto: string | null;
  readonly scope: Scope | null;
  readonly src: string | null;
  readonly metric: number | null;
  readonly isOnLink: boolean;
  readonly isLinkDown: boolean;
  readonly mtu: number | null;
}

type Draft = { -readonly [K in keyof RouteWords]: RouteWords[K] };

/** What `ip route add` makes of words. */
export function parseRoute(text: string): RouteWords {
  const route = readRoute(new Cursor(splitWords(text)), "add");
  checkRoute(route);
  return route;
}

/** What a row of `ip route` says: where it is silent the scope is global, whatever `add` makes. */
export function parseRouteRow(row: string): RouteWords {
  const words = splitWords(row);
  const shown = words.filter((word) => word !== "linkdown"); // a state, which no command gives
  const { scope, ...route } = readRoute(new Cursor(shown), "del");
  const isLinkDown = shown.length < words.length;
  return { ...route, proto: route.proto ?? "boot", scope: scope ?? "global", isLinkDown };
}

/** The row of `ip route`; of `ip route show dev X` without the device. */
export function printRoute(route: RouteWords, isOfOneDevice = false): string {
  const { type, gateway, device, proto, scope, src, metric, mtu } = route;
  const parts = [
    type !== "unicast" && type,
    printTarget(route.prefix),
    gateway !== null && `via ${gateway}`,
    device !== null && !isOfOneDevice && `dev ${device}`,
    proto !== null && proto !== "boot" && `proto ${proto}`,
    scope !== null && scope !== "global" && `scope ${scope}`,
    src !== null && `src ${src}`,
    metric !== null && `metric ${metric}`,
    route.isOnLink && "onlink",
    route.isLinkDown && "linkdown",
    mtu !== null && `mtu ${mtu}`,
  ];
  return parts.filter((part) => part !== false).join(" ");
}

/** The words that make this very route: `ip route` is silent about scope global, `add` is not. */
export function routeCommand(route: RouteWords): string {
  const row = printRoute({ ...route, isLinkDown: false });
  const isSilent = route.scope === "global" && defaultScope(route) !== "global";
  return isSilent ? `${row} scope global` : row;
}

/** Reads to the end of the line. */
export function readRoute(cursor: Cursor, verb: string): RouteWords {
  const draft = newDraft();
  let hasTarget = false;
  while (!cursor.isAtEnd) {
    if (readOption(cursor, draft)) continue;
    hasTarget = readTarget(cursor, draft, hasTarget);
  }
  if (!hasTarget) draft.prefix = "0.0.0.0/0";
  if (verb === "del") return draft;
  return { ...draft, proto: draft.proto ?? "boot", scope: draft.scope ?? defaultScope(draft) };
}

/** What the kernel looks at before it asks its tables. */
export function checkRoute({ prefix }: RouteWords): void {
  if (printPrefix(parseNetwork(prefix)) !== prefix) {
    throw kernelSays("Invalid prefix for given prefix length");
  }
}

/** A network or an address as iproute2 prints it: no length where it is an address. */
export function printTarget(prefix: string): string {
  if (prefix === "0.0.0.0/0") return "default";
  return prefix.endsWith("/32") ? prefix.slice(0, -3) : prefix;
}

function newDraft(): Draft {
  return {
    type: "unicast",
    prefix: "",
    gateway: null,
    device: null,
    proto: null,
    scope: null,
    src: null,
    metric: null,
    isOnLink: false,
    isLinkDown: false,
    mtu: null,
  };
}

function readOption(cursor: Cursor, draft: Draft): boolean {
  if (cursor.take("via")) draft.gateway = readVia(cursor);
  else if (cursor.take("dev") || cursor.take("oif")) draft.device = cursor.next();
  else if (cursor.take("src")) draft.src = readAddress(cursor);
  else if (cursor.take("onlink")) draft.isOnLink = true;
  else if (cursor.take("mtu")) draft.mtu = readNumber(cursor, "mtu");
  else if (cursor.take("scope")) draft.scope = readScope(cursor);
  else if (isShort(cursor.peek(), "metric") || isShort(cursor.peek(), "priority")) {
    cursor.next();
    draft.metric = readNumber(cursor, "metric") || null;
  } else if (isShort(cursor.peek(), "protocol")) {
    cursor.next();
    draft.proto = readProto(cursor);
  } else if (isShort(cursor.peek(), "table")) readTable(cursor);
  else return false;
  return true;
}

function readVia(cursor: Cursor): string {
  cursor.take("inet");
  return readAddress(cursor);
}

/** The destination, and the type in front of it. */
function readTarget(cursor: Cursor, draft: Draft, isThere: boolean): boolean {
  cursor.take("to");
  const type = [...TYPES, ...REFUSING].find((name) => name === cursor.peek());
  if (type !== undefined) {
    draft.type = type;
    cursor.next();
  }
  const word = cursor.peek();
  if (word === "nexthop" || word === "nhid" || word === "encap") throw notInLab(`"${word}"`);
  if (isThere) throw garbage("to", word);
  draft.prefix = readPrefix(cursor);
  return true;
}

function defaultScope({ type, gateway }: Pick<RouteWords, "type" | "gateway">): Scope {
  if (type === "local") return "host";
  if (type === "broadcast" || type === "multicast") return "link";
  return type === "unicast" && gateway === null ? "link" : "global";
}

function readNumber(cursor: Cursor, name: string): number {
  const word = cursor.next();
  const number = numberOf(word);
  if (number === null) throw wrong(word, `"${name}" value is invalid`);
  return number;
}

const SCOPE_NUMBERS: Readonly<Record<number, Scope>> = {
  0: "global",
  200: "site",
  253: "link",
  254: "host",
  255: "nowhere",
};

function readScope(cursor: Cursor): Scope {
  const word = cursor.next();
  const scope = SCOPES.find((name) => name === word) ?? SCOPE_NUMBERS[numberOf(word) ?? -1];
  if (scope === undefined) throw wrong(word, 'invalid "scope" value');
  return scope;
}

// As iproute2's rt_protos has them; a number without a name stays one.
const PROTOS: Readonly<Record<number, string>> = {
  0: "unspec",
  1: "redirect",
  2: "kernel",
  3: "boot",
  4: "static",
  8: "gated",
  9: "ra",
  10: "mrt",
  11: "zebra",
  12: "bird",
  13: "dnrouted",
  14: "xorp",
  15: "ntk",
  16: "dhcp",
  18: "keepalived",
  42: "babel",
  186: "bgp",
  187: "isis",
  188: "ospf",
  189: "rip",
  192: "eigrp",
};

function readProto(cursor: Cursor): string {
  const word = cursor.next();
  if (Object.values(PROTOS).includes(word)) return word;
  const number = numberOf(word, 255);
  if (number === null) throw wrong(word, '"protocol" value is invalid');
  return PROTOS[number] ?? String(number);
}

function readTable(cursor: Cursor): void {
  cursor.next();
  const word = cursor.next();
  if (word !== "main" && word !== "254") throw notInLab(`table ${word}`);
}
