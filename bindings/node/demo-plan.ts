// The demo's networks: the lab's, and one without a tunnel, which only real hosts can have.
import { type Backend, planNetwork } from "../lab/index.ts";
import { type HostPlan, type NetworkPlan, UNDERLAY_MTU } from "../lab/overlay/plan.ts";

export type DemoBackend = Backend | "host-gw";

export interface DemoPlan extends Omit<NetworkPlan, "backend"> {
  readonly backend: DemoBackend;
}

export function planDemo(backend: DemoBackend): DemoPlan {
  if (backend !== "host-gw") return planNetwork(backend);
  const { hosts, network, nobody } = planNetwork("vxlan");
  const [one, two] = hosts;
  const plan = { network, nobody, mtu: UNDERLAY_MTU, port: 0, device: "" };
  return { ...plan, backend, hosts: [withoutTunnel(one), withoutTunnel(two)] };
}

function withoutTunnel(host: HostPlan): HostPlan {
  return { ...host, tunnel: { address: "", mac: "" } };
}
