// What an agent is told on its command line, checked and in one piece.
import { createHash } from "node:crypto";
import { posix } from "node:path";
import type { DatapathKind } from "./datapath.ts";
import { parsePattern } from "./pattern.ts";

/** Where leases live. */
export interface StoreSettings {
  readonly kind: "etcd" | "file" | "memory";
  /** Of the file; "" for others. */
  readonly path: string;
  readonly endpoints: readonly string[];
  /** In front of all keys, without a slash at its end. */
  readonly prefix: string;
  readonly keyFile: string;
  readonly certFile: string;
  readonly caFile: string;
  readonly username: string;
  readonly password: string;
  /** What `file` and `memory` take their config from where they hold none. */
  readonly configFile: string;
}

export interface AgentSettings {
  readonly store: StoreSettings;
  readonly interfaces: readonly string[];
  readonly interfacePatterns: readonly string[];
  readonly canReach: string;
  readonly publicIp: string;
  readonly subnetFile: string;
  readonly renewMarginS: number;
  readonly masquerades: boolean;
  readonly isFullyRandom: boolean;
  readonly forwards: boolean;
  readonly blackholes: boolean;
  readonly resyncMs: number;
  readonly healthIp: string;
  /** 0: no server. */
  readonly healthPort: number;
  readonly datapath: DatapathKind;
  readonly isStrict: boolean;
  readonly clampsMss: boolean;
  /** VXLAN goes out with DF, and the path to each peer is learned. */
  readonly findsPathMtu: boolean;
  /** Whether the core takes super-packets where the kernel has them. */
  readonly hasOffload: boolean;
  /** Of the core's device, each with a thread of its own. */
  readonly queues: number;
  /** Each of them with two. */
  readonly perDirection: boolean;
  readonly releases: boolean;
  readonly socket: string;
  readonly printsJson: boolean;
  readonly verbosity: number;
}

/** The flags that name a store, as the command line gives them, under commander's names. */
export interface StoreOptions {
  readonly store: string;
  readonly etcdEndpoints: readonly string[];
  readonly etcdPrefix: string;
  readonly etcdKeyfile: string;
  readonly etcdCertfile: string;
  readonly etcdCafile: string;
  readonly etcdUsername: string;
  readonly etcdPassword: string;
  /** Who only reads has none. */
  readonly netConfigPath?: string;
}

/** All flags of `heddle up`. */
export interface UpOptions extends StoreOptions {
  readonly iface: readonly string[];
  readonly ifaceRegex: readonly string[];
  readonly ifaceCanReach: string;
  readonly subnetFile: string;
  readonly publicIp: string;
  readonly publicIpv6: string;
  readonly subnetLeaseRenewMargin: number;
  readonly ipMasq: boolean;
  readonly ipMasqFullyRandomDisable: boolean;
  readonly healthzIp: string;
  readonly healthzPort: number;
  readonly iptablesResync: number;
  readonly iptablesForwardRules: boolean;
  readonly ipBlackholeRoute: boolean;
  readonly version: boolean;
  readonly v: number;
  readonly netConfigPath: string;
  readonly datapath: DatapathKind;
  readonly strictPeers: boolean;
  readonly mssClamp: boolean;
  readonly pathMtu: boolean;
  readonly offload: boolean;
  readonly queues: number;
  readonly perDirection: boolean;
  readonly release: boolean;
  readonly json: boolean;
  readonly dryRun: boolean;
  readonly socket: string;
}

/** Flags that contradict each other, or ask for what there is not. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}

const SOCKET_FOLDER = "/run/heddle";
const PREFIX_DEFAULT = "/coreos.com/network";
const SECONDS_PER_MINUTE = 60;

export function settingsOf(options: UpOptions): AgentSettings {
  if (options.publicIpv6 !== "") {
    throw new SettingsError("--public-ipv6: heddle's overlay is IPv4, and so are its tunnels");
  }
  const store = storeSettingsOf(options);
  return {
    store,
    interfaces: options.iface,
    interfacePatterns: options.ifaceRegex.map(checkPattern),
    canReach: options.ifaceCanReach,
    publicIp: options.publicIp,
    subnetFile: options.subnetFile,
    renewMarginS: options.subnetLeaseRenewMargin * SECONDS_PER_MINUTE,
    masquerades: options.ipMasq,
    isFullyRandom: !options.ipMasqFullyRandomDisable,
    forwards: options.iptablesForwardRules,
    blackholes: options.ipBlackholeRoute,
    resyncMs: options.iptablesResync * 1000,
    healthIp: options.healthzIp || "0.0.0.0",
    healthPort: options.healthzPort,
    datapath: options.datapath,
    isStrict: options.strictPeers,
    clampsMss: options.mssClamp,
    findsPathMtu: options.pathMtu,
    hasOffload: options.offload,
    queues: options.queues,
    perDirection: options.perDirection,
    releases: options.release,
    socket: options.socket || socketOf(store.prefix),
    printsJson: options.json,
    verbosity: options.v,
  };
}

/** The socket of the agent of one network: several can run on a host, for a prefix each. */
export function socketOf(prefix: string): string {
  if (cleanPrefix(prefix) === PREFIX_DEFAULT) return `${SOCKET_FOLDER}/agent.sock`;
  const digest = createHash("sha256").update(cleanPrefix(prefix)).digest("hex").slice(0, 8);
  return `${SOCKET_FOLDER}/agent-${digest}.sock`;
}

/** Throws SettingsError. */
export function storeSettingsOf(options: StoreOptions): StoreSettings {
  const { etcdKeyfile, etcdCertfile } = options;
  if ((etcdKeyfile === "") !== (etcdCertfile === "")) {
    throw new SettingsError("--etcd-keyfile and --etcd-certfile take each other: give both");
  }
  return {
    ...storeOf(options.store),
    endpoints: options.etcdEndpoints,
    prefix: cleanPrefix(options.etcdPrefix),
    keyFile: etcdKeyfile,
    certFile: etcdCertfile,
    caFile: options.etcdCafile,
    username: options.etcdUsername,
    password: options.etcdPassword,
    configFile: options.netConfigPath ?? "",
  };
}

function storeOf(text: string): Pick<StoreSettings, "kind" | "path"> {
  if (text === "etcd" || text === "memory") return { kind: text, path: "" };
  const path = /^file:(.+)$/.exec(text)?.[1];
  if (path !== undefined) return { kind: "file", path };
  throw new SettingsError(`--store ${text}: expected etcd, memory or file:PATH`);
}

/** As Go's path.Join has it: no double slash, none at the end. */
function cleanPrefix(prefix: string): string {
  const clean = posix.normalize(prefix === "" ? "/" : prefix);
  return clean.replace(/\/$/, "");
}

function checkPattern(text: string): string {
  try {
    parsePattern(text);
    return text;
  } catch (error) {
    throw new SettingsError(`--iface-regex: ${error instanceof Error ? error.message : error}`);
  }
}
