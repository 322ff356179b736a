// What both programs called ifconfig say of a device, before each puts it into its own words.
import { printIpv4 } from "../../core/index.ts";
import type { AddressView } from "./addresses.ts";
import type { DeviceView } from "./device.ts";
import { busyboxBlock } from "./ifconfig-busybox.ts";
import { netToolsBlock } from "./ifconfig-net-tools.ts";
import type { NamespaceView } from "./view.ts";

/** Which devices: one by its name, or all, also those that are down. */
export interface IfconfigQuery {
  readonly device?: string;
  readonly isAll?: boolean;
}

const TRAILING_NUMBER = /^(.*?)(\d*)$/;

/** net-tools' on a host, busybox's where the namespace has busybox. */
export function ifconfig(view: NamespaceView, query: IfconfigQuery = {}): string {
  const isNetTools = view.flavour === "iproute2";
  const block = isNetTools ? netToolsBlock : busyboxBlock;
  const inOrder = [...view.devices].sort(isNetTools ? byNumber : byText);
  const { device, isAll = false } = query;
  const chosen = inOrder.filter(({ name, isUp }) =>
    device === undefined ? isAll || isUp : name === device,
  );
  return chosen.map((each) => `${block(each).join("\n")}\n\n`).join("");
}

/** In the order in which both name them. */
export function ifconfigFlags({ flags, isUp, operstate }: DeviceView): string[] {
  const isRunning = isUp && (operstate === "UP" || operstate === "UNKNOWN");
  const has = new Set([...flags, ...(isRunning ? ["RUNNING"] : [])]);
  return ["UP", "BROADCAST", "LOOPBACK", "POINTOPOINT", "RUNNING", "NOARP", "MULTICAST"].filter(
    (flag) => has.has(flag),
  );
}

/** The first address, which is all that ifconfig's system call tells of. */
export function inetOf({ addresses }: DeviceView): AddressView | undefined {
  return addresses.find(({ family }) => family === "inet");
}

export function inet6Of({ addresses }: DeviceView): AddressView[] {
  return addresses.filter(({ family }) => family === "inet6");
}

/** 24 as "255.255.255.0". */
export function maskOf(prefixLen: number): string {
  return prefixLen === 0 ? "0.0.0.0" : printIpv4((-1 << (32 - prefixLen)) >>> 0);
}

/** "1.4 KiB": tenths are cut off, not rounded. */
export function sizeOf(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const at = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(bytes || 1) / 10)));
  const tenths = Math.floor((bytes * 10) / 1024 ** at);
  return `${Math.floor(tenths / 10)}.${tenths % 10} ${units[at]}`;
}

function byText(a: DeviceView, b: DeviceView): number {
  return compare(a.name, b.name);
}

/** net-tools counts: eth2 comes before eth10. */
function byNumber(a: DeviceView, b: DeviceView): number {
  const [aWord = "", aNumber = ""] = (TRAILING_NUMBER.exec(a.name) ?? []).slice(1);
  const [bWord = "", bNumber = ""] = (TRAILING_NUMBER.exec(b.name) ?? []).slice(1);
  return compare(aWord, bWord) || Number(aNumber) - Number(bNumber);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
