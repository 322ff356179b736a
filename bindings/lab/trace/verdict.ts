// What can become of a packet at a hop: a closed list, so that whoever renders a verdict is told by
// the compiler when one is missing.

/** It went on, or arrived. */
export const GOES = [
  "send",
  "send-local",
  "arp-ask",
  "arp-answer",
  "arp-proxy",
  "arp-swallow",
  "arp-ignore",
  "bridge",
  "bridge-up",
  "flood",
  "hub",
  "wire",
  "route",
  "encap-vxlan",
  "encap-udp",
  "encap-ipip",
  "encap-weave",
  "decap",
  "tun-up",
  "tun-down",
  "snat",
  "dnat",
  "unnat",
  "deliver",
  "reply",
  "icmp-error",
  "link-fault",
] as const;

/** It ended, and says why. */
export const DROPS = [
  "drop-no-fdb",
  "drop-no-route",
  "drop-no-neigh",
  "drop-ttl",
  "drop-ttl-quiet",
  "drop-mac",
  "drop-ip",
  "drop-vni",
  "drop-reserved",
  "drop-csum",
  "drop-fcs",
  "drop-mtu",
  "drop-mtu-quiet",
  "drop-port",
  "drop-same-port",
  "drop-rule",
  "drop-peer",
  "drop-loss",
  "drop-martian",
  "drop-down",
  "drop-malformed",
  "drop-other",
  "refuse-route",
] as const;

export type DropVerdict = (typeof DROPS)[number];
export type Verdict = (typeof GOES)[number] | DropVerdict;

export function isDrop(verdict: Verdict): verdict is DropVerdict {
  return (DROPS as readonly string[]).includes(verdict);
}
