// Flannel's masquerade rules, by what they do: one packet for each of the six.
import { iptablesPayload } from "../iptables.ts";
import { filterChains } from "../rules.ts";
import type { Case } from "./case.ts";
import { type Finding, quote, wrong } from "./finding.ts";
import { type Chain, judge, type Specimen } from "./ruleset.ts";

export const COMMENT = "flanneld masq";
export const NFT_TABLE = "ip flannel-ipv4";

const HOOK = "-j FLANNEL-POSTRTG";
const KUBE_MARK = 0x4000;
/** Documentation's addresses (RFC 5737) stand for the world. */
const OUTSIDE = "192.0.2.1";

interface Question {
  readonly what: string;
  readonly packet: Pick<Specimen, "src" | "dst" | "mark">;
  readonly isRewritten: boolean;
}

export function masqueradeFindings(it: Case, chains: readonly Chain[]): Finding[] {
  const own = chains.flatMap(onlyFlannels);
  const asked = questions(it).find(({ packet, isRewritten }) => {
    const verdict = judge(own, "postrouting", { ...packet, protocol: "tcp", dstPort: 80 });
    return (verdict.outcome === "rewrite") !== isRewritten;
  });
  if (asked === undefined) return [];
  const fate = asked.isRewritten ? "keeps its source" : "loses its source";
  const message = `masquerade rules are missing: ${asked.what} ${fate}`;
  return [wrong("masquerade-missing", it.own.subnet, message, restoreCommand(it, chains))];
}

/** The chains as if nobody else had any rules. */
function onlyFlannels(chain: Chain): Chain[] {
  if (chain.tool === "nft") return chain.table === NFT_TABLE ? [chain] : [];
  if (chain.table !== "nat") return [];
  if (chain.name !== "POSTROUTING") return [chain];
  return [{ ...chain, rules: chain.rules.filter(({ text }) => text.includes(HOOK)) }];
}

function questions({ own, peers, external, config }: Case): Question[] {
  const here = hostOf(own.subnet);
  const there = peers[0] === undefined ? [] : [hostOf(peers[0].subnet)];
  const keeps = { isRewritten: false };
  const loses = { isRewritten: true };
  return [
    { what: "kube-proxy's", packet: { src: here, dst: OUTSIDE, mark: KUBE_MARK }, ...keeps },
    { what: "what comes from outside", packet: { src: OUTSIDE, dst: here }, ...keeps },
    { what: "what leaves the network", packet: { src: here, dst: OUTSIDE }, ...loses },
    ...there.flatMap((dst) => [
      { what: "what goes to a peer", packet: { src: here, dst }, ...keeps },
      { what: "what comes from a peer", packet: { src: dst, dst: here }, ...keeps },
      // Flannel's nft rules return before they come to this one.
      ...(config.enableNftables
        ? []
        : [{ what: "what the host sends", packet: { src: external.address, dst }, ...loses }]),
    ]),
  ];
}

function hostOf(subnet: string): string {
  const parts = subnet.slice(0, subnet.indexOf("/")).split(".");
  return [...parts.slice(0, 3), Number(parts[3]) + 2].join(".");
}

function restoreCommand({ config, own, host }: Case, chains: readonly Chain[]): string {
  const overlay = { network: config.network, subnet: own.subnet };
  const [wanted] = filterChains(overlay, { masq: true, forward: false });
  if (config.enableNftables || wanted === undefined) return host.restart;
  const rules = chains.flatMap((chain) => (chain.tool === "nft" ? [] : chain.rules));
  const payload = iptablesPayload(wanted, rules.some(isRandom), {
    hasHook: rules.some(({ text }) => text.endsWith(HOOK)),
    drops: [],
  });
  const lines = payload.trimEnd().split("\n").map(quote).join(" ");
  return `printf '%s\\n' ${lines} | iptables-restore --noflush`;
}

function isRandom({ text }: { readonly text: string }): boolean {
  return text.includes("--random-fully");
}
