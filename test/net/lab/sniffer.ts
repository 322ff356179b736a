// Everything that passes the devices of one namespace, in the kernel's order: one packet socket
// that is bound to none of them. Packets are in its queue before whoever sent them hears of an
// answer, so nothing has to be waited for.
import { libc, must } from "../../../bindings/node/libc.ts";
import type { Seen } from "../../model/comparable.ts";
import { within } from "./enter.ts";

const AF_PACKET = 17;
const SOCK_RAW = 3;
const SOCK_NONBLOCK_CLOEXEC = 0x80800;
const ETH_P_ALL_NET = 0x0300;
const SOL_SOCKET = 1;
const SO_RCVBUFFORCE = 33;
const BUFFER_BYTES = 8 << 20;
const ARPHRD_ETHER = 1;
const ARPHRD_LOOPBACK = 772;

// struct sockaddr_ll of <linux/if_packet.h>.
const at = { IFINDEX: 4, HATYPE: 8, END: 20 } as const;

export class Sniffer {
  readonly #fd: number;
  readonly #packet = new Uint8Array(65536);

  constructor(namespace: string) {
    const kind = SOCK_RAW | SOCK_NONBLOCK_CLOEXEC;
    this.#fd = within(namespace, () => must(libc.socket(AF_PACKET, kind, ETH_P_ALL_NET), "socket"));
    const size = new Uint8Array(4);
    new DataView(size.buffer).setInt32(0, BUFFER_BYTES, true);
    must(libc.setsockopt(this.#fd, SOL_SOCKET, SO_RCVBUFFORCE, size, 4), "SO_RCVBUFFORCE");
  }

  /** All packets since the last time, each with the index of its device. */
  drain(): { readonly ifindex: number; readonly seen: Seen }[] {
    const packets = [];
    for (;;) {
      const from = new Uint8Array(at.END);
      const fromLen = Int32Array.of(at.END);
      const len = libc.recvfrom(this.#fd, this.#packet, this.#packet.length, 0, from, fromLen);
      if (len < 0) return packets;
      const view = new DataView(from.buffer);
      const kind = view.getUint16(at.HATYPE, true);
      const isFramed = kind === ARPHRD_ETHER || kind === ARPHRD_LOOPBACK;
      packets.push({
        ifindex: view.getInt32(at.IFINDEX, true),
        seen: { bytes: this.#packet.slice(0, len), link: isFramed ? "ethernet" : "ipv4" } as const,
      });
    }
  }

  close(): void {
    libc.close(this.#fd);
  }
}
