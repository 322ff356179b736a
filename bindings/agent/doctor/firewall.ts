// What the host's packet filters, whosever they are, do to the overlay's packets. Each question is
// one packet that is sent through the chains.
import { isInside } from "../reconcile.ts";
import { parseSubnetEnv } from "../subnet-env.ts";
import { type Case, deviceOf, lookUp } from "./case.ts";
import { type Finding, wrong } from "./finding.ts";
import { COMMENT, masqueradeFindings, NFT_TABLE } from "./masquerade.ts";
import { type Chain, judge, type Specimen, type Verdict } from "./ruleset.ts";
import { tunnelPort } from "./sockets.ts";

const CONTAINER_PORT = 80;

export function firewallFindings(it: Case): Finding[] {
  const { chains } = it.host;
  if (chains === null) return [];
  const { ipMasq } = parseSubnetEnv(it.host.subnetFile.text ?? "");
  return [
    ...tunnelFindings(it, chains),
    ...forwardFindings(it, chains),
    ...rewriteFindings(it, chains),
    ...(ipMasq === true ? masqueradeFindings(it, chains) : []),
  ];
}

/** A container of this node, and one of the first peer that there is a way to. */
interface Ends {
  readonly here: string;
  readonly there: string;
  /** The devices on this side of it. */
  readonly bridge: string;
  readonly tunnel: string;
}

function endsOf(it: Case): Ends | null {
  const peer = it.peers[0];
  if (peer === undefined) return null;
  const bridge = it.host.links.find(({ name, addresses }) => {
    const isBridge = name !== it.backend.device?.name;
    return isBridge && addresses.some((address) => isInside(it.own.subnet, address));
  });
  const route = lookUp(it.host.routes, second(peer.subnet));
  return {
    here: second(it.own.subnet),
    there: second(peer.subnet),
    bridge: bridge?.name ?? "docker0",
    tunnel: deviceOf(it)?.[0].name ?? route?.dev ?? it.external.name,
  };
}

/** "10.5.72.2" of "10.5.72.0/24": the first that a container can have. */
function second(subnet: string): string {
  const parts = subnet.slice(0, subnet.indexOf("/")).split(".");
  return [...parts.slice(0, 3), Number(parts[3]) + 2].join(".");
}

function tunnelFindings(it: Case, chains: readonly Chain[]): Finding[] {
  const dstPort = tunnelPort(it);
  const peer = it.peers[0];
  if (dstPort === null || peer === undefined) return [];
  const { address, name } = it.external;
  const ends = { src: peer.remote, dst: address, inDev: name };
  const verdict = judge(chains, "input", { ...ends, protocol: "udp", dstPort });
  if (verdict.outcome !== "drop") return [];
  const message = `what peers send to UDP port ${dstPort} is dropped by ${nameOf(verdict)}`;
  const command = insert(verdict, `-p udp --dport ${dstPort} -j ACCEPT`, `udp dport ${dstPort}`);
  return [wrong("port-blocked", `UDP ${dstPort}`, message, command)];
}

function forwardFindings(it: Case, chains: readonly Chain[]): Finding[] {
  const ends = endsOf(it);
  if (ends === null) return [];
  const verdicts = bothWays(ends).map((packet) => judge(chains, "forward", packet));
  const verdict = verdicts.find(({ outcome }) => outcome === "drop");
  if (verdict === undefined) return [];
  const { network } = it.config;
  const message = `what this host forwards for containers is dropped by ${nameOf(verdict)}`;
  return [
    wrong(
      "forward-blocked",
      network,
      message,
      insert(verdict, `-s ${network} -j ACCEPT`, `ip saddr ${network}`),
      insert(verdict, `-d ${network} -j ACCEPT`, `ip daddr ${network}`),
    ),
  ];
}

/** Rules of others that change the source of what goes from container to container. */
function rewriteFindings(it: Case, chains: readonly Chain[]): Finding[] {
  const ends = endsOf(it);
  if (ends === null) return [];
  const verdicts = bothWays(ends).map((packet) => judge(chains, "postrouting", packet));
  const verdict = verdicts.find(({ outcome }) => outcome === "rewrite");
  if (verdict === undefined || isFlannels(verdict)) return [];
  const { network } = it.config;
  const message =
    `containers do not see each other's addresses: ${nameOf(verdict)} rewrites the source ` +
    `(docker's own rule goes by dockerd --ip-masq=false)`;
  const words = [
    `-s ${network} -d ${network} -j ACCEPT`,
    `ip saddr ${network} ip daddr ${network}`,
  ];
  const command = insert(verdict, words[0] ?? "", words[1] ?? "");
  return [wrong("source-rewritten", network, message, command)];
}

function bothWays({ here, there, bridge, tunnel }: Ends): Specimen[] {
  const common = { protocol: "tcp", dstPort: CONTAINER_PORT } as const;
  return [
    { ...common, src: here, dst: there, inDev: bridge, outDev: tunnel },
    { ...common, src: there, dst: here, inDev: tunnel, outDev: bridge },
  ];
}

function isFlannels({ chain, rule }: Verdict): boolean {
  return chain?.table === NFT_TABLE || (rule?.text.includes(COMMENT) ?? false);
}

/** `DOCKER-USER DROP` and the like, as one finds it again. */
function nameOf({ chain, rule }: Verdict): string {
  const where = `${chain?.tool} ${chain?.table} ${chain?.name}`;
  return rule === null ? `the policy of ${where}` : `"${rule.text}" below ${where}`;
}

/** The line that lets packets pass before anything else looks at them. */
function insert({ chain }: Verdict, iptables: string, nft: string): string {
  if (chain?.tool === "nft") return `nft insert rule ${chain.table} ${chain.name} ${nft} accept`;
  return `iptables -t ${chain?.table} -I ${chain?.name} ${iptables}`;
}
