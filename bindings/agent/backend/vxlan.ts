// VXLAN as flannel lays it out: one device, for each peer a permanent neighbor at the first address
// of its subnet, the VTEP of its MAC, and a route by that address. With DirectRouting, peers on the
// same link get a plain route instead.
import { HeddleError } from "../../core/status.ts";
import type { NetworkConfig, VxlanConfig } from "../config.ts";
import type { Lease, LeaseAttrs } from "../lease.ts";
import type { DevicePlan, External, OwnNode, PeerAnswer, PeerPlan } from "../plan.ts";
import { type Backend, type IsOnLink, plainAttrs, subnetBase } from "./backend.ts";
import { claimFault } from "./claim.ts";
import { readVtep, type Vtep } from "./vtep.ts";

const TYPE = "vxlan";
const OVERHEAD_LEN = 50; // Ethernet 14, VXLAN 8, UDP 8, IPv4 20
const MTU_MIN = 68; // RFC 791
const NAME_LEN_MAX = 15;
const PORT_MAX = 0xffff;

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
    const backendData: Vtep = { VNI: this.device.vni ?? 0, VtepMAC: mac ?? "" };
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
    const vtep = readVtep(attrs.backendData);
    if ("reason" in vtep) return { subnet, reason: vtep.reason };
    if (vtep.mac === own.mac) return { subnet, reason: `VtepMAC ${vtep.mac} is this node's own` };
    const isDirect = this.asksOnLink && isOnLink(attrs.publicIp);
    return isDirect ? directPlan(lease) : this.#tunnelPlan(lease, vtep.mac);
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

function directPlan({ subnet, attrs }: Lease): PeerPlan {
  const remote = attrs.publicIp;
  const routes = [{ dst: subnet, via: remote }];
  return { subnet, remote, neighbors: [], fdb: [], tunnelRoutes: [], routes };
}

function devicePlan(config: NetworkConfig, backend: VxlanConfig, external: External): DevicePlan {
  const { vni, port, learning, gbp } = backend;
  const name = `flannel.${vni}`;
  if (!(vni >= 0) || name.length > NAME_LEN_MAX) {
    const expected = "0 to 9999999: the device is named after it, with at most 15 characters";
    throw new HeddleError("BadValue", vni, `VNI: ${expected}`);
  }
  if (!(port >= 0 && port <= PORT_MAX)) {
    throw new HeddleError("BadValue", port, `Port: 0 to ${PORT_MAX}`);
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
