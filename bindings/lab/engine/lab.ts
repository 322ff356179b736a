// A network that runs: everything in it, the time that passes, and what is written down.
import type { Core } from "../../core/index.ts";
import { Clock } from "../clock.ts";
import { Dice } from "../dice.ts";
import type { NetworkSpec } from "../spec/network.ts";
import type { TableState } from "../trace/trace.ts";
import { ControlPlane } from "./control-plane.ts";
import type { Device } from "./device.ts";
import type { Fabric } from "./fabric.ts";
import type { Namespace } from "./namespace.ts";
import { Recorder } from "./recorder.ts";

const STEP_NS = 1000;

export class Lab {
  readonly core: Core;
  readonly network: NetworkSpec;
  readonly clock: Clock = new Clock();
  readonly dice: Dice;
  readonly seed: bigint;
  readonly recorder: Recorder;
  readonly controlPlane: ControlPlane;
  readonly namespaces: Map<string, Namespace> = new Map();
  readonly fabrics: Fabric[] = [];
  /** Devices that have a socket somewhere. */
  readonly vteps: Device[] = [];
  /** What it takes from one place to the next inside a host. */
  readonly stepNs: number = STEP_NS;

  constructor(core: Core, network: NetworkSpec, seed: bigint) {
    this.core = core;
    this.network = network;
    this.seed = seed;
    this.dice = new Dice(seed);
    this.recorder = new Recorder(core, this.clock, (name) => this.namespace(name).addresses);
    this.controlPlane = new ControlPlane(core, this.dice, network.store);
  }

  namespace(name: string): Namespace {
    const found = this.namespaces.get(name);
    if (found !== undefined) return found;
    const names = [...this.namespaces.keys()].join(", ");
    throw new RangeError(`there is no namespace "${name}": there are ${names}`);
  }

  /** "c1:eth0". */
  deviceAt(place: string): Device {
    const at = place.indexOf(":");
    const device = this.namespace(place.slice(0, at)).device(place.slice(at + 1));
    if (device === undefined) throw new RangeError(`there is no device "${place}"`);
    return device;
  }

  /** The other end of a veth pair. */
  peerOf(device: Device): Device {
    if (device.spec?.kind !== "veth") throw new RangeError(`${device.place} has no peer`);
    return this.deviceAt(device.spec.peer);
  }

  fabricOf(device: Device): Fabric | undefined {
    return this.fabrics.find(({ ports }) => ports.some((port) => port.device === device));
  }

  /** True where something is at the other end. */
  hasCarrier(device: Device): boolean {
    switch (device.kind) {
      case "veth":
        return device.isUp && this.peerOf(device).isUp;
      case "bridge": {
        const ports = device.namespace.devices.filter(({ master }) => master === device);
        return ports.length === 0 || ports.some((port) => this.hasCarrier(port));
      }
      default:
        return device.isUp;
    }
  }

  get tables(): TableState[] {
    const own = [...this.namespaces.values()].flatMap(({ tables }) => tables);
    return [...own, ...this.fabrics.flatMap(({ tables }) => tables)];
  }
}
