// The addresses of a device: those that somebody gave it, and those that IPv6 makes by itself.
import type { DeviceSpec } from "../spec/network.ts";
import type { DevicePlace, TableState } from "../trace/trace.ts";
import { hostOf, parseAddress } from "../words/index.ts";
import { linkLocalOf } from "./eui64.ts";
import { hasIpv6Addresses, type Sysctls } from "./ipv6.ts";
import { rowsIn } from "./rows.ts";

export interface AddressView {
  readonly family: "inet" | "inet6";
  /** Without its length. */
  readonly local: string;
  readonly prefixLen: number;
  readonly broadcast: string | null;
  readonly scope: string;
  /** The network's route is left to somebody else. */
  readonly isWithoutRoute: boolean;
  /** Seconds that a DHCP server gave it; null: it is there for good. */
  readonly validS: number | null;
  readonly preferredS: number | null;
}

export interface AddressesInit {
  readonly place: DevicePlace;
  readonly spec: DeviceSpec | null;
  readonly tables: readonly TableState[];
  readonly sysctls: Sysctls;
  readonly mac: string | null;
  /** Up, with somebody at the other end: before that, IPv6 takes no address. */
  readonly hasLink: boolean;
}

/** IPv4 first, each in the order in which it was given. */
export function addressesOf(init: AddressesInit): AddressView[] {
  return [...textsOf(init).map(addressOf), ...inet6Of(init)];
}

/** Whether a device's address is in a table by now, and so may have been changed. */
function textsOf({ place, tables }: AddressesInit): readonly string[] {
  const isListed = tables.some(({ table }) => table.kind === "address");
  if (!isListed || place.kind === "lo") return place.addresses;
  return rowsIn(tables, "address").filter((row) => {
    const words = row.split(" ");
    return words[words.indexOf("dev") + 1] === place.name;
  });
}

function addressOf(text: string): AddressView {
  const { address, broadcast, scope, isWithoutRoute, validS, preferredS } = parseAddress(text);
  return {
    family: "inet",
    local: hostOf(address),
    prefixLen: lengthOf(address),
    ...{ broadcast, scope, isWithoutRoute },
    validS: validS ?? null,
    preferredS: preferredS ?? null,
  };
}

function inet6Of(init: AddressesInit): AddressView[] {
  const { place, spec, mac } = init;
  if (!hasIpv6Addresses(init.sysctls)) return [];
  if (place.kind === "lo") return [inet6("::1/128", "host")];
  const given = spec?.addresses6 ?? [];
  if (given.length > 0) return given.map((text) => inet6(text, "link"));
  const isMade = init.hasLink && mac !== null;
  return isMade ? [inet6(`${linkLocalOf(mac)}/64`, "link")] : [];
}

/** "fe80::e0c5:55dc:fba0:549b/64 noprefixroute". */
function inet6(text: string, scope: string): AddressView {
  const [address = "", ...words] = text.split(" ");
  return {
    family: "inet6",
    local: hostOf(address),
    prefixLen: lengthOf(address),
    broadcast: null,
    scope,
    isWithoutRoute: words.includes("noprefixroute"),
    validS: null,
    preferredS: null,
  };
}

function lengthOf(address: string): number {
  return Number(address.slice(address.indexOf("/") + 1));
}
