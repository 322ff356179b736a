// No tunnel at all: each peer is the gateway of its subnet, on the link that all nodes share.
import { HeddleError } from "../../core/status.ts";
import type { NetworkConfig } from "../config.ts";
import type { Lease, LeaseAttrs } from "../lease.ts";
import type { External, OwnNode, PeerAnswer } from "../plan.ts";
import { type Backend, type IsOnLink, plainAttrs } from "./backend.ts";
import { claimFault } from "./claim.ts";

const TYPE = "host-gw";

export class HostGwBackend implements Backend {
  readonly type: typeof TYPE = TYPE;
  readonly device = null;
  readonly asksOnLink = true;
  readonly #network: string;
  readonly #external: External;

  /** Throws HeddleError when others would see another address than the interface has. */
  constructor(config: NetworkConfig, external: External) {
    if (external.publicIp !== external.address) {
      const expected = `${external.address}, the address of ${external.name}: host-gw needs no NAT`;
      throw new HeddleError("BadValue", external.publicIp, `public IP: ${expected}`);
    }
    this.#network = config.network;
    this.#external = external;
  }

  get mtu(): number {
    return this.#external.mtu;
  }

  attrs(): LeaseAttrs {
    return plainAttrs(this.#external.publicIp, TYPE);
  }

  peer(lease: Lease, own: OwnNode, isOnLink: IsOnLink): PeerAnswer {
    const { subnet, attrs } = lease;
    const { name } = this.#external;
    if (attrs.backendType !== TYPE) {
      return { subnet, reason: `BackendType is "${attrs.backendType}", not "${TYPE}"` };
    }
    const network = this.#network;
    const fault = claimFault(lease, { subnet: own.subnet, network }, this.#external);
    if (fault !== null) return { subnet, reason: fault };
    const remote = attrs.publicIp;
    if (!isOnLink(remote)) {
      return { subnet, reason: `the gateway ${remote} is not on the link of ${name}` };
    }
    const routes = [{ dst: subnet, via: remote, dev: name }];
    return { subnet, remote, neighbors: [], fdb: [], tunnelRoutes: [], routes };
  }
}
