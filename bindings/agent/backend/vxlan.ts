// VXLAN as flannel lays it out: one device, for each peer a permanent neighbor at the first address
// of its subnet, the VTEP of its MAC, and a route by that address. With DirectRouting, peers on the
// same link get a plain route instead.
import { HeddleError } from "../../core/status.ts";
import type { NetworkConfig, VxlanConfig } from "../config.ts";
import type { Lease, LeaseAttrs } from "../lease.ts";
import type { DevicePlan, External, OwnNode, PeerAnswer, PeerPlan } from "../plan.ts";
import { parseVxlanData, printVxlanData } from "../value.ts";
import { type Backend, type IsOnLink, plainAttrs, subnetBase } from "./backend.ts";
import { claimFault } from "./claim.ts";

const TYPE = "vxlan";
const OVERHEAD_LEN = 50; // Ethernet 14, VXLAN 8, UDP 8, IPv4 20
const MTU_MIN = 68; // RFC 791
const NAME_LEN_MAX = 15;

export class VxlanBackend implements Backend {
  readonly type: typeof TYPE = TYPE;
  readonly device: DevicePlan;
  readonly asksOnLink: boolean;
  readonly #external: External;

  /** Throws HeddleError when no device can be like that. */
  constructor(config: NetworkConfig, backend: VxlanConfig, external: External) {
    this.#external = external;
    this.device = devicePlan(config, backend, external);
    this.asksOnLink = backend.directRouting;
  }

  get mtu(): number {
    return this.device.mtu;
  }

  attrs(mac: string | null): LeaseAttrs {
    if (mac === null) throw new HeddleError("BadMac", mac, "the MAC of the node's device");
    const backendData = printVxlanData({ vni: this.device.vni ?? null, vtepMac: mac });
    return { ...plainAttrs(this.#external.publicIp, TYPE), backendData };
  }

  peer(lease: Lease, own: OwnNode, isOnLink: IsOnLink): PeerAnswer {
    const { subnet, attrs } = lease;
    if (attrs.backendType !== TYPE) {
      return { subnet, reason: `BackendType is "${attrs.backendType}", not "${TYPE}"` };
    }
    const { network } = this.device;
    const fault = claimFault(lease, { subnet: own.subnet, network }, this.#external);
    if (fault !== null) return { subnet, reason: fault };
    const mac = vtepMacOf(attrs);
    if (typeof mac !== "string") return { subnet, reason: mac.message };
    if (mac === own.mac) return { subnet, reason: `VtepMAC ${mac} is this node's own` };
    const isDirect = this.asksOnLink && isOnLink(attrs.publicIp);
    return isDirect ? directPlan(lease, this.#external) : this.#tunnelPlan(lease, mac);
  }

  #tunnelPlan({ subnet, attrs }: Lease, mac: string): PeerPlan {
    const dev = this.device.name;
    const base = subnetBase(subnet);
    return {
      subnet,
      remote: attrs.publicIp,
      neighbors: [{ dev, address: base, mac }],
      fdb: [{ dev, mac, dst: attrs.publicIp }],
      tunnelRoutes: [],
      routes: [{ dst: subnet, via: base, dev, onlink: true }],
    };
  }
}

function vtepMacOf(attrs: LeaseAttrs): string | HeddleError {
  try {
    return parseVxlanData(attrs.backendData).vtepMac;
  } catch (error) {
    if (error instanceof HeddleError) return error;
    throw error;
  }
}

function directPlan({ subnet, attrs }: Lease, { name }: External): PeerPlan {
  const remote = attrs.publicIp;
  const routes = [{ dst: subnet, via: remote, dev: name }];
  return { subnet, remote, neighbors: [], fdb: [], tunnelRoutes: [], routes };
}

function devicePlan(config: NetworkConfig, backend: VxlanConfig, external: External): DevicePlan {
  const { vni, port, learning, gbp } = backend;
  const name = `flannel.${vni}`;
  if (name.length > NAME_LEN_MAX) {
    const expected =
      "at most 9999999: the device is named after it, and names end at 15 characters";
    throw new HeddleError("BadValue", vni, `VNI: ${expected}`);
  }
  const outerMtu = backend.mtu || external.mtu;
  if (outerMtu < MTU_MIN + OVERHEAD_LEN) {
    const expected = `at least ${MTU_MIN + OVERHEAD_LEN}, the tunnel's own ${OVERHEAD_LEN} in it`;
    throw new HeddleError("BadValue", outerMtu, `MTU: ${expected}`);
  }
  return {
    name,
    kind: TYPE,
    mtu: outerMtu - OVERHEAD_LEN,
    network: config.network,
    underlay: external.name,
    local: external.address,
    port,
    vni,
    learning,
    gbp,
    routes: [],
  };
}
