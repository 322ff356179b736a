// The demo's run: two hosts find their leases again, then their containers ping each other both
// ways, find the longest packet that fits, and carry a stream.
import type { NetworkPlan } from "../../overlay/plan.ts";
import type { Action, Assertion, Scenario } from "../../scenario.ts";
import type { HostSpec, NetworkSpec } from "../../spec/network.ts";
import { claim, same } from "../parts/claim.ts";
import { addressIn, networkIn } from "../parts/site.ts";
import { storeOf } from "./lease.ts";
import { type FlannelNode, joined, udpHost, vxlanHost } from "./site.ts";

export interface OverlayInit {
  readonly plan: NetworkPlan;
  readonly nodes: readonly [FlannelNode, FlannelNode];
  /** Of the network, as it lies in the store. */
  readonly config: string;
  /** Echo requests in each direction. */
  readonly pings: number;
}

/** What the stream is long, its end of line included. */
export const STREAM_LEN: number = 64 << 10;

const STREAM_PORT = 5001; // iperf's
const ICMP_OVERHEAD_LEN = 28; // IPv4, ICMP

export function overlay(init: OverlayInit): Scenario {
  const { plan, nodes } = init;
  return {
    slug: `overlay-${plan.backend}`,
    group: "flannel",
    title: { en: "two hosts and a tunnel", zh: "两台主机和一条隧道" },
    promise: {
      en: "Pings, the edge of the MTU and a stream.",
      zh: "ping、MTU 的边界和一条 TCP 流。",
    },
    network: networkOf(init),
    actions: [...nodes.map(({ name }) => flanneld(name)), ...traffic(init)],
    assertions: nodes.map(keepsSubnet),
  };
}

function networkOf({ plan, nodes: [one, two], config }: OverlayInit): NetworkSpec {
  const host = (node: FlannelNode, other: FlannelNode): HostSpec =>
    plan.backend === "vxlan" ? vxlanHost(node, [other]) : udpHost(node, [other], plan.network);
  const network = joined([host(one, two), host(listening(two), one)]);
  return { ...network, store: storeOf("v3", [one, two], config) };
}

function listening(node: FlannelNode): FlannelNode {
  const sink = { protocol: "tcp", port: STREAM_PORT, app: "nc", does: "sink" } as const;
  const containers = node.containers.map((each) => ({ ...each, listeners: [sink] }));
  return { ...node, containers };
}

function flanneld(host: string): Action {
  return { do: "command", in: host, command: "flanneld -iface=eth0" };
}

function traffic({ plan, pings }: OverlayInit): Action[] {
  const [one, two] = plan.hosts.map(({ container }) => container);
  if (one === undefined || two === undefined) throw new RangeError("an overlay has two hosts");
  const there = { in: one.name, to: two.address } as const;
  const back = { in: two.name, to: one.address } as const;
  const probes = [plan.mtu, plan.mtu + 1].map((len): Action => {
    return { do: "ping", ...there, dataLen: len - ICMP_OVERHEAD_LEN, isDontFragment: true };
  });
  return [
    ...(pings > 0
      ? [there, back].map((ends) => ({ do: "ping", ...ends, count: pings }) as const)
      : []),
    ...probes,
    { do: "tcp", ...there, port: STREAM_PORT, text: "x".repeat(STREAM_LEN - 1) },
  ];
}

function keepsSubnet({ name, bridge, card }: FlannelNode): Assertion {
  return claim(`${name} has its subnet again`, `${name} 拿回原来的子网`, (run) => {
    const own = run.rows(name, "lease").filter((row) => row.endsWith(` ${addressIn(card)}`));
    return same(own, [`${networkIn(bridge)} ${addressIn(card)}`]);
  });
}
