// The agent's flags, as data: flannel's under flannel's names, then those that only heddle has.
// What each may be is checked by the command line; what it means is said in settings.ts.
import { QUEUES_MAX } from "../queues.ts";

export type FlagKind =
  | "text"
  /** May be there several times. */
  | "texts"
  | "switch"
  | "whole"
  | "address"
  | "endpoints"
  /** Understood, and without effect here. */
  | "ignored"
  /** Of flannel's Kubernetes manager, which heddle has not. */
  | "kube";

export interface Flag {
  readonly name: string;
  readonly kind: FlagKind;
  readonly help: string;
  readonly fallback?: string | number | boolean;
  readonly min?: number;
  readonly max?: number;
  readonly choices?: readonly string[];
}

/** Where leases live, and which network of the store: who asks a store needs no more. */
export const STORE_FLAGS: readonly Flag[] = [
  {
    name: "etcd-endpoints",
    kind: "endpoints",
    help: "URLs of etcd's servers, separated by commas",
    fallback: "http://127.0.0.1:4001,http://127.0.0.1:2379",
  },
  {
    name: "etcd-prefix",
    kind: "text",
    help: "of the network's keys",
    fallback: "/coreos.com/network",
  },
  { name: "etcd-keyfile", kind: "text", help: "the key of this client, PEM", fallback: "" },
  { name: "etcd-certfile", kind: "text", help: "its certificate", fallback: "" },
  { name: "etcd-cafile", kind: "text", help: "who signs the servers' certificates", fallback: "" },
  { name: "etcd-username", kind: "text", help: "a user of etcd", fallback: "" },
  { name: "etcd-password", kind: "text", help: "the password", fallback: "" },
];

const FLANNEL_FLAGS: readonly Flag[] = [
  { name: "iface", kind: "texts", help: "an interface or its address; the first that is there" },
  { name: "iface-regex", kind: "texts", help: "matches an address, or else a name" },
  { name: "iface-can-reach", kind: "address", help: "the interface that leads there" },
  {
    name: "subnet-file",
    kind: "text",
    help: "what docker and CNI read",
    fallback: "/run/flannel/subnet.env",
  },
  { name: "public-ip", kind: "address", help: "what the others send to" },
  { name: "public-ipv6", kind: "text", help: "refused: heddle's overlay is IPv4", fallback: "" },
  {
    name: "subnet-lease-renew-margin",
    kind: "whole",
    help: "minutes before its end that a lease is renewed",
    fallback: 60,
    min: 1,
    max: 1439,
  },
  { name: "ip-masq", kind: "switch", help: "masquerade what leaves the network", fallback: false },
  {
    name: "ip-masq-fully-random-disable",
    kind: "switch",
    help: "masquerade without --random-fully",
    fallback: false,
  },
  {
    name: "healthz-ip",
    kind: "address",
    help: "where /healthz, /readyz and /metrics are",
    fallback: "0.0.0.0",
  },
  {
    name: "healthz-port",
    kind: "whole",
    help: "their port; 0: nowhere",
    fallback: 0,
    min: 0,
    max: 65535,
  },
  {
    name: "iptables-resync",
    kind: "whole",
    help: "seconds between two looks at the rules",
    fallback: 5,
    min: 1,
    max: 86400,
  },
  {
    name: "iptables-forward-rules",
    kind: "switch",
    help: "accept what is forwarded from and to the network",
    fallback: true,
  },
  {
    name: "ip-blackhole-route",
    kind: "switch",
    help: "a blackhole for what of the own subnet no bridge takes",
    fallback: false,
  },
  { name: "version", kind: "switch", help: "print the version and exit", fallback: false },
  { name: "v", kind: "whole", help: "how much is said, 0 to 10", fallback: 0, min: 0, max: 10 },
  { name: "vmodule", kind: "ignored", help: "" },
  { name: "log_backtrace_at", kind: "ignored", help: "" },
  { name: "kube-subnet-mgr", kind: "kube", help: "" },
  { name: "kube-api-url", kind: "kube", help: "" },
  { name: "kubeconfig-file", kind: "kube", help: "" },
  { name: "kube-annotation-prefix", kind: "kube", help: "" },
  { name: "set-node-network-unavailable", kind: "kube", help: "" },
];

const HEDDLE_FLAGS: readonly Flag[] = [
  {
    name: "net-config-path",
    kind: "text",
    help: "the network's config for --store memory and file, where the store has none",
    fallback: "/etc/kube-flannel/net-conf.json",
  },
  {
    name: "datapath",
    kind: "text",
    help: "what carries VXLAN",
    fallback: "wasm",
    choices: ["wasm", "kernel"],
  },
  {
    name: "strict-peers",
    kind: "switch",
    help: "take packets only from who holds a lease",
    fallback: true,
  },
  {
    name: "mss-clamp",
    kind: "switch",
    help: "lower the MSS of TCP to what fits the tunnel",
    fallback: false,
  },
  {
    name: "path-mtu",
    kind: "switch",
    help: "send VXLAN with DF, and learn what the path to each peer takes",
    fallback: false,
  },
  {
    name: "offload",
    kind: "switch",
    help: "take super-packets from the kernel, and give them, where it has them",
    fallback: true,
  },
  {
    name: "queues",
    kind: "whole",
    help: "threads that share the core's packets by flow, for hosts with processors to spare",
    fallback: 1,
    min: 1,
    max: QUEUES_MAX,
  },
  {
    name: "per-direction",
    kind: "switch",
    help: "two threads in place of each: one for what leaves, one for what comes",
    fallback: false,
  },
  { name: "release", kind: "switch", help: "give the lease back at the end", fallback: false },
  { name: "json", kind: "switch", help: "say everything as JSON", fallback: false },
  { name: "dry-run", kind: "switch", help: "print the plan, change nothing", fallback: false },
];

/** Which agent of this machine: for `up`, and for whoever asks it. */
export const SOCKET_FLAG: Flag = {
  name: "socket",
  kind: "text",
  help: "the agent's socket; without it one in /run/heddle, by --etcd-prefix",
  fallback: "",
};

/** Other stores than etcd. */
export const STORE_KIND_FLAG: Flag = {
  name: "store",
  kind: "text",
  help: "where leases live: etcd, file:PATH, or memory",
  fallback: "etcd",
};

export const UP_FLAGS: readonly Flag[] = [
  ...STORE_FLAGS,
  ...FLANNEL_FLAGS,
  STORE_KIND_FLAG,
  ...HEDDLE_FLAGS,
  SOCKET_FLAG,
];

const OURS: ReadonlySet<string> = new Set(
  [...HEDDLE_FLAGS, STORE_KIND_FLAG, SOCKET_FLAG].map(({ name }) => name),
);

/** The environment's twin of a flag: FLANNELD_IP_MASQ, HEDDLE_DATAPATH. */
export function variableOf({ name }: Flag): string {
  const words = name.toUpperCase().replaceAll(/[-.]/g, "_");
  return `${OURS.has(name) ? "HEDDLE" : "FLANNELD"}_${words}`;
}
