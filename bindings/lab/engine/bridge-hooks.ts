// br_netfilter: with `net.bridge.bridge-nf-call-iptables` what a bridge forwards meets the rules
// of IP, though no router sees it.
import type { Device } from "./device.ts";
import type { Passed } from "./element.ts";
import type { Crossing } from "./firewall.ts";
import { packetOf, wholePacketOf } from "./frame.ts";
import { passRules } from "./hooks.ts";
import type { Carried, Stop } from "./journey.ts";

const SWITCH = "net.bridge.bridge-nf-call-iptables";

interface Bridged {
  readonly bridge: Device;
  readonly from: Device | null;
  readonly carried: Carried;
  readonly stop: Stop;
  readonly outs: readonly Passed[];
}

/** What the firewall knows of a frame afterwards; null where it ended the frame. */
export function passBridge({
  bridge,
  from,
  carried,
  stop,
  outs,
}: Bridged): { readonly crossing?: Crossing } | null {
  const { namespace } = bridge;
  const { firewall } = namespace;
  const isAsked = from !== null && namespace.sysctl(SWITCH) !== 0 && !firewall.isIdle;
  if (!isAsked || outs.length === 0 || wholePacketOf(carried) === null) return {};
  const packet = packetOf(carried);
  const crossing = firewall.begin(carried, bridge.name);
  const came = { packet, physicalIn: from.name };
  if (!passRules(namespace, crossing, "PREROUTING", { ...came, out: null }, stop)) return null;
  firewall.translate(carried, bridge.port, false, stop);
  const to = outs.find(({ desc }) => desc.port !== bridge.port);
  const egress = namespace.byPort(to?.desc.port ?? -1);
  if (egress === undefined) return { crossing };
  const left = { ...came, out: bridge.name, physicalOut: egress.name };
  if (!passRules(namespace, crossing, "FORWARD", left, stop)) return null;
  if (!passRules(namespace, crossing, "POSTROUTING", left, stop)) return null;
  firewall.translate(carried, bridge.port, true, stop);
  return { crossing };
}
