// The host as its own tools show it. Nothing is changed, and a tool that is not there, or not
// allowed, makes one fact less and no error.
import { readFileSync } from "node:fs";
import type { Chain, HostFacts, LinkFact } from "../../agent/doctor/index.ts";
import { parseIptables, parseNftables } from "../../agent/doctor/index.ts";
import type { Link, ObservedFdb, ObservedNeighbor } from "../../agent/observed.ts";
import { ask } from "../agent/control-client.ts";
import { Netcfg } from "../agent/netcfg.ts";
import { attempt } from "../netns.ts";
import { boundSockets } from "./sockets.ts";

const SETTINGS = [
  "net/ipv4/ip_forward",
  "net/ipv4/conf/all/rp_filter",
  "net/bridge/bridge-nf-call-iptables",
];
const LINK_SETTINGS = ["forwarding", "rp_filter"];
const TUNNELS: ReadonlySet<string> = new Set(["vxlan", "tun"]);

/** Everything but the ways to peers, which hang on what the leases say. */
export async function gatherHost(subnetFile: string, socket: string): Promise<HostFacts> {
  const netcfg = new Netcfg();
  const found = await netcfg.links();
  const tunnels = found.filter(({ kind }) => TUNNELS.has(kind));
  const agentFdb = await askForFdb(socket);
  const [links, routes, neighbors, fdb, chains] = await Promise.all([
    describe(netcfg, found),
    netcfg.routes(),
    neighborsOf(netcfg, tunnels),
    fdbOf(netcfg, tunnels),
    gatherChains(),
  ]);
  return {
    ...{ links, routes, neighbors, chains },
    fdb: [...fdb, ...(agentFdb ?? [])],
    settings: gatherSettings(found),
    sockets: boundSockets(),
    subnetFile: { path: subnetFile, text: textOf(subnetFile) },
    paths: [],
    restart: `systemctl restart ${agentFdb === null ? "flanneld" : "heddle"}`,
  };
}

/** IPv4 addresses and offloads beside what `ip link` says. */
async function describe(netcfg: Netcfg, links: readonly Link[]): Promise<LinkFact[]> {
  const addresses = await netcfg.addresses();
  return Promise.all(
    links.map(async (link) => ({
      ...link,
      addresses: addresses.filter(({ dev }) => dev === link.name).map(({ address }) => address),
      offloadsChecksum: link.kind === "vxlan" ? await offloads(link.name) : null,
    })),
  );
}

async function neighborsOf(netcfg: Netcfg, links: readonly Link[]): Promise<ObservedNeighbor[]> {
  return (await Promise.all(links.map(({ name }) => netcfg.neighbors(name)))).flat();
}

async function fdbOf(netcfg: Netcfg, links: readonly Link[]): Promise<ObservedFdb[]> {
  const devices = links.filter(({ kind }) => kind === "vxlan");
  return (await Promise.all(devices.map(({ name }) => netcfg.fdb(name)))).flat();
}

/** Null where no agent of heddle's answers. */
async function askForFdb(socket: string): Promise<ObservedFdb[] | null> {
  try {
    const entries = (await ask(socket, "/fdb")) as Omit<ObservedFdb, "isPermanent">[];
    return entries.map(({ dev, mac, dst }) => ({ dev, mac, dst, isPermanent: true }));
  } catch {
    return null;
  }
}

async function offloads(device: string): Promise<boolean | null> {
  const printed = await printedBy("ethtool", "-k", device);
  const state = /^\s*tx-checksum-ip-generic: (on|off)/m.exec(printed ?? "")?.[1];
  return state === undefined ? null : state === "on";
}

/** Null where neither tool could say anything. */
async function gatherChains(): Promise<Chain[] | null> {
  const [saved, listed] = await Promise.all([
    printedBy("iptables-save"),
    printedBy("nft", "-j", "list", "ruleset"),
  ]);
  if (saved === null && listed === null) return null;
  return [...parseIptables(saved ?? ""), ...(parseNftables(rulesetOf(listed)) ?? [])];
}

function rulesetOf(text: string | null): unknown {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return null;
  }
}

function gatherSettings(links: readonly Link[]): Record<string, string> {
  const perLink = links.flatMap(({ name }) =>
    LINK_SETTINGS.map((setting) => `net/ipv4/conf/${name}/${setting}`),
  );
  const values = [...SETTINGS, ...perLink].map((path) => [path, textOf(`/proc/sys/${path}`)]);
  return Object.fromEntries(
    values.flatMap(([path, text]) => (text === null ? [] : [[path, text?.trim()]])),
  );
}

/** What a program printed; null where it failed, or is not there. */
export async function printedBy(program: string, ...words: string[]): Promise<string | null> {
  try {
    const { printed, status } = await attempt(program, words);
    return status === 0 ? printed : null;
  } catch {
    return null;
  }
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
