// The other ends of a namespace's tunnels. None is ever removed: what the core has is known here.
import type { HeddleNode } from "../../../core/index.ts";

export class RemoteTable {
  readonly #node: HeddleNode;
  readonly #indexes = new Map<string, number>();
  readonly #addresses = new Map<number, string>();

  constructor(node: HeddleNode) {
    this.#node = node;
  }

  /** The index of the remote with this address, which may speak from now on. */
  indexOf(address: string): number {
    const known = this.#indexes.get(address);
    if (known !== undefined) return known;
    const { remotes } = this.#node;
    const index = remotes.find(address) ?? remotes.set({ address, flags: ["allowed"] });
    this.#indexes.set(address, index);
    this.#addresses.set(index, address);
    return index;
  }

  addressOf(index: number): string | null {
    const known = this.#addresses.get(index);
    if (known !== undefined) return known;
    const address = this.#node.remotes.get(index)?.address ?? null;
    if (address !== null) this.#addresses.set(index, address);
    return address;
  }
}
