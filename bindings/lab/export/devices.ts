// Devices of a network as the commands of iproute2 that make them.
import { HeddleError } from "../../core/index.ts";
import { dockerMac } from "../control/mac.ts";
import type { DeviceSpec, HostSpec, NamespaceSpec, NetworkSpec } from "../spec/network.ts";
import { hostOf, parseAddress } from "../words/inet.ts";
import { ip, netns, quote, tell, words } from "./script.ts";

const MTU = 1500;
/** What a tunnel takes of its lower device's MTU. */
const OVERHEADS: Readonly<Partial<Record<DeviceSpec["kind"], number>>> = {
  vxlan: 50,
  tun: 28,
  ipip: 20,
};

/** A device with where it is. */
export interface Placed {
  readonly network: NetworkSpec;
  readonly host: HostSpec;
  readonly namespace: NamespaceSpec;
  readonly device: DeviceSpec;
}

/** Every device of a network, host by host. */
export function placedIn(network: NetworkSpec): readonly Placed[] {
  return network.hosts.flatMap((host) =>
    host.namespaces.flatMap((namespace) =>
      namespace.devices.map((device) => ({ network, host, namespace, device })),
    ),
  );
}

/** "node1:eth0". */
export function nameOf({ namespace, device }: Placed): string {
  return `${namespace.name}:${device.name}`;
}

/** The commands that make a device; those of a pair, or of a cable, are made with its first end. */
export function create(placed: Placed): string[] {
  const { namespace, device } = placed;
  switch (device.kind) {
    case "nic":
      return createCard(placed);
    case "veth":
      return createPair(placed, device.peer);
    case "bridge": {
      const age = device.ageS === undefined ? "" : ` ageing_time ${100 * device.ageS}`;
      return [add(placed, `type bridge${age} mcast_snooping 0`)];
    }
    case "vxlan":
      return createVxlan(placed, device);
    case "tun":
      return [ip(namespace.name, `tuntap add dev ${quote(device.name)} mode tun`)];
    case "ipip":
      return [add(placed, `type ipip local ${device.local} dev ${quote(device.lower)}`)];
    case "sit":
      return [add(placed, "type sit")];
    case "weave":
      return [];
  }
}

/** Address, MTU, master and whether it is up. */
export function configure(placed: Placed): string[] {
  const { namespace, device } = placed;
  const name = quote(device.name);
  const set = (what: string): string => ip(namespace.name, `link set ${name} ${what}`);
  const mtu = device.mtu ?? mtuOf(placed);
  return [
    ...(mtu === MTU && device.kind !== "tun" ? [] : [set(`mtu ${mtu}`)]),
    ...(device.master === undefined ? [] : [set(`master ${quote(device.master)}`)]),
    ...(device.addresses ?? []).map((text) =>
      ip(namespace.name, `addr add ${words(text)} dev ${name}`),
    ),
    ...(device.isUp === false ? [] : [set("up")]),
  ];
}

/** The fabric's end of a card: "p-" and the host, and the card's name where a host has several. */
export function portOf(network: NetworkSpec, place: string): string {
  const fabric = network.fabrics.find(({ ports }) => ports.includes(place));
  const placed = placedIn(network).find((each) => nameOf(each) === place);
  if (fabric === undefined || placed === undefined) {
    throw new HeddleError("BadValue", place, "a card of the network, as node1:eth0");
  }
  const own = new Set(placed.host.namespaces.map(({ name }) => name));
  const isAlone = fabric.ports.filter((each) => own.has(each.split(":")[0] ?? "")).length === 1;
  return isAlone ? `p-${placed.host.name}` : `p-${placed.host.name}-${placed.device.name}`;
}

function add(placed: Placed, type: string): string {
  const { namespace, device } = placed;
  return ip(namespace.name, `link add ${quote(device.name)}${traits(placed)} ${type}`);
}

/** What can be said of a device only while it is made, or is best said then. */
function traits(placed: Placed): string {
  const { ifindex } = placed.device;
  const mac = macOf(placed);
  const index = ifindex === undefined ? "" : ` index ${ifindex}`;
  return mac === null ? index : `${index} address ${mac}`;
}

function macOf({ namespace, device }: Placed): string | null {
  if (device.mac !== undefined) return device.mac;
  const [first] = device.addresses ?? [];
  const isDockers = namespace.kind === "container" && device.kind === "veth";
  return isDockers && first !== undefined ? dockerMac(hostOf(parseAddress(first).address)) : null;
}

function createPair(placed: Placed, peer: string): string[] {
  const all = placedIn(placed.network);
  const other = all.find((each) => nameOf(each) === peer);
  if (other === undefined) throw new HeddleError("BadValue", peer, "a device as c1:eth0");
  if (all.indexOf(other) < all.findIndex((each) => nameOf(each) === nameOf(placed))) return [];
  const end = `peer name ${quote(other.device.name)}${traits(other)}`;
  return [add(placed, `type veth ${end} netns ${netns(other.namespace.name)}`)];
}

/** A card is one end of a pair whose other end is in a fabric, at the other host, or nowhere. */
function createCard(placed: Placed): string[] {
  const { network } = placed;
  const place = nameOf(placed);
  const fabric = network.fabrics.find(({ ports }) => ports.includes(place));
  if (fabric === undefined) {
    const end = `x${placedIn(network).findIndex((each) => nameOf(each) === place)}`;
    return [
      add(placed, `type veth peer name ${end} netns ${netns(UNPLUGGED)}`),
      ip(UNPLUGGED, `link set ${end} up`), // it has a carrier, as in the lab
    ];
  }
  if (fabric.kind === "cable") {
    const [first, second] = fabric.ports;
    return place === first && second !== undefined ? createPair(placed, second) : [];
  }
  const port = quote(portOf(network, place));
  const at = (command: string): string => ip(fabric.name, `link set ${port} ${command}`);
  return [
    add(placed, `type veth peer name ${port} netns ${netns(fabric.name)}`),
    at(`master ${quote(fabric.name)}`),
    at("up"),
  ];
}

/** Where the other ends of cards are that no fabric has. */
export const UNPLUGGED = "unplugged";

type Vxlan = Extract<DeviceSpec, { kind: "vxlan" }>;

/** A device that was moved keeps its socket where it was made. */
function createVxlan(placed: Placed, device: Vxlan): string[] {
  const { namespace } = placed;
  const home = device.socketIn ?? namespace.name;
  const isMoved = home !== namespace.name;
  const type = [
    `type vxlan id ${device.vni} local ${device.local}`,
    ...(isMoved ? [] : [`dev ${quote(device.lower)}`]),
    `dstport ${device.port ?? 8472}`,
    device.isLearning ? "learning" : "nolearning",
    ...(device.isProxy ? ["proxy"] : []),
    ...(device.hasL2miss ? ["l2miss"] : []),
    ...(device.hasL3miss ? ["l3miss"] : []),
    ...(device.hasUdpChecksum === false ? ["noudpcsum"] : []),
  ].join(" ");
  const strict = device.isStrict
    ? [tell(`${nameOf(placed)}: the kernel lets any host speak, not its remotes alone`)]
    : [];
  if (!isMoved) return [add(placed, type), ...strict];
  const made = ip(home, `link add vx-moving${traits(placed)} ${type}`);
  const name = quote(device.name);
  const moved = ip(home, `link set vx-moving netns ${netns(namespace.name)} name ${name}`);
  return [made, moved, ...strict];
}

function mtuOf({ namespace, device, network }: Placed): number {
  const overhead = OVERHEADS[device.kind];
  if (overhead === undefined || !("lower" in device)) return MTU;
  const home = "socketIn" in device ? (device.socketIn ?? namespace.name) : namespace.name;
  const lower = placedIn(network).find((each) => nameOf(each) === `${home}:${device.lower}`);
  return (lower?.device.mtu ?? MTU) - overhead;
}
