// The Backend object of a network config: its keys, defaults and limits.
import { HeddleError, VNI_MAX } from "../core/index.ts";
import { type Bounds, Fields } from "./fields.ts";
import type { JsonNode } from "./json.ts";

export interface VxlanConfig {
  readonly type: "vxlan";
  readonly vni: number;
  /** 0: the kernel's default, 8472. */
  readonly port: number;
  /** Of the underlay's packets; 0: the external interface's. The device has 50 less. */
  readonly mtu: number;
  readonly gbp: boolean;
  readonly learning: boolean;
  readonly directRouting: boolean;
}

export interface UdpConfig {
  readonly type: "udp";
  readonly port: number;
}

export interface PlainConfig {
  readonly type: "host-gw" | "alloc";
}

export type BackendConfig = VxlanConfig | UdpConfig | PlainConfig;

/** Every type of backend that a node can have. */
export const BACKEND_TYPES: readonly BackendConfig["type"][] = ["alloc", "host-gw", "udp", "vxlan"];

const VNI: Bounds = { min: 0, max: VNI_MAX };
const PORT_MAX = 65535;
const MTU_MAX = 65535;
const VXLAN_OVERHEAD_LEN = 50;
const IPV4_MTU_MIN = 68; // RFC 791: what every link carries
const UDP_PORT = 8285;

/**
 * The backend that is meant. Nothing, not even null, is udp, as flannel has it, whatever flannel's
 * documentation says. Throws HeddleError BadBackend for a type that is not of BACKEND_TYPES, and
 * for a value that cannot be: flannel gives up then, and does not wait for a better config.
 */
export function readBackend(node: JsonNode | undefined): BackendConfig {
  if (node === undefined) return { type: "udp", port: UDP_PORT };
  const fields = new Fields(node, "BadBackend", "Backend.");
  const name = fields.string("Type", "");
  const type = BACKEND_TYPES.find((known) => known === name.toLowerCase());
  if (type === undefined) {
    throw new HeddleError("BadBackend", name, `Backend.Type: one of ${BACKEND_TYPES.join(", ")}`);
  }
  if (type === "vxlan") return readVxlan(fields);
  if (type !== "udp") return { type };
  return { type, port: fields.integer("Port", UDP_PORT, { min: 1, max: PORT_MAX }) };
}

function readVxlan(fields: Fields): VxlanConfig {
  const mtu = fields.integer("MTU", 0, { min: 0, max: MTU_MAX });
  const least = IPV4_MTU_MIN + VXLAN_OVERHEAD_LEN;
  if (mtu !== 0 && mtu < least) {
    throw new HeddleError("BadBackend", mtu, `Backend.MTU: ${least} at least, or 0`);
  }
  return {
    type: "vxlan",
    vni: fields.integer("VNI", 1, VNI),
    port: fields.integer("Port", 0, { min: 0, max: PORT_MAX }),
    mtu,
    gbp: fields.boolean("GBP", false),
    learning: fields.boolean("Learning", false),
    directRouting: fields.boolean("DirectRouting", false),
  };
}
