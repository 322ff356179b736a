// The words behind `bridge fdb`.
import { macOf, numberOf, readAddress } from "./address.ts";
import { Cursor, isShort, splitWords } from "./cursor.ts";
import { garbage, Refusal, wrong } from "./refusal.ts";

/** `dynamic` ages and is printed without a word. */
export type FdbState = "permanent" | "static" | "dynamic" | "stale";

export interface FdbWords {
  readonly mac: string;
  readonly device: string;
  /** The remote of a VTEP. */
  readonly dst: string | null;
  /** Where they are not the device's own. */
  readonly port: number | null;
  readonly vni: number | null;
  readonly via: string | null;
  /** Whose table it is in: the device's own, or that of the bridge it is a port of. */
  readonly of: "self" | "master";
  /** The bridge's name, as rows have it. */
  readonly bridge: string | null;
  readonly state: FdbState;
  readonly isExternLearn: boolean;
  /** Of the namespace of a moved VTEP's socket. */
  readonly nsid: number | null;
}

type Draft = { -readonly [K in keyof FdbWords]: FdbWords[K] | null };

/** What `bridge fdb add` makes of words. */
export function parseFdb(text: string): FdbWords {
  return readFdb(new Cursor(splitWords(text)));
}

/** What a row of `bridge fdb` says: it names the bridge, and one that ages has no state. */
export function parseFdbRow(row: string): FdbWords {
  const words = splitWords(row);
  const bridge = takeBehind(words, "master", 1);
  const nsid = takeBehind(words, "link-netnsid", 2);
  if (!words.some(isState)) words.push("dynamic");
  return { ...readFdb(new Cursor(words)), bridge, nsid: nsid === null ? null : Number(nsid) };
}

/** The row of `bridge fdb`; of `bridge fdb show dev X` without the device. */
export function printFdb(entry: FdbWords, isOfOneDevice = false): string {
  const { mac, device, dst, port, vni, via, nsid, bridge, state } = entry;
  const parts = [
    mac,
    !isOfOneDevice && `dev ${device}`,
    dst !== null && `dst ${dst}`,
    port !== null && `port ${port}`,
    vni !== null && `vni ${vni}`,
    via !== null && `via ${via}`,
    nsid !== null && `link-netnsid ${nsid}`,
    entry.of === "self" && "self",
    entry.isExternLearn && "extern_learn",
    entry.of === "master" && `master${bridge === null ? "" : ` ${bridge}`}`,
    state !== "dynamic" && state,
  ];
  return parts.filter((part) => part !== false).join(" ");
}

/** The words behind `bridge fdb add` that make this very entry. */
export function fdbCommand(entry: FdbWords): string {
  const row = printFdb({ ...entry, bridge: null, nsid: null });
  return entry.state === "dynamic" ? `${row} dynamic` : row;
}

/** Reads to the end of the line. */
export function readFdb(cursor: Cursor): FdbWords {
  const draft = newDraft();
  while (!cursor.isAtEnd) readOption(cursor, draft);
  const { mac: word, device } = draft;
  if (word === null || device === null) {
    throw new Refusal("Device and address are required arguments.", 255);
  }
  const mac = macOf(word);
  if (mac === null) throw new Refusal(`Invalid mac address ${word}`, 255);
  return {
    ...draft,
    mac,
    device,
    of: draft.of ?? "self",
    state: draft.state ?? "permanent",
    isExternLearn: draft.isExternLearn ?? false,
  };
}

function newDraft(): Draft {
  return {
    mac: null,
    device: null,
    dst: null,
    port: null,
    vni: null,
    via: null,
    of: null,
    bridge: null,
    state: null,
    isExternLearn: null,
    nsid: null,
  };
}

function readOption(cursor: Cursor, draft: Draft): void {
  if (cursor.take("dev")) draft.device = cursor.next();
  else if (cursor.take("dst")) draft.dst = readAddress(cursor);
  else if (cursor.take("port")) draft.port = readNumber(cursor, "port", 0xffff);
  else if (cursor.take("vni")) draft.vni = readNumber(cursor, "VNI", 0xffffff);
  else if (cursor.take("via")) draft.via = cursor.next();
  else if (cursor.take("self")) draft.of = "self";
  else if (cursor.take("extern_learn")) draft.isExternLearn = true;
  else if (isShort(cursor.peek(), "master")) {
    cursor.next();
    draft.of = "master";
  } else readStateOrMac(cursor, draft);
}

function readStateOrMac(cursor: Cursor, draft: Draft): void {
  const state = stateOf(cursor.peek());
  if (state !== null) {
    cursor.next();
    draft.state = state;
    return;
  }
  cursor.take("to");
  const word = cursor.next();
  if (draft.mac !== null) throw garbage("to", word);
  draft.mac = word;
}

function stateOf(word: string): FdbState | null {
  if (isShort(word, "local") || isShort(word, "permanent")) return "permanent";
  if (isShort(word, "temp") || isShort(word, "static")) return "static";
  if (isShort(word, "dynamic")) return "dynamic";
  return word === "stale" ? "stale" : null;
}

function isState(word: string): boolean {
  return ["permanent", "static", "dynamic", "stale", "local", "temp"].includes(word);
}

function readNumber(cursor: Cursor, name: string, max: number): number {
  const word = cursor.next();
  const number = numberOf(word, max);
  if (number === null) throw wrong(word, `invalid ${name}`);
  return number;
}

/** Takes the word behind `name` out, with `name` itself where both are for rows only. */
function takeBehind(words: string[], name: string, count: 1 | 2): string | null {
  const at = words.indexOf(name);
  return at < 0 ? null : (words.splice(at + 2 - count, count).at(-1) ?? null);
}
