import { type Clock, SECOND } from "./clock.ts";
import type { Device } from "./device.ts";
import { ARP_REPLY, ARP_REQUEST, readArp, writeArp } from "./packet/arp.ts";
import { isGroupMac, MAC_BROADCAST, MAC_ZERO } from "./packet/bytes.ts";
import { ETHERTYPE_ARP, ETHERTYPE_IPV4, writeEthernet } from "./packet/ethernet.ts";

const WAITING_MAX = 3; // packets for one neighbor
const REQUESTS_MAX = 3;
const REQUEST_INTERVAL_NS = 1 * SECOND;
const ADDRESS_UNKNOWN = "0.0.0.0"; // of a station that probes (RFC 5227)

/** Where the answers are kept: a table of the core, or a container's own map. */
export interface Neighbors {
  find(address: string): string | undefined;
  learn(address: string, mac: string): void;
}

export interface ResolverInit {
  readonly clock: Clock;
  readonly device: Device;
  readonly mac: string;
  readonly ipv4: string;
  readonly neighbors: Neighbors;
  /** Hears of packets that waited in vain, or found no room to wait. */
  readonly onUnresolved?: (packets: number) => void;
}

/** ARP on one device, both ways (RFC 826), and the packets that wait for an answer. */
export class Resolver {
  readonly #init: ResolverInit;
  readonly #waiting = new Map<string, Uint8Array[]>();

  constructor(init: ResolverInit) {
    this.#init = init;
  }

  /** Sends an IP packet to a neighbor, now or as soon as it has said its MAC. */
  send(nextHop: string, packet: Uint8Array): void {
    const mac = this.#init.neighbors.find(nextHop);
    if (mac === undefined) this.#wait(nextHop, packet);
    else this.#transmit(mac, ETHERTYPE_IPV4, packet);
  }

  receiveArp(bytes: Uint8Array): void {
    const { mac, ipv4, neighbors } = this.#init;
    const arp = readArp(bytes);
    if (arp === null || isGroupMac(arp.senderMac) || arp.senderMac === MAC_ZERO) return;
    const { operation, senderAddress, senderMac } = arp;
    const isForUs = arp.targetAddress === ipv4;
    // Who is known is updated; who asks for us will be needed soon (RFC 826).
    const isLearned = isForUs || neighbors.find(senderAddress) !== undefined;
    if (isLearned && senderAddress !== ADDRESS_UNKNOWN) this.#learn(senderAddress, senderMac);
    if (!isForUs || operation !== ARP_REQUEST) return;
    const reply = {
      operation: ARP_REPLY,
      senderMac: mac,
      senderAddress: ipv4,
      targetMac: senderMac,
      targetAddress: senderAddress,
    };
    this.#transmit(senderMac, ETHERTYPE_ARP, writeArp(reply));
  }

  #wait(nextHop: string, packet: Uint8Array): void {
    const packets = this.#waiting.get(nextHop);
    if (packets === undefined) {
      const first = [packet];
      this.#waiting.set(nextHop, first);
      this.#request(nextHop, first, REQUESTS_MAX);
    } else if (packets.push(packet) > WAITING_MAX) {
      packets.shift(); // the oldest goes, as in Linux
      this.#init.onUnresolved?.(1);
    }
  }

  #learn(address: string, mac: string): void {
    this.#init.neighbors.learn(address, mac);
    const waiting = this.#waiting.get(address) ?? [];
    this.#waiting.delete(address);
    for (const packet of waiting) this.#transmit(mac, ETHERTYPE_IPV4, packet);
  }

  #request(targetAddress: string, packets: readonly Uint8Array[], requestsLeft: number): void {
    if (this.#waiting.get(targetAddress) !== packets) return; // the answer has come
    if (requestsLeft === 0) {
      this.#waiting.delete(targetAddress);
      this.#init.onUnresolved?.(packets.length);
      return;
    }
    const { clock, mac, ipv4 } = this.#init;
    const request = {
      operation: ARP_REQUEST,
      senderMac: mac,
      senderAddress: ipv4,
      targetMac: MAC_ZERO,
      targetAddress,
    };
    this.#transmit(MAC_BROADCAST, ETHERTYPE_ARP, writeArp(request));
    clock.after(REQUEST_INTERVAL_NS, () => this.#request(targetAddress, packets, requestsLeft - 1));
  }

  #transmit(dst: string, etherType: number, payload: Uint8Array): void {
    this.#init.device.transmit(writeEthernet({ dst, src: this.#init.mac, etherType, payload }));
  }
}
