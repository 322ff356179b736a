// The words behind `ip addr`.
import { network, parseIpv4, printIpv4 } from "../../core/index.ts";
import { numberOf, readAddress, readPrefix } from "./address.ts";
import { Cursor, isShort, splitWords } from "./cursor.ts";
import { garbage, kernelAnswers, wrong } from "./refusal.ts";

export interface AddressWords {
  /** With the length of its network: "10.1.15.2/24". */
  readonly address: string;
  readonly broadcast: string | null;
  readonly scope: "global" | "link" | "host";
  /** Left out where no device is meant yet: in a device's own list. */
  readonly device: string | null;
  /** The network's route is left to somebody else. */
  readonly isWithoutRoute: boolean;
  /** Seconds that it is lent for, by DHCP; left out: it is there for good. */
  readonly validS?: number;
  /** Seconds that new connections may use it. */
  readonly preferredS?: number;
}

interface Draft {
  address: string | null;
  broadcast: string | null;
  scope: AddressWords["scope"] | null;
  device: string | null;
  isWithoutRoute: boolean;
  validS?: number;
  preferredS?: number;
}

/** What `ip addr add` makes of words. */
export function parseAddress(text: string): AddressWords {
  return readInet(new Cursor(splitWords(text)));
}

/** The words behind `ip addr add` that make this very address. */
export function printAddress(words: AddressWords): string {
  const { address, broadcast, scope, device, isWithoutRoute } = words;
  const parts = [
    address,
    broadcast !== null && `brd ${broadcast}`,
    scope !== scopeOf(address) && `scope ${scope}`,
    device !== null && `dev ${device}`,
    isWithoutRoute && "noprefixroute",
    words.validS !== undefined && `valid_lft ${words.validS}`,
    words.preferredS !== undefined && `preferred_lft ${words.preferredS}`,
  ];
  return parts.filter((part) => part !== false).join(" ");
}

/** The line of `ip addr`: "inet 10.32.0.2/12 brd 10.47.255.255 scope global ethwe". */
export function printInet(words: AddressWords, device: string): string {
  const { address, broadcast, scope, isWithoutRoute } = words;
  const parts = [
    `inet ${address}`,
    broadcast !== null && `brd ${broadcast}`,
    `scope ${scope}`,
    words.validS !== undefined && "dynamic",
    isWithoutRoute && "noprefixroute",
    device,
  ];
  return parts.filter((part) => part !== false).join(" ");
}

/** The address without its length. */
export function hostOf(address: string): string {
  return address.slice(0, address.indexOf("/"));
}

/** Reads to the end of the line. */
export function readInet(cursor: Cursor): AddressWords {
  const draft: Draft = {
    address: null,
    broadcast: null,
    scope: null,
    device: null,
    isWithoutRoute: false,
  };
  while (!cursor.isAtEnd) readOption(cursor, draft);
  const { address, broadcast } = draft;
  if (address === null) throw kernelAnswers("Operation not supported");
  return {
    ...draft,
    address,
    broadcast: broadcast === null ? null : broadcastOf(address, broadcast),
    scope: draft.scope ?? scopeOf(address),
  };
}

function readOption(cursor: Cursor, draft: Draft): void {
  if (cursor.take("dev")) draft.device = cursor.next();
  else if (cursor.take("brd") || isShort(cursor.peek(), "broadcast")) {
    if (isShort(cursor.peek(), "broadcast")) cursor.next();
    const isSign = cursor.peek() === "+" || cursor.peek() === "-";
    draft.broadcast = isSign ? cursor.next() : readAddress(cursor);
  } else if (cursor.take("scope")) draft.scope = readScope(cursor);
  else if (cursor.take("noprefixroute")) draft.isWithoutRoute = true;
  else if (cursor.take("valid_lft")) readLife(cursor, draft, "validS");
  else if (cursor.take("preferred_lft")) readLife(cursor, draft, "preferredS");
  else {
    cursor.take("local");
    if (draft.address !== null) throw garbage("local", cursor.peek());
    draft.address = readPrefix(cursor);
  }
}

function readScope(cursor: Cursor): AddressWords["scope"] {
  const word = cursor.next();
  if (word === "global" || word === "link" || word === "host") return word;
  throw wrong(word, "invalid scope value.");
}

function readLife(cursor: Cursor, draft: Draft, name: "validS" | "preferredS"): void {
  const word = cursor.next();
  if (word === "forever") return;
  const seconds = numberOf(word);
  if (seconds === null) throw wrong(word, `${name.slice(0, -1)}_lft value`);
  draft[name] = seconds;
}

/** `+`: all bits of the host are ones; `-`: zeros. */
function broadcastOf(prefix: string, word: string): string {
  if (word !== "+" && word !== "-") return word;
  const len = Number(prefix.slice(prefix.indexOf("/") + 1));
  const net = network({ address: parseIpv4(hostOf(prefix)), len });
  return printIpv4(word === "-" ? net : net + 2 ** (32 - len) - 1);
}

function scopeOf(address: string): AddressWords["scope"] {
  return address.startsWith("127.") ? "host" : "global";
}
