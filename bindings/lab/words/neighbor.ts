// The words behind `ip neigh`.
import { macOf, numberOf, readAddress } from "./address.ts";
import { Cursor, isShort, pick, splitWords } from "./cursor.ts";
import { garbage, kernelSays, Refusal, wrong } from "./refusal.ts";

// In the order in which iproute2 tries a shortened one.
const STATES = [
  ...["permanent", "reachable", "noarp", "none", "stale", "incomplete"],
  ...["delay", "probe", "failed"],
] as const;

export type NeighborState =
  | "permanent"
  | "reachable"
  | "noarp"
  | "none"
  | "stale"
  | "incomplete"
  | "delay"
  | "probe"
  | "failed";

export interface NeighborWords {
  readonly address: string;
  readonly device: string;
  readonly mac: string | null;
  readonly state: NeighborState;
  /** An address that the device answers for. */
  readonly isProxy: boolean;
}

interface Draft {
  address: string | null;
  device: string | null;
  mac: string | null;
  state: NeighborState;
  isProxy: boolean;
}

/** What `ip neigh add` makes of words, or of a row that `ip neigh` printed. */
export function parseNeighbor(text: string): NeighborWords {
  const words = splitWords(text);
  const last = (words.at(-1) ?? "").toLowerCase();
  const isRow = words.at(-1) === last.toUpperCase() && isState(last);
  return readNeighbor(new Cursor(isRow ? [...words.slice(0, -1), "nud", last] : words));
}

/** The row of `ip neigh`; of `ip neigh show dev X` without the device. */
export function printNeighbor(neighbor: NeighborWords, isOfOneDevice = false): string {
  const { address, device, mac, state, isProxy } = neighbor;
  const parts = [
    address,
    !isOfOneDevice && `dev ${device}`,
    mac !== null && `lladdr ${mac}`,
    isProxy ? "proxy" : state !== "none" && state.toUpperCase(),
  ];
  return parts.filter((part) => part !== false).join(" ");
}

/** The words behind `ip neigh add` that make this very entry. */
export function neighborCommand({ address, device, mac, state, isProxy }: NeighborWords): string {
  if (isProxy) return `proxy ${address} dev ${device}`;
  return `${address}${mac === null ? "" : ` lladdr ${mac}`} dev ${device} nud ${state}`;
}

/** Reads to the end of the line. */
export function readNeighbor(cursor: Cursor): NeighborWords {
  const draft: Draft = {
    address: null,
    device: null,
    mac: null,
    state: "permanent",
    isProxy: false,
  };
  while (!cursor.isAtEnd) readOption(cursor, draft);
  const { address, device, mac } = draft;
  if (address === null || device === null) {
    throw new Refusal("Device and destination are required arguments.", 255);
  }
  return { ...draft, address, device, mac: mac === null ? null : linkAddress(mac) };
}

function readOption(cursor: Cursor, draft: Draft): void {
  if (isShort(cursor.peek(), "lladdr")) {
    cursor.next();
    draft.mac = cursor.next();
  } else if (cursor.take("nud")) draft.state = readState(cursor);
  else if (cursor.take("dev")) draft.device = cursor.next();
  else if (cursor.take("proxy")) {
    draft.isProxy = true;
    readDestination(cursor, draft);
  } else readDestination(cursor, draft);
}

function readDestination(cursor: Cursor, draft: Draft): void {
  cursor.take("to");
  if (draft.address !== null) throw garbage("to", cursor.peek());
  draft.address = readAddress(cursor);
}

function readState(cursor: Cursor): NeighborState {
  const word = cursor.next();
  const state = pick(word, STATES as readonly NeighborState[]);
  if (state === undefined) throw wrong(word, "nud state is bad");
  return state;
}

function isState(word: string): boolean {
  return (STATES as readonly string[]).includes(word);
}

/** What is no MAC is told by `ip`, and one of another length by the kernel. */
export function linkAddress(word: string): string {
  const mac = macOf(word);
  if (mac !== null) return mac;
  const bad = word.split(":").find((part) => numberOf(`0x${part}`, 255) === null);
  if (bad !== undefined) throw new Refusal(`"${bad}" is invalid lladdr.`, 1);
  throw kernelSays("Invalid link address");
}
