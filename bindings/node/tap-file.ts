// What a pump's tap gives as a capture that Wireshark opens: one interface for the device and one
// for the tunnel, and what became of each packet as its comment. A datagram gets the headers in
// front of it that the underlay had, as far as they are known, so that it is read as what it is.
import { encode, parseIpv4 } from "../core/index.ts";
import { PcapngWriter } from "../lab/pcapng.ts";
import type { TappedBurst, TappedPacket } from "./tap.ts";

/** The ends of a tunnel as a capture needs them. */
export interface TapEnds {
  readonly device: string;
  readonly backend: "vxlan" | "udp";
  /** The underlay address and the UDP port of this node. */
  readonly local: string;
  readonly port: number;
}

const NOWHERE = "0.0.0.0";
const HEADERS_LEN = 28;
const LENGTH_MAX = 65535;

export class TapFile {
  readonly #ends: TapEnds;
  readonly #writer: PcapngWriter;
  readonly #places: Record<TappedPacket["place"], number>;

  /** Hands blocks to `write`, from the first one on. */
  constructor(ends: TapEnds, write: (chunk: Uint8Array) => void) {
    parseIpv4(ends.local);
    this.#ends = ends;
    this.#writer = new PcapngWriter(write);
    const linkType = ends.backend === "vxlan" ? "ethernet" : "ip";
    const description = "headers in front of the datagram are written by heddle";
    this.#places = {
      device: this.#writer.addInterface({ name: ends.device, linkType }),
      tunnel: this.#writer.addInterface({ name: "tunnel", linkType: "ip", description }),
    };
  }

  add({ packets, lost }: TappedBurst): void {
    packets.forEach((packet, i) => {
      this.#add(packet, lost > 0 && i === packets.length - 1 ? lost : 0);
    });
  }

  #add(packet: TappedPacket, lost: number): void {
    const { place, direction, verdict } = packet;
    const headers = place === "tunnel" ? this.#headers(packet) : new Uint8Array();
    const said = verdict === "passed" ? [] : [`dropped: ${verdict}`];
    if (lost > 0) said.push(`${lost} packets behind this one were not captured`);
    this.#writer.addPacket({
      interface: this.#places[place],
      timeNs: nanoseconds(packet.timeMs),
      bytes: Uint8Array.from([...headers, ...packet.bytes]),
      originalLen: headers.length + packet.len,
      direction,
      ...(said.length === 0 ? {} : { comment: said.join("; ") }),
    });
  }

  #headers({ direction, peer, len }: TappedPacket): Uint8Array {
    const { local, port } = this.#ends;
    const isOut = direction === "out";
    const far = peer ?? NOWHERE;
    const totalLength = Math.min(HEADERS_LEN + len, LENGTH_MAX);
    const [src, dst] = isOut ? [local, far] : [far, local];
    return encode([
      { layer: "ipv4", fields: { src, dst, totalLength, protocol: 17 } },
      {
        layer: "udp",
        fields: { srcPort: port, dstPort: port, length: totalLength - 20, checksum: 0 },
      },
    ]);
  }
}

// Whole milliseconds first: a number cannot hold nanoseconds since 1970.
function nanoseconds(timeMs: number): bigint {
  const whole = Math.floor(timeMs);
  return BigInt(whole) * 1_000_000n + BigInt(Math.round((timeMs - whole) * 1e6));
}
