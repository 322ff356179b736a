// BackendData of a vxlan lease: {"VNI":1,"VtepMAC":"c6:d2:32:6f:8f:44"}. Read as Go reads it:
// names in any case, the last one counts, and the peer's VNI is compared with nothing.
import { parseMac, printMac } from "../../core/address.ts";

/** What a node says about its VTEP. */
export interface Vtep {
  readonly VNI: number;
  readonly VtepMAC: string;
}

/** A MAC that frames can be sent to, or why there is none in it. */
export type VtepAnswer = { readonly mac: string } | { readonly reason: string };

/** Reads BackendData that stands in a lease. */
export function readVtep(data: unknown): VtepAnswer {
  if (typeof data !== "object" || data === null || Array.isArray(data)) {
    return { reason: "BackendData is no object" };
  }
  const given = new Map(Object.entries(data).map(([key, value]) => [key.toLowerCase(), value]));
  if (!isVni(given.get("vni"))) return { reason: "BackendData: VNI is no 32-bit number" };
  const text = given.get("vtepmac");
  const mac = typeof text === "string" ? macOf(text) : null;
  if (mac === null) return { reason: "BackendData: VtepMAC is no MAC address" };
  if (!isUnicast(mac)) return { reason: `BackendData: VtepMAC ${mac} is no single device's` };
  return { mac };
}

/** Early flannel wrote none, and it is not needed. */
function isVni(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  const vni = typeof value === "bigint" ? Number(value) : value;
  return typeof vni === "number" && Number.isInteger(vni) && vni >= 0 && vni <= 0xffffffff;
}

/** The forms that Go takes for six bytes: colons, dashes, or dots after each four digits. */
const FORMS = [
  /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/,
  /^[0-9a-f]{2}(-[0-9a-f]{2}){5}$/,
  /^[0-9a-f]{4}(\.[0-9a-f]{4}){2}$/,
];

function macOf(text: string): string | null {
  const lower = text.toLowerCase();
  if (!FORMS.some((form) => form.test(lower))) return null;
  const digits = lower.replaceAll(/[^0-9a-f]/g, "");
  return printMac(parseMac(digits.replaceAll(/(..)(?=.)/g, "$1:")));
}

/** A multicast or zero MAC in an FDB is where all unknown frames go, too. */
function isUnicast(mac: string): boolean {
  return (Number.parseInt(mac.slice(0, 2), 16) & 1) === 0 && mac !== "00:00:00:00:00:00";
}
