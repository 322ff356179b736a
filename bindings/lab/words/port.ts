// What operators set at a device itself: whether a bridge learns at a port, and what a card is to
// do for the stack.
import type { Cursor } from "./cursor.ts";
import { garbage, notInLab } from "./refusal.ts";

/** `bridge link set dev veth1 learning off`. */
export interface PortWords {
  readonly device: string;
  readonly isLearning: boolean;
}

/** `ethtool -K eth0 tx off`. */
export interface OffloadWords {
  readonly device: string;
  readonly isTxChecksumOffloaded: boolean;
}

/** Reads what stands behind `bridge link`. */
export function readPort(cursor: Cursor): PortWords {
  const verb = cursor.next();
  if (verb !== "set") throw notInLab(`"bridge link ${verb}"`);
  const dev = cursor.next();
  if (dev !== "dev") throw garbage("dev", dev);
  const device = cursor.next();
  const option = cursor.next();
  if (option !== "learning") throw notInLab(`"bridge link set ${option}"`);
  return { device, isLearning: readSwitch(cursor, option) };
}

/** Reads what stands behind `ethtool`. */
export function readOffload(cursor: Cursor): OffloadWords {
  const flag = cursor.next();
  if (flag !== "-K" && flag !== "--offload") throw notInLab(`"ethtool ${flag}"`);
  const device = cursor.next();
  const option = cursor.next();
  if (!TX_CHECKSUMS.has(option)) throw notInLab(`"ethtool -K ${device} ${option}"`);
  return { device, isTxChecksumOffloaded: readSwitch(cursor, option) };
}

const TX_CHECKSUMS: ReadonlySet<string> = new Set(["tx", "tx-checksum-ip-generic"]);

function readSwitch(cursor: Cursor, option: string): boolean {
  const word = cursor.next();
  if (word !== "on" && word !== "off") throw garbage(option, word);
  return word === "on";
}
