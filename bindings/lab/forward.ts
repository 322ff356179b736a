// The part of Linux that lies between bridge and tunnel: a packet has come in, where does it go?
// It asks the core's tables and answers with a decision; it sends nothing. The core will get an
// element of its own for this, and then this file goes.
import type { HeddleNode, StatusName } from "../core/index.ts";
import type { IcmpError } from "./packet/error.ts";
import {
  CODE_FRAGMENTATION_NEEDED,
  CODE_NET_UNREACHABLE,
  CODE_PROHIBITED,
  ICMP_TIME_EXCEEDED,
  ICMP_UNREACHABLE,
} from "./packet/icmp.ts";
import { type Ipv4, totalLengthOf, withTtlDecremented } from "./packet/ipv4.ts";

export interface Onward {
  readonly verdict: "forward";
  readonly port: number;
  readonly nextHop: string;
  readonly packet: Uint8Array;
}

export interface Drop {
  readonly verdict: "drop";
  readonly reason: StatusName;
  /** What the sender is told, if anything. */
  readonly error?: IcmpError;
}

/** `local`: one of the host's own addresses is meant. */
export type Decision = Onward | Drop | { readonly verdict: "local" };

const TTL_MIN = 2; // one is taken off, and zero may not travel on

const NET_UNREACHABLE: IcmpError = { type: ICMP_UNREACHABLE, code: CODE_NET_UNREACHABLE };
const PROHIBITED: IcmpError = { type: ICMP_UNREACHABLE, code: CODE_PROHIBITED };
const TTL_EXCEEDED: IcmpError = { type: ICMP_TIME_EXCEEDED, code: 0 };

/** Decides about a packet that came from elsewhere. Requires: `ip` was read from `packet`. */
export function forward(node: HeddleNode, ip: Ipv4, packet: Uint8Array): Decision {
  const decision = originate(node, ip, packet);
  if (decision.verdict !== "forward") return decision;
  if (ip.ttl < TTL_MIN) return drop("TtlExceeded", TTL_EXCEEDED);
  return { ...decision, packet: withTtlDecremented(decision.packet) };
}

/** Decides about a packet of the host's own. Requires: `ip` was read from `packet`. */
export function originate(node: HeddleNode, ip: Ipv4, packet: Uint8Array): Decision {
  const route = node.routes.lookup(ip.dst);
  const hop = route && node.hops.get(route.hop);
  if (hop === undefined || hop.kind === "unreachable") return drop("NoRoute", NET_UNREACHABLE);
  if (hop.kind === "local") return { verdict: "local" };
  if (hop.kind === "blackhole") return drop("Blackhole");
  if (hop.kind === "prohibit") return drop("Prohibited", PROHIBITED);
  const port = hop.port === null ? undefined : node.ports.get(hop.port);
  if (port === undefined) return drop("BadPort");
  const whole = packet.subarray(0, totalLengthOf(packet)); // behind it lies padding
  const mtu = hop.mtu || port.mtu;
  if (whole.length > mtu) return tooBig(mtu, ip.isDontFragment);
  return { verdict: "forward", port: port.index, nextHop: hop.gateway ?? ip.dst, packet: whole };
}

/** Linux would cut what may be cut into fragments; here nothing does. */
function tooBig(mtu: number, isDontFragment: boolean): Drop {
  if (!isDontFragment) return drop("TooBig");
  return drop("TooBig", { type: ICMP_UNREACHABLE, code: CODE_FRAGMENTATION_NEEDED, mtu });
}

function drop(reason: StatusName, error?: IcmpError): Drop {
  return error === undefined ? { verdict: "drop", reason } : { verdict: "drop", reason, error };
}
