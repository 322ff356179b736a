import type { Clock } from "./clock.ts";
import { Device } from "./device.ts";
import type { Dice } from "./dice.ts";
import { MAC_BROADCAST } from "./packet/bytes.ts";
import { ETHERTYPE_ARP, ETHERTYPE_IPV4, readEthernet } from "./packet/ethernet.ts";
import {
  ICMP_ECHO_REPLY,
  ICMP_ECHO_REQUEST,
  type Icmp,
  isIcmpError,
  readIcmp,
  writeIcmp,
} from "./packet/icmp.ts";
import { type Ipv4, PROTOCOL_ICMP, readIpv4, writeIpv4 } from "./packet/ipv4.ts";
import { echoIdOf, Ping, type PingInit } from "./ping.ts";
import { Resolver } from "./resolver.ts";
import { isSameSubnet } from "./subnet.ts";

export interface ContainerInit {
  readonly name: string;
  readonly mac: string;
  readonly ipv4: string;
  readonly prefixLen: number;
  readonly gateway: string;
}

/** An echo request as it arrived. */
export interface Heard {
  readonly src: string;
  readonly ttl: number;
  readonly id: number;
}

/** A network namespace with one device: it resolves its neighbors, answers pings and sends them. */
export class Container {
  readonly name: string;
  readonly ipv4: string;
  readonly eth0: Device;
  readonly heard: Heard[] = [];
  readonly #init: ContainerInit;
  readonly #clock: Clock;
  readonly #dice: Dice;
  readonly #resolver: Resolver;
  readonly #pings = new Map<number, Ping>();
  #ipId: number;

  constructor(clock: Clock, dice: Dice, init: ContainerInit) {
    this.name = init.name;
    this.ipv4 = init.ipv4;
    this.eth0 = new Device(`${init.name}.eth0`);
    this.eth0.in = (frame) => this.#receive(frame);
    this.#init = init;
    this.#clock = clock;
    this.#dice = dice;
    this.#ipId = dice.u16();
    const macs = new Map<string, string>();
    this.#resolver = new Resolver({
      clock,
      device: this.eth0,
      mac: init.mac,
      ipv4: init.ipv4,
      neighbors: {
        find: (address) => macs.get(address),
        learn: (address, mac) => macs.set(address, mac),
      },
    });
  }

  /** Plans the requests of a ping, the first one for now. The answers come as the clock runs. */
  ping(to: string, init: PingInit = {}): Ping {
    const ping = new Ping(to, this.#dice.u16(), init);
    this.#pings.set(ping.id, ping);
    for (let index = 0; index < ping.count; index++) {
      this.#clock.after(index * ping.intervalNs, () => {
        const packet = { dst: to, ttl: ping.ttl, isDontFragment: true };
        this.#sendIcmp(packet, ping.request(this.#clock.nowNs));
      });
    }
    return ping;
  }

  #receive(frame: Uint8Array): void {
    const ethernet = readEthernet(frame);
    if (ethernet === null) return;
    if (ethernet.dst !== this.#init.mac && ethernet.dst !== MAC_BROADCAST) return;
    if (ethernet.etherType === ETHERTYPE_ARP) this.#resolver.receiveArp(ethernet.payload);
    if (ethernet.etherType !== ETHERTYPE_IPV4) return;
    const ip = readIpv4(ethernet.payload);
    if (ip === null || ip.fragment !== 0) return; // nothing is put together here
    if (ip.dst !== this.ipv4 || ip.protocol !== PROTOCOL_ICMP) return;
    const icmp = readIcmp(ip.payload);
    if (icmp !== null) this.#receiveIcmp(ip, icmp);
  }

  #receiveIcmp(ip: Ipv4, icmp: Icmp): void {
    if (icmp.type === ICMP_ECHO_REQUEST) {
      this.heard.push({ src: ip.src, ttl: ip.ttl, id: icmp.rest >>> 16 });
      const reply = writeIcmp({ ...icmp, type: ICMP_ECHO_REPLY });
      this.#sendIcmp({ dst: ip.src, ttl: 64, isDontFragment: false }, reply);
      return;
    }
    const ping = this.#pings.get(echoIdOf(icmp) ?? -1);
    if (icmp.type === ICMP_ECHO_REPLY) ping?.hearReply(icmp, this.#clock.nowNs);
    else if (isIcmpError(icmp.type)) ping?.hearError(icmp, ip.src);
  }

  #sendIcmp(to: Pick<Ipv4, "dst" | "ttl" | "isDontFragment">, payload: Uint8Array): void {
    const id = this.#ipId++ & 0xffff;
    const packet = writeIpv4({ ...to, id, src: this.ipv4, protocol: PROTOCOL_ICMP, payload });
    const isNear = isSameSubnet(to.dst, this.ipv4, this.#init.prefixLen);
    this.#resolver.send(isNear ? to.dst : this.#init.gateway, packet);
  }
}
