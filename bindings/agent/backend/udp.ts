// Flannel's UDP backend: one TUN device with a route for the whole network, and behind it a table
// of which subnet is where. Its leases name no backend.
import { HeddleError } from "../../core/status.ts";
import type { NetworkConfig, UdpConfig } from "../config.ts";
import type { Lease, LeaseAttrs } from "../lease.ts";
import type { DevicePlan, External, OwnNode, PeerAnswer } from "../plan.ts";
import { type Backend, plainAttrs } from "./backend.ts";
import { claimFault } from "./claim.ts";

const NAME = "flannel0";
const OVERHEAD_LEN = 28; // IPv4 20, UDP 8
const MTU_MIN = 68; // RFC 791

export class UdpBackend implements Backend {
  readonly type = "udp";
  readonly device: DevicePlan;
  readonly asksOnLink = false;
  readonly #external: External;

  /** Throws HeddleError when no device can be like that. */
  constructor(config: NetworkConfig, { port }: UdpConfig, external: External) {
    if (external.mtu < MTU_MIN + OVERHEAD_LEN) {
      const expected = `at least ${MTU_MIN + OVERHEAD_LEN}, the tunnel's own ${OVERHEAD_LEN} in it`;
      throw new HeddleError("BadValue", external.mtu, `MTU of ${external.name}: ${expected}`);
    }
    const { network } = config;
    this.#external = external;
    this.device = {
      name: NAME,
      kind: "udp",
      mtu: external.mtu - OVERHEAD_LEN,
      network,
      underlay: external.name,
      local: external.address,
      port,
      routes: [{ dst: network, dev: NAME, scope: "global" }],
    };
  }

  get mtu(): number {
    return this.device.mtu;
  }

  attrs(): LeaseAttrs {
    return plainAttrs(this.#external.publicIp, "");
  }

  peer(lease: Lease, own: OwnNode): PeerAnswer {
    const { subnet, attrs } = lease;
    if (attrs.backendType !== "") {
      const reason = `BackendType is "${attrs.backendType}": its node does not speak flannel's UDP`;
      return { subnet, reason };
    }
    const { network } = this.device;
    const fault = claimFault(lease, { subnet: own.subnet, network }, this.#external);
    if (fault !== null) return { subnet, reason: fault };
    const remote = attrs.publicIp;
    const tunnelRoutes = [{ dst: subnet, remote }];
    return { subnet, remote, neighbors: [], fdb: [], tunnelRoutes, routes: [] };
  }
}
