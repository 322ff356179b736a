// The same network in real namespaces: a script of `ip`, `bridge` and `iptables` that builds it,
// and one that takes it away. What a kernel cannot do is left out, and said.
import type { FabricSpec, NamespaceSpec, NetworkSpec } from "../spec/network.ts";
import { parseFdb } from "../words/fdb.ts";
import { parseNeighbor } from "../words/neighbor.ts";
import { parseRoute } from "../words/route.ts";
import { configure, create, nameOf, type Placed, placedIn, UNPLUGGED } from "./devices.ts";
import { inside, ip, netns, quietly, quote, setting, tell, words } from "./script.ts";

const TEARDOWN = `#!/bin/sh
# Takes away what the script of the same network built, under the same P.
set -u
P=\${P-lab-}
`;

const HEAD = `#!/bin/sh
# Builds this network in namespaces of the kernel. Root is needed, and iproute2; iptables where
# there are rules. P=other- builds one more beside it.
set -eu
P=\${P-lab-}

setting() {
  ip netns exec "$1" sh -c 'echo "$2" > "/proc/sys/$1"' - "$2" "$3" 2>/dev/null ||
    echo "$1: this kernel has no $2" >&2
}`;

/** Kinds of devices that some kernels have and others not. */
const OPTIONAL: ReadonlySet<string> = new Set(["ipip", "sit"]);

/** A POSIX shell script that builds the network, or nothing of it. */
export function exportNetns(network: NetworkSpec): string {
  const placed = placedIn(network);
  const sure = placed.filter(({ device }) => isSure(device.kind));
  const lines = [
    HEAD,
    ...section("Once only", refuseTwice(network)),
    ...section("All of it, or nothing", [...undo(network), "trap undo EXIT"]),
    ...section("Namespaces", namesOf(network).flatMap(openNamespace)),
    ...section("Switches", network.fabrics.flatMap(openFabric)),
    ...section("Devices", sure.flatMap(create)),
    ...section("Settings", namespacesOf(network).flatMap(settingsOf)),
    ...section("Addresses", sure.flatMap(configure)),
    ...section("Tables", namespacesOf(network).flatMap(tablesOf)),
    ...section("Devices that not every kernel has", placed.flatMap(attempt)),
    ...section("What is left to others", [
      ...placed.flatMap(regret),
      ...network.fabrics.flatMap(perfect),
      ...namespacesOf(network).flatMap(programs),
    ]),
    "",
    "trap - EXIT",
  ];
  return `${lines.join("\n")}\n`;
}

/** A POSIX shell script that takes away what the other one built. */
export function exportTeardown(network: NetworkSpec): string {
  return `${[TEARDOWN, ...undo(network), "undo"].join("\n")}\n`;
}

function isSure(kind: string): boolean {
  return kind !== "weave" && !OPTIONAL.has(kind);
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", `# ${title}.`, ...lines];
}

function namespacesOf(network: NetworkSpec): readonly NamespaceSpec[] {
  return network.hosts.flatMap(({ namespaces }) => namespaces);
}

/** Every namespace of the script; a cable has none. */
function namesOf(network: NetworkSpec): readonly string[] {
  const fabrics = network.fabrics.filter(({ kind }) => kind !== "cable");
  const plugged = new Set(network.fabrics.flatMap(({ ports }) => ports));
  const isLoose = placedIn(network).some(
    (each) => each.device.kind === "nic" && !plugged.has(nameOf(each)),
  );
  return [
    ...fabrics.map(({ name }) => name),
    ...namespacesOf(network).map(({ name }) => name),
    ...(isLoose ? [UNPLUGGED] : []),
  ];
}

function refuseTwice(network: NetworkSpec): string[] {
  return [
    `for n in ${namesOf(network).map(quote).join(" ")}; do`,
    '  if [ -e "/run/netns/$P$n" ]; then',
    '    echo "$P$n is there already" >&2',
    "    exit 1",
    "  fi",
    "done",
  ];
}

function undo(network: NetworkSpec): string[] {
  return [
    "undo() {",
    `  for n in ${namesOf(network).map(quote).join(" ")}; do`,
    '    ip netns del "$P$n" 2>/dev/null || :',
    "  done",
    "}",
  ];
}

/** Without IPv6, which the lab does not have. */
function openNamespace(name: string): string[] {
  return [
    `ip netns add ${netns(name)}`,
    ...["all", "default"].map((which) => setting(name, `net.ipv6.conf.${which}.disable_ipv6`, 1)),
    ip(name, "link set lo up"),
  ];
}

/** A hub is a bridge that forgets at once. */
function openFabric({ name, kind }: FabricSpec): string[] {
  if (kind === "cable") return [];
  const age = kind === "hub" ? " ageing_time 0" : "";
  return [
    ip(name, `link add ${quote(name)} type bridge${age} mcast_snooping 0`),
    ip(name, `link set ${quote(name)} up`),
  ];
}

/** Those of the lab's namespaces, which send no redirects, where a kernel's may be others. */
const BEGINNING: Readonly<Record<string, number>> = {
  "net.ipv4.conf.all.send_redirects": 0,
  "net.ipv4.conf.default.send_redirects": 0,
  "net.ipv4.conf.all.rp_filter": 0,
  "net.ipv4.conf.default.rp_filter": 0,
  "net.bridge.bridge-nf-call-iptables": 0,
};

function settingsOf({ name, kind, sysctls = {} }: NamespaceSpec): string[] {
  const forwards = { "net.ipv4.ip_forward": kind === "host" ? 1 : 0 };
  const usual = Object.entries({ ...BEGINNING, ...forwards })
    .filter(([key]) => sysctls[key] === undefined)
    .map(([key, value]) => quietly(setting(name, key, value)));
  return [...usual, ...Object.entries(sysctls).map(([key, value]) => setting(name, key, value))];
}

/** Entries of devices that are surely there. */
function tablesOf(namespace: NamespaceSpec): string[] {
  const names = namespace.devices.filter(({ kind }) => !isSure(kind)).map(({ name }) => name);
  return [
    ...entriesOf(namespace, (device) => device === null || !names.includes(device)),
    ...(namespace.rules ?? []).map((text) => inside(namespace.name, `iptables -w ${words(text)}`)),
  ];
}

/** What stands in tables about certain devices. */
function entriesOf(
  namespace: NamespaceSpec,
  isMeant: (device: string | null) => boolean,
): string[] {
  const { name, neighbors = [], fdb = [], routes = [] } = namespace;
  const seen = new Set<string>();
  const verb = (text: string): string => {
    const { mac, device } = parseFdb(text);
    const isSecond = seen.has(`${mac} ${device}`); // one station may have several remotes
    seen.add(`${mac} ${device}`);
    return isSecond ? "append" : "add";
  };
  return [
    ...neighbors
      .filter((text) => isMeant(parseNeighbor(text).device))
      .map((text) => ip(name, `neigh add ${words(text)}`)),
    ...fdb
      .filter((text) => isMeant(parseFdb(text).device))
      .map((text) => `bridge -n ${netns(name)} fdb ${verb(text)} ${words(text)}`),
    ...routes
      .filter((text) => isMeant(parseRoute(text).device))
      .map((text) => ip(name, `route add ${words(text)}`)),
  ];
}

/** A device of a module that may be missing, with all that stands in tables about it. */
function attempt(placed: Placed): string[] {
  const { namespace, device } = placed;
  if (!OPTIONAL.has(device.kind)) return [];
  const [made = "", ...rest] = create(placed);
  const follows = [
    ...rest,
    ...configure(placed),
    ...entriesOf(namespace, (name) => name === device.name),
  ];
  const missing = `${nameOf(placed)}: this kernel has no ${device.kind}, so it is left out`;
  return [
    `if ${made} 2>/dev/null; then`,
    ...follows.map((line) => `  ${line}`),
    "else",
    `  ${tell(missing)}`,
    "fi",
  ];
}

/** Devices whose work is done by a program in user space. */
function regret(placed: Placed): string[] {
  const { device } = placed;
  if (device.kind === "weave") {
    return [tell(`${nameOf(placed)}: left out, it is the router of Weave, in user space`)];
  }
  if (device.kind !== "tun") return [];
  const port = device.port ?? 8285;
  return [
    tell(`${nameOf(placed)}: a flanneld has to serve it, at UDP ${device.local}:${port}`),
    ...device.leases.map((lease) => `# ${nameOf(placed)}: ${lease}`),
  ];
}

function perfect({ name, link }: FabricSpec): string[] {
  const isFaulty = link !== undefined && Object.keys(link).some((key) => key !== "delayNs");
  return isFaulty ? [tell(`${name}: its faults are left out, it carries all`)] : [];
}

function programs({ name, listeners = [] }: NamespaceSpec): string[] {
  return listeners.map(
    ({ app, protocol, port, does }) => `# ${name}: ${app} on ${protocol} ${port}, ${does}.`,
  );
}
