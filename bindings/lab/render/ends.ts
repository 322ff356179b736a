// The other ends of a namespace's devices: who is behind an `@`, and whether anybody is.
import type { DevicePlace, Places } from "../trace/trace.ts";
import type { DevicesInit } from "./device.ts";
import type { Operstate } from "./link-row.ts";

/** The device behind an `@`. */
export interface DeviceEnd {
  /** 0: there is none. */
  readonly ifindex: number;
  /** Where it is in the same namespace. */
  readonly name: string | null;
  readonly isUp: boolean;
  /** The number under which this namespace knows the other; null: they are the same. */
  readonly netnsid: number | null;
}

interface Far {
  readonly namespace: string;
  readonly name: string;
  readonly ifindex: number;
}

const NOBODY: DeviceEnd = { ifindex: 0, name: null, isUp: true, netnsid: null };

/** Devices whose other side is no cable have no state to know of. */
const STATELESS: ReadonlySet<string> = new Set(["lo", "vxlan", "ipip", "sit", "weave"]);

/** Ends of the devices of one namespace. */
export class Ends {
  readonly #init: DevicesInit;
  readonly #devices: readonly DevicePlace[];
  /** The namespaces that have a number here, in its order. */
  readonly #others: readonly string[];

  constructor(init: DevicesInit, devices: readonly DevicePlace[]) {
    this.#init = init;
    this.#devices = devices;
    const own = init.place.name;
    const others = devices.map((device) => this.#farOf(device)?.namespace ?? own);
    this.#others = [...new Set(others)].filter((name) => name !== own);
  }

  of(place: DevicePlace): DeviceEnd | null {
    if (place.kind === "sit" || place.kind === "ipip") return NOBODY;
    const far = this.#farOf(place);
    if (far === null) return null;
    const at = this.#others.indexOf(far.namespace);
    return {
      ifindex: far.ifindex,
      name: at < 0 ? far.name : null,
      isUp: this.#isUp(far.namespace, far.name),
      netnsid: at < 0 ? null : at,
    };
  }

  isUp({ name, kind }: DevicePlace): boolean {
    return this.#isUp(this.#init.place.name, name, kind !== "sit");
  }

  /** Requires: the device is up. */
  hasCarrier(place: DevicePlace): boolean {
    if (place.kind === "bridge") return this.#bridgeCarrier(place);
    return place.kind !== "veth" || (this.of(place)?.isUp ?? true);
  }

  operstate(place: DevicePlace, isUp: boolean, hasCarrier: boolean): Operstate {
    if (!isUp) return "DOWN";
    if (!hasCarrier) return this.of(place)?.name ? "LOWERLAYERDOWN" : "DOWN";
    const isNew = place.kind === "bridge" && this.#portsOf(place).length === 0;
    return isNew || STATELESS.has(place.kind) ? "UNKNOWN" : "UP";
  }

  /**
   * One whose ports are all down has no carrier. One that never had a port has it as Linux makes
   * it, and has none when its MAC was set by hand, as docker's: that makes it look at its ports.
   */
  #bridgeCarrier(bridge: DevicePlace): boolean {
    const ports = this.#portsOf(bridge);
    if (ports.length > 0) return ports.some((port) => this.isUp(port) && this.hasCarrier(port));
    const { spec } = this.#init.stateOf(this.#init.place.name, bridge.name);
    return spec?.mac === undefined;
  }

  #portsOf(bridge: DevicePlace): DevicePlace[] {
    return this.#devices.filter(({ name, master }) => {
      const row = this.#init.stateOf(this.#init.place.name, name);
      return (row.master === undefined ? master : row.master) === bridge.name;
    });
  }

  #isUp(namespace: string, device: string, unless = true): boolean {
    const { spec, isUp } = this.#init.stateOf(namespace, device);
    return isUp ?? spec?.isUp ?? unless;
  }

  #farOf({ name, kind, ifindex }: DevicePlace): Far | null {
    const { trace, place: own } = this.#init;
    const { spec } = this.#init.stateOf(own.name, name);
    if (spec?.kind === "vxlan") {
      const namespace = spec.socketIn ?? own.name;
      return namespace === own.name ? null : { namespace, name, ifindex };
    }
    return kind === "veth" ? peerOf(trace.places, `${own.name}:${name}`) : null;
  }
}

function peerOf(places: Places, end: string): Far | null {
  const link = places.links.find((ends) => ends.includes(end));
  const far = link?.find((other) => other !== end);
  if (far === undefined) return null;
  const at = far.indexOf(":");
  const [namespace, name] = [far.slice(0, at), far.slice(at + 1)];
  const devices = places.hosts
    .flatMap(({ namespaces }) => namespaces)
    .find((each) => each.name === namespace)?.devices;
  const found = devices?.find((device) => device.name === name);
  return found ? { namespace, name, ifindex: found.ifindex } : null;
}
