// Which peers are reached without a gateway, by the kernel's own look-up.
import type { IsOnLink } from "../../agent/backend/index.ts";
import type { Lease } from "../../agent/lease.ts";
import type { Netcfg } from "./netcfg.ts";

const ADDRESS = /^[\d.]+$/;

export interface OnLinkInit {
  readonly netcfg: Netcfg;
  /** The underlay's device: another link is not the one that the nodes share. */
  readonly underlay: string;
}

export class OnLink {
  readonly #init: OnLinkInit;
  readonly #known = new Map<string, boolean>();

  constructor(init: OnLinkInit) {
    this.#init = init;
  }

  readonly isOnLink: IsOnLink = (address) => this.#known.get(address) ?? false;

  /** Asks for the underlay addresses of these leases; for all, or for those that are new. */
  async learn(leases: readonly Lease[], isAnew: boolean): Promise<void> {
    const addresses = new Set(leases.map(({ attrs }) => attrs.publicIp));
    for (const known of this.#known.keys()) if (!addresses.has(known)) this.#known.delete(known);
    const asked = [...addresses].filter(
      (address) => ADDRESS.test(address) && (isAnew || !this.#known.has(address)),
    );
    const found = await this.#init.netcfg.lookUp(asked);
    for (const address of asked) {
      const route = found.get(address);
      const isUnicast = route?.type === "unicast" && route.via === null;
      this.#known.set(address, isUnicast && route.dev === this.#init.underlay);
    }
  }
}
