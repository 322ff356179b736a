// The words behind `ip link set` and `ip link del`.
import { numberOf } from "./address.ts";
import { type Cursor, isShort } from "./cursor.ts";
import { linkAddress } from "./neighbor.ts";
import { garbage, Refusal, wrong } from "./refusal.ts";

/** What `ip link set` changes; what is left out stays. */
export interface LinkWords {
  readonly device: string;
  readonly isUp?: boolean;
  readonly mtu?: number;
  readonly mac?: string;
  /** null: it leaves its bridge. */
  readonly master?: string | null;
  readonly newName?: string;
}

type Draft = { -readonly [K in keyof LinkWords]: LinkWords[K] };

const NAME_LEN_MAX = 15;

/** Reads to the end of the line. */
export function readLinkSet(cursor: Cursor): LinkWords {
  const draft: Draft = { device: "" };
  while (!cursor.isAtEnd) {
    if (readSetting(cursor, draft)) continue;
    cursor.take("dev");
    const word = cursor.next();
    if (draft.device !== "") throw garbage("dev", word);
    draft.device = word;
  }
  if (draft.device === "") {
    throw new Refusal('Not enough information: "dev" argument is required.', 255);
  }
  return draft;
}

/** The device of `ip link del`. */
export function readLinkDel(cursor: Cursor): string {
  return readLinkSet(cursor).device;
}

/** The words behind `ip link set`. */
export function printLinkSet({ device, isUp, mtu, mac, master, newName }: LinkWords): string {
  const parts = [
    device,
    mac !== undefined && `address ${mac}`,
    mtu !== undefined && `mtu ${mtu}`,
    master !== undefined && (master === null ? "nomaster" : `master ${master}`),
    newName !== undefined && `name ${newName}`,
    isUp !== undefined && (isUp ? "up" : "down"),
  ];
  return parts.filter((part) => part !== false).join(" ");
}

function readSetting(cursor: Cursor, draft: Draft): boolean {
  if (cursor.take("up")) draft.isUp = true;
  else if (cursor.take("down")) draft.isUp = false;
  else if (cursor.take("mtu")) draft.mtu = readMtu(cursor);
  else if (cursor.take("master")) draft.master = cursor.next();
  else if (cursor.take("nomaster")) draft.master = null;
  else if (cursor.take("name")) draft.newName = checkName(cursor.next());
  else if (isShort(cursor.peek(), "address")) {
    cursor.next();
    draft.mac = readMac(cursor);
  } else return false;
  return true;
}

function readMtu(cursor: Cursor): number {
  const word = cursor.next();
  const mtu = numberOf(word);
  if (mtu === null) throw wrong(word, 'Invalid "mtu" value');
  return mtu;
}

function readMac(cursor: Cursor): string {
  const word = cursor.next();
  const len = word.split(":").length;
  if (len !== 6 && word.includes(":")) {
    throw new Refusal(`Invalid address length ${len} - must be 6 bytes`, 1);
  }
  return linkAddress(word);
}

function checkName(word: string): string {
  if (word.length <= NAME_LEN_MAX && !/[/\s]/.test(word)) return word;
  throw wrong(word, '"name" not a valid ifname');
}
