// What iproute2 prints with `-json`, read into what the agent compares. Other versions print more
// and other fields: what is missing has a default, what is unknown is left alone.
import type {
  Link,
  ObservedAddress,
  ObservedFdb,
  ObservedNeighbor,
  ObservedRoute,
  VxlanLink,
} from "../../agent/observed.ts";

/** How packets to an address would leave. */
export interface RouteLookup {
  readonly dst: string;
  /** null: the address is on the link. */
  readonly via: string | null;
  readonly dev: string;
  /** The source that such packets have. */
  readonly source: string | null;
  /** "local", "broadcast"; "unicast" where nothing is said. */
  readonly type: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** Of `ip -details link show`. */
export function parseLinks(printed: unknown): Link[] {
  return records(printed).map((link) => {
    const flags = strings(link.flags);
    const info = fields(link.linkinfo);
    const kind = text(info.info_kind) ?? "";
    return {
      index: number(link.ifindex) ?? 0,
      name: text(link.ifname) ?? "",
      mtu: number(link.mtu) ?? 0,
      mac: text(link.address),
      isUp: flags.includes("UP"),
      isLoopback: flags.includes("LOOPBACK"),
      kind,
      vxlan: kind === "vxlan" ? vxlanOf(fields(info.info_data)) : null,
    };
  });
}

/** What flannel never asks for: a device that has it was made by somebody else. */
const EXTRAS = ["tos", "proxy", "rsc", "l2miss", "l3miss", "external", "remote", "vnifilter"];
const TTL_INHERIT = -1;

function vxlanOf(data: Fields): VxlanLink {
  return {
    vni: number(data.id) ?? 0,
    underlay: text(data.link),
    local: text(data.local),
    group: text(data.group),
    port: number(data.port) ?? 0,
    learning: data.learning === true,
    gbp: data.gbp === true,
    ttl: number(data.ttl) ?? TTL_INHERIT,
    hasChecksum: data.udp_csum !== false,
    extras: EXTRAS.filter((name) => ![undefined, false, "0", 0].includes(data[name] as string)),
  };
}

/** Of `ip -4 address show`. */
export function parseAddresses(printed: unknown): ObservedAddress[] {
  return records(printed).flatMap((link) =>
    records(link.addr_info)
      .filter((one) => one.family === "inet")
      .map((one) => ({
        dev: text(link.ifname) ?? "",
        address: `${text(one.local)}/${number(one.prefixlen)}`,
        scope: text(one.scope) ?? "",
        isDynamic: one.dynamic === true,
        isDeprecated: one.deprecated === true,
        isTemporary: one.temporary === true,
      })),
  );
}

/** Of `ip -4 -details route show`. */
export function parseRoutes(printed: unknown): ObservedRoute[] {
  return records(printed)
    .filter((route) => route.tos === undefined)
    .map((route) => ({
      dst: prefixOf(text(route.dst) ?? ""),
      type: text(route.type) ?? "unicast",
      via: text(route.gateway) ?? text(fields(route.via).host),
      dev: text(route.dev),
      isOnlink: strings(route.flags).includes("onlink"),
      protocol: text(route.protocol) ?? "boot",
      scope: text(route.scope) ?? "global",
      metric: number(route.metric) ?? 0,
    }));
}

function prefixOf(dst: string): string {
  if (dst === "default") return "0.0.0.0/0";
  return dst.includes("/") ? dst : `${dst}/32`;
}

/** Of `ip -4 neighbor show dev DEV`. */
export function parseNeighbors(dev: string, printed: unknown): ObservedNeighbor[] {
  return records(printed).map((one) => ({
    dev,
    address: text(one.dst) ?? "",
    mac: text(one.lladdr),
    isPermanent: strings(one.state).includes("PERMANENT"),
  }));
}

/** Of `bridge fdb show dev DEV`. */
export function parseFdb(dev: string, printed: unknown): ObservedFdb[] {
  return records(printed)
    .filter((one) => typeof one.dst === "string")
    .map((one) => ({
      dev,
      mac: text(one.mac) ?? "",
      dst: text(one.dst) ?? "",
      isPermanent: one.state === "permanent",
    }));
}

/** Of a batch of `ip -json route get ADDRESS`: one document a line. */
export function parseLookups(printed: string): Map<string, RouteLookup> {
  const found = new Map<string, RouteLookup>();
  for (const line of printed.split("\n")) {
    if (line.trim() === "") continue;
    for (const one of records(JSON.parse(line))) {
      const dst = text(one.dst) ?? "";
      found.set(dst, {
        dst,
        via: text(one.gateway) ?? text(fields(one.via).host),
        dev: text(one.dev) ?? "",
        source: text(one.prefsrc),
        type: text(one.type) ?? "unicast",
      });
    }
  }
  return found;
}

function records(value: unknown): Fields[] {
  return Array.isArray(value) ? value.map(fields) : [];
}

function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function number(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}
