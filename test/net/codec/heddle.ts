// A packet as heddle decodes it, in the words that it shares with the other witnesses.
import { type Core, type DecodedLayer, decode } from "../../../bindings/core/index.ts";
import type { Told } from "./tshark.ts";

/** Throws when the packet has an error. */
export function toldByHeddle(core: Core, bytes: Uint8Array, link: "ethernet" | "ip"): Told[] {
  const { error, layers } = decode(core, bytes, { link });
  if (error !== undefined) throw new Error(JSON.stringify(error));
  return layers.flatMap((layer, at) => toldOf(layer, layers[at - 1]));
}

/** What tshark does not say of ICMP, by type. */
const UNTOLD: Readonly<Record<number, string>> = { 4: "unused", 10: "rest" };
const IGMP_REPORT_V3 = 0x22;

function toldOf(decoded: DecodedLayer, before: DecodedLayer | undefined): Told[] {
  const { layer, status } = decoded;
  if (layer === "payload" && before?.layer === "igmp") return []; // tshark reads records there
  const fields: Record<string, unknown> = { ...decoded.fields };
  if (decoded.layer === "ipv4") fields.options = optionsOf(decoded.fields.options);
  if (decoded.layer === "icmp") delete fields[UNTOLD[decoded.fields.type] ?? ""];
  if (decoded.layer === "igmp" && decoded.fields.type === IGMP_REPORT_V3) delete fields.flags;
  return [{ layer, fields, ...(status === "BadChecksum" && { status }) }];
}

const END = "00";
const NOP = "01";

/** Each option by itself, in no order, up to the end of the list. */
function optionsOf(digits: string): string[] {
  const options: string[] = [];
  for (let at = 0; at < digits.length; ) {
    const kind = digits.slice(at, at + 2);
    const isBare = kind === END || kind === NOP;
    const len = isBare ? 2 : 2 * Number.parseInt(digits.slice(at + 2, at + 4), 16);
    options.push(digits.slice(at, at + len));
    if (kind === END) break;
    at += len;
  }
  return options.toSorted();
}
