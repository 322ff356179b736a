import { HeddleError, type HeddleNode, type StatusName } from "../core/index.ts";
import type { Clock } from "./clock.ts";
import { Device } from "./device.ts";
import { type Decision, forward, originate } from "./forward.ts";
import { MAC_BROADCAST, MAC_ZERO, macAt } from "./packet/bytes.ts";
import { type IcmpError, writeIcmpError } from "./packet/error.ts";
import {
  ETHERNET_HEADER_LEN,
  ETHERTYPE_ARP,
  ETHERTYPE_IPV4,
  readEthernet,
} from "./packet/ethernet.ts";
import { ICMP_ECHO_REPLY, ICMP_ECHO_REQUEST, readIcmp, writeIcmp } from "./packet/icmp.ts";
import { checkIpv4, type Ipv4, PROTOCOL_ICMP, readIpv4, writeIpv4 } from "./packet/ipv4.ts";
import { Resolver } from "./resolver.ts";
import type { Passed, Tunnel } from "./tunnel.ts";

/** Ports of a host's node: the cable to other hosts, the containers' bridge, the tunnel's mouth. */
export const PORT = { eth0: 0, bridge: 1, mouth: 2 } as const;

export interface HostInit {
  readonly name: string;
  /** Its tables say what the host is: its devices, addresses and routes. */
  readonly node: HeddleNode;
  readonly tunnel: Tunnel;
  /** What the tunnel's device is called. */
  readonly mouth: string;
}

/**
 * A network namespace that forwards between containers and a tunnel. The bridge has one container
 * on it, so whatever arrives there is either for the host or not for anybody.
 */
export class Host {
  readonly name: string;
  readonly node: HeddleNode;
  readonly tunnel: Tunnel;
  readonly eth0: Device;
  readonly bridge: Device;
  readonly mouth: Device;
  /** What was dropped before the core saw it, or after. */
  readonly drops: Map<StatusName, number> = new Map();
  readonly #clock: Clock;
  readonly #resolvers = new Map<number, Resolver>();

  constructor(clock: Clock, init: HostInit) {
    this.#clock = clock;
    this.name = init.name;
    this.node = init.node;
    this.tunnel = init.tunnel;
    this.eth0 = this.#attach(PORT.eth0, "eth0");
    this.bridge = this.#attach(PORT.bridge, "docker0");
    this.mouth = this.#attach(PORT.mouth, init.mouth);
    this.mouth.out = (bytes) => this.#encap(bytes);
  }

  #attach(index: number, name: string): Device {
    const port = this.node.ports.get(index);
    if (port === undefined) throw new HeddleError("BadPort", index, `${name}: a port that is set`);
    if (port.mac === null) {
      const device = new Device(`${this.name}.${name}`, "ip");
      device.in = (packet) => this.#route(index, packet);
      return device;
    }
    const device = new Device(`${this.name}.${name}`, "ethernet");
    const { mac, ipv4 } = port;
    device.in = (frame) => this.#receive(index, mac, frame);
    const station = { clock: this.#clock, device, mac, ipv4: ipv4 ?? "0.0.0.0" };
    const neighbors = {
      find: (address: string) => this.#neighbor(index, address),
      learn: (address: string, found: string) => this.#learn(index, address, found),
    };
    const onUnresolved = (packets: number): void => this.#drop("Unresolved", packets);
    this.#resolvers.set(index, new Resolver({ ...station, neighbors, onUnresolved }));
    return device;
  }

  #neighbor(port: number, address: string): string | undefined {
    return this.node.neighbors.get({ port, address }, this.#clock.nowMs)?.mac ?? undefined;
  }

  #learn(port: number, address: string, mac: string): void {
    this.node.neighbors.set({ port, address, mac, state: "reachable" }, this.#clock.nowMs);
    if (port === PORT.eth0) this.tunnel.resolve(address, mac);
  }

  /** A frame at one of the host's own stations. */
  #receive(port: number, mac: string, frame: Uint8Array): void {
    const ethernet = readEthernet(frame);
    if (ethernet === null) this.#drop("Truncated");
    else if (ethernet.dst !== mac && ethernet.dst !== MAC_BROADCAST) this.#drop("NotForUs");
    else if (ethernet.etherType === ETHERTYPE_ARP) this.#resolve(port, ethernet.payload);
    else if (ethernet.etherType !== ETHERTYPE_IPV4) this.#drop("BadProtocol");
    else if (port === PORT.eth0) this.#decap(frame);
    else this.#route(port, ethernet.payload);
  }

  #resolve(port: number, arp: Uint8Array): void {
    this.#resolvers.get(port)?.receiveArp(arp);
  }

  #route(port: number, packet: Uint8Array): void {
    const ip = readIpv4(packet);
    if (ip === null) {
      this.#drop(checkIpv4(packet));
      return;
    }
    const decision = forward(this.node, ip, packet);
    if (decision.verdict === "local") this.#takeLocal(ip);
    else this.#follow(decision);
    if (decision.verdict === "drop" && decision.error) this.#complain(port, decision.error, packet);
  }

  /** Tells the sender, by the name it knows the host by (RFC 1812, section 4.3.2.4). */
  #complain(port: number, error: IcmpError, about: Uint8Array): void {
    const own = this.node.ports.get(port)?.ipv4;
    const packet = !own ? null : writeIcmpError(error, about, own);
    if (packet !== null) this.#originate(packet);
  }

  #originate(packet: Uint8Array): void {
    const ip = readIpv4(packet);
    if (ip !== null) this.#follow(originate(this.node, ip, packet));
  }

  #follow(decision: Decision): void {
    if (decision.verdict === "drop") this.#drop(decision.reason);
    if (decision.verdict !== "forward") return;
    const { port, nextHop, packet } = decision;
    const resolver = this.#resolvers.get(port);
    if (resolver === undefined) this.mouth.transmit(packet);
    else resolver.send(nextHop, packet);
  }

  /** The host itself answers pings, and listens to nothing else. */
  #takeLocal(ip: Ipv4): void {
    const icmp = ip.protocol === PROTOCOL_ICMP && ip.fragment === 0 ? readIcmp(ip.payload) : null;
    if (icmp?.type !== ICMP_ECHO_REQUEST) {
      this.#drop("BadProtocol");
      return;
    }
    const payload = writeIcmp({ ...icmp, type: ICMP_ECHO_REPLY });
    const reply = { ...ip, src: ip.dst, dst: ip.src, isDontFragment: false, ttl: 64, payload };
    this.#originate(writeIpv4(reply));
  }

  #decap(frame: Uint8Array): void {
    for (const { bytes } of this.tunnel.decap(frame)) this.mouth.receive(bytes);
  }

  #encap(bytes: Uint8Array): void {
    for (const passed of this.tunnel.encap(bytes)) {
      if (passed.isOriginated) this.mouth.receive(passed.bytes);
      else this.#transmit(passed);
    }
  }

  /** An outer frame; as long as nobody knows the peer's MAC it lacks its destination. */
  #transmit({ bytes, peer }: Passed): void {
    const resolver = this.#resolvers.get(PORT.eth0);
    const isComplete = macAt(bytes, 0) !== MAC_ZERO;
    if (isComplete || peer === null) this.eth0.transmit(bytes);
    else resolver?.send(peer, bytes.subarray(ETHERNET_HEADER_LEN));
  }

  #drop(reason: StatusName, packets = 1): void {
    this.drops.set(reason, (this.drops.get(reason) ?? 0) + packets);
  }
}
