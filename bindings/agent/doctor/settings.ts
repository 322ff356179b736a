// The kernel's settings that forwarding hangs on.

import { isInside } from "../reconcile.ts";
import { type Case, deviceOf } from "./case.ts";
import { type Finding, warning, wrong } from "./finding.ts";

const BRIDGE_CALLS = "net/bridge/bridge-nf-call-iptables";
const STRICT = 1; // RFC 3704, as net.ipv4.conf.*.rp_filter counts

export function settingFindings(it: Case): Finding[] {
  return [...forwardingFindings(it), ...sourceFindings(it), ...bridgeFindings(it)];
}

function forwardingFindings(it: Case): Finding[] {
  const { settings } = it.host;
  if (settings["net/ipv4/ip_forward"] === "0") {
    const message = "the host forwards nothing: what comes for a container ends here";
    return [
      wrong("forwarding-off", "net.ipv4.ip_forward", message, write("net/ipv4/ip_forward", 1)),
    ];
  }
  return overlayDevices(it).flatMap((name) => {
    const path = `net/ipv4/conf/${name}/forwarding`;
    if (settings[path] !== "0") return [];
    const message = `${name} forwards nothing, while the others do`;
    return wrong("forwarding-off", name, message, write(path, 1));
  });
}

/** The tunnel's device and whatever has an address of the lease. */
function overlayDevices(it: Case): string[] {
  const device = deviceOf(it)?.[1]?.name;
  const bridges = it.host.links.filter(({ addresses }) =>
    addresses.some((address) => isInside(it.own.subnet, address)),
  );
  return [...new Set([...(device === undefined ? [] : [device]), ...bridges.map((b) => b.name)])];
}

/** The kernel takes the larger one of the device's and of what holds for all. */
function sourceFindings(it: Case): Finding[] {
  const found = deviceOf(it);
  if (found === null || found[1] === null) return [];
  const { name } = found[1];
  const path = `net/ipv4/conf/${name}/rp_filter`;
  const own = Number(it.host.settings[path] ?? 0);
  const all = Number(it.host.settings["net/ipv4/conf/all/rp_filter"] ?? 0);
  if (Math.max(own, all) !== STRICT) return [];
  const message =
    `${name} drops what another way would lead back to (rp_filter): ` +
    "peers that send by their underlay address are not heard";
  return [warning("source-filter", name, message, write(path, 2))];
}

function bridgeFindings({ config, host }: Case): Finding[] {
  if (config.enableNftables || BRIDGE_CALLS in host.settings) return [];
  const message =
    "br_netfilter is not loaded: rules see nothing that stays on a bridge, " +
    "and flanneld does not start without it";
  return [warning("bridge-filter", "br_netfilter", message, "modprobe br_netfilter")];
}

function write(path: string, value: number): string {
  return `echo ${value} > /proc/sys/${path}`;
}
