// The devices of a namespace: names, indexes, MACs and MTUs, as the spec has them or Linux would.
import { printMac } from "../../core/index.ts";
import { dockerMac } from "../control/mac.ts";
import type { DeviceSpec } from "../spec/network.ts";
import { hostOf, parseAddress } from "../words/inet.ts";
import { Device } from "./device.ts";
import type { Namespace } from "./namespace.ts";

/** How much a network asks of a node. */
export interface Room {
  /** Bytes of the longest packet. */
  readonly longestLen: number;
  /** How many namespaces there are: stations and neighbors that one may come to know. */
  readonly size: number;
  /** How many hosts there are: ends of tunnels. */
  readonly hostCount: number;
  /** How many networks it may have routes to, and flows between. */
  readonly networkCount: number;
}

const LO_MTU = 65536;
const MTU = 1500;

/** Bytes that a tunnel's outer headers take of its lower device's MTU. */
const OVERHEADS: Partial<Record<DeviceSpec["kind"], number>> = {
  vxlan: 50,
  tun: 28,
  ipip: 20,
  weave: 124,
  sit: 20,
};

/** Devices that are a port of their own segment, and as a bridge's port another. */
const HAS_SEGMENT: ReadonlySet<Device["kind"]> = new Set(["vxlan", "weave"]);

/** Makes them, from index `first` on; returns the next free one. */
export function buildDevices(namespace: Namespace, first: number): number {
  const { spec, devices } = namespace;
  const lo = { namespace, spec: null, name: "lo", ifindex: 1, mac: null, mtu: LO_MTU, port: 0 };
  devices.push(new Device(lo));
  let ifindex = first;
  for (const each of spec.devices) {
    if (namespace.device(each.name) !== undefined) {
      throw new RangeError(`${spec.name} has two devices "${each.name}"`);
    }
    const port = devices.length;
    const own = each.ifindex ?? ifindex;
    ifindex = Math.max(ifindex, own + 1);
    const mtu = each.mtu ?? mtuOf(namespace, each);
    const mac = macOf(namespace, each);
    devices.push(
      new Device({ namespace, spec: each, name: each.name, ifindex: own, mac, mtu, port }),
    );
  }
  for (const device of devices) {
    if (HAS_SEGMENT.has(device.kind)) device.slavePort = device.port + devices.length;
    if (device.kind === "bridge") settleBridge(device);
  }
  return ifindex;
}

function macOf(namespace: Namespace, spec: DeviceSpec): string | null {
  const drawn = drawMac(namespace); // drawn for each, so that one that is given moves no other
  if (spec.mac !== undefined) return spec.mac;
  if (spec.kind === "tun" || spec.kind === "ipip" || spec.kind === "sit") return null;
  const [first] = spec.addresses ?? [];
  const isDockers = namespace.spec.kind === "container" && spec.kind === "veth";
  if (isDockers && first !== undefined) return dockerMac(hostOf(parseAddress(first).address));
  return drawn;
}

/** One of a locally administered station. */
function drawMac({ lab }: Namespace): string {
  const [high, low] = [lab.dice.u32(), lab.dice.u32()];
  const six = low + (high & 0xffff) * 2 ** 32;
  return printMac(six - (low & 0x03) + 0x02); // no group
}

function mtuOf(namespace: Namespace, spec: DeviceSpec): number {
  const overhead = OVERHEADS[spec.kind];
  if (overhead === undefined || !("lower" in spec)) return MTU;
  const { lab } = namespace;
  const socket = "socketIn" in spec && spec.socketIn !== undefined ? spec.socketIn : namespace.name;
  const lower = lab.namespaces.get(socket)?.device(spec.lower);
  const found = lower?.mtu ?? namespace.spec.devices.find(({ name }) => name === spec.lower)?.mtu;
  return (found ?? MTU) - overhead;
}

/** A bridge has the lowest MAC of its ports, and the smallest MTU, unless somebody set them. */
function settleBridge(bridge: Device): void {
  const { spec, namespace } = bridge;
  const ports = namespace.devices.filter((device) => device.spec?.master === bridge.name);
  const [lowest] = ports.map(({ mac }) => mac ?? "").sort();
  if (spec?.mac === undefined && lowest !== undefined) bridge.mac = lowest;
  if (spec?.mtu === undefined && ports.length > 0) {
    bridge.mtu = Math.min(...ports.map(({ mtu }) => mtu));
  }
}
