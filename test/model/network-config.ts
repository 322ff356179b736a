// Flannel's network config, as it is told: members one after the other, each key looked for in all
// of them, each rule in its turn. What the agent's reader is compared with.
import { Bad, type Family, type Given, IPV4, IPV6, Members, type ModelMember } from "./members.ts";

export interface ModelRange {
  readonly network: string;
  readonly subnetLen: number;
  readonly subnetMin: string;
  readonly subnetMax: string;
}

/** The config as the agent spells it; or the code of the error. */
export type ModelConfig =
  | "BadConfig"
  | "BadBackend"
  | (ModelRange & Readonly<Record<string, unknown>>);

/** What becomes of a config of these members. */
export function judgeConfig(members: readonly ModelMember[]): ModelConfig {
  try {
    return judge(members);
  } catch (error) {
    if (error instanceof Bad) return error.code as "BadConfig" | "BadBackend";
    throw error;
  }
}

function judge(members: readonly ModelMember[]): ModelConfig {
  const texts = new Members(members, "BadConfig");
  const enableIpv4 = texts.boolean("EnableIPv4", true);
  const enableIpv6 = texts.boolean("EnableIPv6", false);
  const enableNftables = texts.boolean("EnableNFTables", false);
  const ipv4 = texts.range("", IPV4);
  const ipv6 = texts.range("IPv6", IPV6);
  const backend = texts.all("Backend").at(-1);
  if (backend !== undefined) Members.of(backend, "BadConfig").string("Type");
  const none = { network: "0.0.0.0/0", subnetLen: 0, subnetMin: "0.0.0.0", subnetMax: "0.0.0.0" };
  return {
    enableIpv4,
    enableIpv6,
    enableNftables,
    ...(enableIpv4 ? complete(ipv4, IPV4) : none),
    ipv6: enableIpv6 ? complete(ipv6, IPV6) : null,
    backend: judgeBackend(backend),
  };
}

function complete(given: Given, { bits, lenMax, lenUsual, write }: Family): ModelRange {
  if (given.network === undefined) throw new Bad("BadConfig");
  const [address, len] = given.network;
  if (len === 0) throw new Bad("BadConfig");
  let subnetLen = Number(given.subnetLen);
  if (subnetLen > lenMax || (subnetLen > 0 && subnetLen < len + 2)) throw new Bad("BadConfig");
  if (subnetLen === 0 && len > lenMax - 2) throw new Bad("BadConfig");
  if (subnetLen === 0) subnetLen = len <= lenUsual - 2 ? lenUsual : len + 2;
  const size = 2n ** BigInt(bits - subnetLen);
  const next = address + 2n ** BigInt(bits - len);
  const min = given.subnetMin === 0n ? address + size : given.subnetMin;
  const max = given.subnetMax === 0n ? next - size : given.subnetMax;
  if (min < address || max < address || min >= next || max >= next) throw new Bad("BadConfig");
  if (min % size !== 0n || max % size !== 0n || min > max) throw new Bad("BadConfig");
  return {
    network: `${write(address)}/${len}`,
    subnetLen,
    subnetMin: write(min),
    subnetMax: write(max),
  };
}

function judgeBackend(value: ModelMember["value"] | undefined): unknown {
  if (value === undefined) return { type: "udp", port: 8285 };
  const texts = Members.of(value, "BadBackend");
  const type = texts.string("Type").toLowerCase();
  if (type === "alloc" || type === "host-gw") return { type };
  if (type === "udp") return { type, port: texts.number("Port", 8285, 1, 65535) };
  if (type !== "vxlan") throw new Bad("BadBackend");
  const mtu = texts.number("MTU", 0, 0, 65535);
  if (mtu > 0 && mtu < 118) throw new Bad("BadBackend");
  return {
    type,
    vni: texts.number("VNI", 1, 0, 0xffffff),
    port: texts.number("Port", 0, 0, 65535),
    mtu,
    gbp: texts.boolean("GBP", false),
    learning: texts.boolean("Learning", false),
    directRouting: texts.boolean("DirectRouting", false),
  };
}
