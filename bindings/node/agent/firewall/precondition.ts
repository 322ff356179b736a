// Whether packets between ports of one bridge meet iptables at all. flannel does not start without
// br_netfilter; but only Kubernetes' services on the same node need it, so we say so and go on.
import { access } from "node:fs/promises";
import type { Family } from "../../../agent/rules.ts";

const SETTINGS: Readonly<Record<Family, string>> = {
  ipv4: "/proc/sys/net/bridge/bridge-nf-call-iptables",
  ipv6: "/proc/sys/net/bridge/bridge-nf-call-ip6tables",
};

/** A sentence for the log; "" when the bridge's packets are shown to iptables, or can be. */
export async function bridgeFilterWarning(family: Family): Promise<string> {
  const path = SETTINGS[family];
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  if (isThere) return "";
  return `no ${path}: what stays on one bridge meets no iptables (modprobe br_netfilter)`;
}
