// What a lease says, as the JSON that lies in the store: flannel's members, in flannel's order, to
// the byte. What is read is anybody's text: what is no lease throws HeddleError BadLease, and
// nothing else.
import { HeddleError, parseIpv4, parseMac, printIpv4 } from "../core/index.ts";
import { Fields } from "./fields.ts";
import { parseIpv6, printIpv6 } from "./ipv6.ts";
import { excerpt, readJson } from "./json.ts";
import type { LeaseAttrs } from "./lease.ts";

/** What a VXLAN node adds to its lease. */
export interface VxlanData {
  /** Null in leases of old nodes. A peer's is nobody's business. */
  readonly vni: number | null;
  /** Lower case, with colons. */
  readonly vtepMac: string;
}

const VNI = { min: 0, max: 0xffffffff };

/** The value of a lease's key, in any order and letter case. */
export function parseLeaseAttrs(text: string): LeaseAttrs {
  const fields = new Fields(readJson(text, "BadLease"), "BadLease");
  const backendData = fields.raw("BackendData");
  const backendV6Data = fields.raw("BackendV6Data");
  return {
    publicIp: fields.ipv4("PublicIP", "0.0.0.0"),
    publicIpv6: fields.ipv6("PublicIPv6"),
    backendType: fields.string("BackendType", ""),
    ...(backendData && { backendData: JSON.parse(backendData.text) }),
    ...(backendV6Data && { backendV6Data: JSON.parse(backendV6Data.text) }),
  };
}

/** The value as flannel writes it: what is empty is left out, but for PublicIPv6. */
export function printLeaseAttrs(attrs: LeaseAttrs): string {
  const { publicIp, publicIpv6, backendType, backendData, backendV6Data } = attrs;
  const members: Record<string, unknown> = {
    PublicIP: printIpv4(parseIpv4(publicIp)),
    PublicIPv6: publicIpv6 && printIpv6(parseIpv6(publicIpv6)),
    BackendType: backendType === "" ? undefined : backendType,
    BackendData: backendData,
    BackendV6Data: backendV6Data,
  };
  return JSON.stringify(members).replace(ESCAPED, escaped);
}

/** The BackendData, or BackendV6Data, of a VXLAN node's lease. Throws HeddleError BadLease. */
export function parseVxlanData(data: unknown): VxlanData {
  const fields = new Fields(readJson(jsonOf(data), "BadLease"), "BadLease", "BackendData.");
  const vni = fields.integer("VNI", -1, VNI);
  const text = fields.string("VtepMAC", "");
  return { vni: vni < 0 ? null : vni, vtepMac: stationMac(text) };
}

/** What stands in a VXLAN node's lease as its BackendData. */
export function printVxlanData({ vni, vtepMac }: VxlanData): unknown {
  const mac = stationMac(vtepMac);
  return vni === null ? { VtepMAC: mac } : { VNI: vni, VtepMAC: mac };
}

const ESCAPED = /[<>&\u2028\u2029]/g; // Go's encoder escapes them wherever they stand
const MAC = /^[\da-f]{2}([:-])[\da-f]{2}(\1[\da-f]{2}){4}$/i;
const DOTTED_MAC = /^([\da-f]{4})\.([\da-f]{4})\.([\da-f]{4})$/i;

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function jsonOf(data: unknown): string {
  try {
    return JSON.stringify(data) ?? "null";
  } catch {
    return ""; // it contains itself, or a bigint
  }
}

// The MAC of one station: no group can be behind a VTEP, and all zeros is nobody.
function stationMac(text: string): string {
  const digits = MAC.test(text) || DOTTED_MAC.test(text) ? text.replace(/[:.-]/g, "") : "";
  const mac = digits.replace(/(..)(?!$)/g, "$1:").toLowerCase();
  const isGroup = (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1;
  if (digits === "" || isGroup || parseMac(mac) === 0) {
    throw new HeddleError("BadLease", excerpt(text), "VtepMAC: the MAC of one station");
  }
  return mac;
}
