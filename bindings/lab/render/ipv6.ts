// How far a namespace's kernel knows IPv6, which the lab does not carry but listings show. The
// sysctl decides: not there, it is a kernel without IPv6, as the one of the captures; 1: docker's
// way with containers, no addresses, but devices listen to all-nodes; 0: addresses as well.

export type Sysctls = Readonly<Record<string, number>>;

const SWITCH = "net.ipv6.conf.all.disable_ipv6";

export function isIpv6There(sysctls: Sysctls): boolean {
  return sysctls[SWITCH] !== undefined;
}

export function hasIpv6Addresses(sysctls: Sysctls): boolean {
  return sysctls[SWITCH] === 0;
}
