import type { Burst, ElementName, HeddleNode } from "../core/index.ts";
import type { Clock } from "./clock.ts";
import type { Backend } from "./report.ts";

/** What came out of an element. */
export interface Passed {
  readonly bytes: Uint8Array;
  /** The host at the other end, for an outer frame. */
  readonly peer: string | null;
  /** Made by the core: an answer to who sent what went in. */
  readonly isOriginated: boolean;
}

/** The core's elements for a backend, and whether they take bare IP packets or frames. */
export interface Elements {
  readonly encap: ElementName;
  readonly decap: ElementName;
  readonly isL3: boolean;
}

const ELEMENTS: Readonly<Record<Backend, Elements>> = {
  vxlan: { encap: "vxlan_encap_frame_burst", decap: "vxlan_decap_frame_burst", isL3: false },
  udp: { encap: "udp_encap_frame_burst", decap: "udp_decap_frame_burst", isL3: true },
};

const SPARE_BYTES = 4096; // for answers and ICMP errors of one packet

/** A tunnel's end: inner packets in, complete outer frames out, and back. The core does both. */
export class Tunnel {
  readonly node: HeddleNode;
  readonly port: number;
  readonly elements: Elements;
  /** Packets that left through it, and that arrived. */
  encapped = 0;
  decapped = 0;
  readonly #clock: Clock;
  readonly #burst: Burst;

  constructor(clock: Clock, backend: Backend, node: HeddleNode, port: number) {
    this.#clock = clock;
    this.elements = ELEMENTS[backend];
    this.node = node;
    this.port = port;
    this.#burst = node.openBurst({ capacity: 1, outCapacity: 8, spareBytes: SPARE_BYTES });
  }

  /** A frame for VXLAN, an IP packet for flannel's UDP backend. */
  encap(bytes: Uint8Array): Passed[] {
    const passed = this.#run(this.elements.encap, bytes, this.elements.isL3);
    this.encapped += passed.filter(({ isOriginated }) => !isOriginated).length;
    return passed;
  }

  decap(frame: Uint8Array): Passed[] {
    const passed = this.#run(this.elements.decap, frame, false);
    this.decapped += passed.length;
    return passed;
  }

  /** Remembers the MAC on the way to a peer, so that frames towards it are complete. */
  resolve(address: string, mac: string): void {
    const index = this.node.remotes.find(address);
    const remote = index === undefined ? undefined : this.node.remotes.get(index);
    if (remote !== undefined) this.node.remotes.set({ ...remote, dstMac: mac });
  }

  #run(element: ElementName, bytes: Uint8Array, isL3: boolean): Passed[] {
    const burst = this.#burst;
    burst.clear();
    burst.push({ bytes, flags: isL3 ? ["l3"] : [] });
    const count = burst.run(element, this.#clock.nowMs, this.port);
    return Array.from({ length: count }, (_, at) => {
      const { peer, flags } = burst.outAt(at);
      const isOriginated = flags.includes("originated");
      return { bytes: burst.outBytes(at), peer, isOriginated };
    });
  }
}
