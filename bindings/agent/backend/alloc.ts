// Subnets only: a lease and subnet.env, and who carries the packets is somebody else's matter.
import type { Lease, LeaseAttrs } from "../lease.ts";
import type { External, PeerAnswer } from "../plan.ts";
import { type Backend, plainAttrs } from "./backend.ts";

export class AllocBackend implements Backend {
  readonly type = "alloc";
  readonly device = null;
  readonly asksOnLink = false;
  readonly #external: External;

  constructor(external: External) {
    this.#external = external;
  }

  get mtu(): number {
    return this.#external.mtu;
  }

  attrs(): LeaseAttrs {
    return plainAttrs(this.#external.publicIp, "");
  }

  peer({ subnet, attrs }: Lease): PeerAnswer {
    const remote = attrs.publicIp;
    return { subnet, remote, neighbors: [], fdb: [], tunnelRoutes: [], routes: [] };
  }
}
