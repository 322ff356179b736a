// A host as flannel leaves it, made by `ip`, `bridge` and `iptables` alone, with a lease that was
// written by hand.
import { writeFileSync } from "node:fs";
import { type AgentHost, openHost } from "./host.ts";
import type { Wire } from "./wire.ts";

const DEVICE = "flannel.1";
const NETWORK = "10.5.0.0/16";
const DAY_S = 86_400;

/** What leads to a peer. */
export interface PeerWords {
  readonly subnet: string;
  readonly mac: string;
  readonly address: string;
}

export class FlannelHost {
  readonly host: AgentHost;
  readonly subnet: string;
  readonly mac: string;

  private constructor(host: AgentHost, station: number) {
    this.host = host;
    this.subnet = `10.5.${station}.0/24`;
    this.mac = `02:00:00:00:05:${station.toString(16).padStart(2, "0")}`;
  }

  /** 192.168.11.STATION, which has leased 10.5.STATION.0/24. */
  static async open(wire: Wire, label: string, station: number): Promise<FlannelHost> {
    const flannel = new FlannelHost(await openHost(wire, label, station), station);
    await flannel.makeDevice();
    await flannel.publish();
    flannel.writeEnv(false);
    return flannel;
  }

  get base(): string {
    return this.subnet.slice(0, this.subnet.indexOf("/"));
  }

  get words(): PeerWords {
    const { subnet, mac, host } = this;
    return { subnet, mac, address: host.address };
  }

  async makeDevice(port = 8472): Promise<void> {
    const { ns, address } = this.host;
    const shape = ["type", "vxlan", "id", "1", "dev", "eth0", "local", address];
    const rest = ["dstport", String(port), "nolearning"];
    await ns.ip("link", "add", DEVICE, "address", this.mac, "mtu", "1450", ...shape, ...rest);
    await ns.ip("address", "add", `${this.base}/32`, "dev", DEVICE);
    await ns.ip("link", "set", DEVICE, "up");
  }

  async publish(ttlS: number = DAY_S): Promise<void> {
    const { wire, address } = this.host;
    const value = {
      PublicIP: address,
      PublicIPv6: null,
      BackendType: "vxlan",
      BackendData: { VNI: 1, VtepMAC: this.mac },
    };
    await wire.put(wire.keyOf(this.subnet), JSON.stringify(value), await wire.grant(ttlS));
  }

  writeEnv(ipMasq: boolean): void {
    const lines = [
      `FLANNEL_NETWORK=${NETWORK}`,
      `FLANNEL_SUBNET=${this.subnet.replace(".0/", ".1/")}`,
      "FLANNEL_MTU=1450",
      `FLANNEL_IPMASQ=${ipMasq}`,
    ];
    writeFileSync(this.host.subnetFile, `${lines.join("\n")}\n`);
  }

  /** Neighbor, FDB entry, route: in flannel's order. */
  async addPeer({ subnet, mac, address }: PeerWords): Promise<void> {
    const { ns } = this.host;
    const base = subnet.slice(0, subnet.indexOf("/"));
    const station = ["lladdr", mac, "nud", "permanent", "dev", DEVICE];
    await ns.ip("neighbor", "replace", base, ...station);
    const vtep = ["dev", DEVICE, "dst", address, "self", "permanent"];
    await ns.run("bridge", "fdb", "replace", mac, ...vtep);
    await ns.ip("route", "replace", subnet, "via", base, "dev", DEVICE, "onlink");
  }

  /** Flannel's seven masquerade rules. */
  async masquerade(): Promise<void> {
    const chain = ["iptables", "-t", "nat", "-A", "FLANNEL-POSTRTG"];
    const comment = ["-m", "comment", "--comment", "flanneld masq"];
    const own = this.subnet;
    const rules = [
      ["-m", "mark", "--mark", "0x4000/0x4000", ...comment, "-j", "RETURN"],
      ["-s", own, "-d", NETWORK, ...comment, "-j", "RETURN"],
      ["-s", NETWORK, "-d", own, ...comment, "-j", "RETURN"],
      ["!", "-s", NETWORK, "-d", own, ...comment, "-j", "RETURN"],
      ["-s", NETWORK, "!", "-d", "224.0.0.0/4", ...comment, "-j", "MASQUERADE", "--random-fully"],
      ["!", "-s", NETWORK, "-d", NETWORK, ...comment, "-j", "MASQUERADE", "--random-fully"],
    ];
    const hook = ["-A", "POSTROUTING", ...comment, "-j", "FLANNEL-POSTRTG"];
    const lines = [["iptables", "-t", "nat", "-N", "FLANNEL-POSTRTG"]];
    lines.push(["iptables", "-t", "nat", ...hook], ...rules.map((rule) => [...chain, ...rule]));
    for (const [program = "", ...words] of lines) await this.host.ns.run(program, ...words);
  }
}
