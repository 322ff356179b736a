// What joins network cards: a cable, a switch, or a hub, and what becomes of frames on the way.

import { Dice } from "../dice.ts";
import type { FabricSpec } from "../spec/network.ts";
import { askStation } from "./asked.ts";
import type { Device } from "./device.ts";
import type { Elements } from "./element.ts";
import { fcsOf, isDamaged } from "./fcs.ts";
import { dstMacOf, isGroup, srcMacOf } from "./frame.ts";
import { receive } from "./input.ts";
import type { Carried, Spot, Stop } from "./journey.ts";
import type { Lab } from "./lab.ts";
import { type Fault, LinkFaults } from "./link-fault.ts";
import { reasonOf } from "./reason.ts";
import type { Stations } from "./tables/stations.ts";

const DELAY_NS = 1000;
const LATE_NS = 2_000_000; // enough for another frame to overtake

const DID: Readonly<Record<Exclude<Fault, "loss">, string>> = {
  duplicate: "duplicated",
  reorder: "reordered",
  corrupt: "damaged",
};

/** A socket of a fabric, and the card in it. Its index is its port of the fabric's node. */
export interface FabricPort {
  readonly name: string;
  readonly device: Device;
}

/** What a switch decides with. */
export interface Switching {
  readonly elements: Elements;
  readonly stations: Stations;
}

export class Fabric {
  readonly spec: FabricSpec;
  readonly ports: readonly FabricPort[];
  readonly #lab: Lab;
  readonly #switching: Switching | null;
  readonly #faults: LinkFaults | null;

  constructor(lab: Lab, spec: FabricSpec, ports: readonly FabricPort[], how: Switching | null) {
    this.#lab = lab;
    this.spec = spec;
    this.ports = ports;
    this.#switching = how;
    this.#faults =
      spec.link === undefined ? null : new LinkFaults(spec.link, new Dice(lab.dice.u64()));
  }

  get tables(): Stations["ledger"]["state"][] {
    return this.#switching === null ? [] : [this.#switching.stations.ledger.state];
  }

  /** A frame that a card sends. */
  take(device: Device, carried: Carried): void {
    const from = this.ports.findIndex((port) => port.device === device);
    this.#lab.clock.after(this.#delayNs, () => this.#arrive(from, carried));
  }

  get #delayNs(): number {
    return this.spec.link?.delayNs ?? DELAY_NS;
  }

  get #spot(): Spot {
    const { name } = this.spec;
    return { host: name, namespace: name, device: name, plane: "underlay" };
  }

  /** What becomes of a frame on the wire, before whatever is at its end. */
  #arrive(from: number, carried: Carried): void {
    const fault = this.#faults?.next() ?? null;
    if (fault === null) {
      this.#cross(from, carried);
      return;
    }
    const stop = this.#lab.recorder.stop(carried, this.#spot);
    const values = { dev: this.spec.name, link: this.spec.name, seed: String(this.#lab.seed) };
    if (fault === "loss") {
      stop.settle("drop-loss", values);
      return;
    }
    stop.settle("link-fault", { ...values, did: DID[fault] });
    if (fault === "corrupt") {
      const damaged = this.#faults?.corrupt(carried.bytes) ?? carried.bytes;
      const fcs = fcsOf(carried.bytes);
      this.#cross(from, { ...stop.leave(damaged, "ethernet"), fcs });
      return;
    }
    const onward = stop.leave(carried.bytes, "ethernet");
    if (fault === "duplicate") this.#cross(from, stop.leave(carried.bytes, "ethernet"));
    const lateNs = fault === "reorder" ? LATE_NS : 0;
    this.#lab.clock.after(lateNs, () => this.#cross(from, onward));
  }

  #cross(from: number, carried: Carried): void {
    const stop = this.#lab.recorder.stop(carried, this.#spot);
    stop.milestone = "on-underlay";
    if (this.#switching !== null) {
      this.#switch(this.#switching, from, carried, stop);
      return;
    }
    const others = this.ports.filter((_, at) => at !== from);
    if (this.spec.kind === "hub") {
      stop.settle("hub", { hub: this.spec.name, n: others.length });
    } else stop.settle("wire", { dev: this.spec.name, link: this.spec.name });
    for (const port of others) this.#put(port, stop, carried);
  }

  #switch({ elements, stations }: Switching, port: number, carried: Carried, stop: Stop): void {
    const { bytes, link } = carried;
    if (isDamaged(carried)) {
      stop.settle("drop-fcs", { dev: this.spec.name });
      return;
    }
    const { desc, outs } = this.#lab.recorder.during(stop, () => {
      const outcome = elements.run("bridge_burst", { bytes, link, port });
      stations.refresh(srcMacOf(carried));
      return outcome;
    });
    const mac = dstMacOf(carried);
    const asked = askStation(stations, mac);
    stop.asked.push(asked);
    const came = this.ports[port]?.name ?? "";
    const values = { br: this.spec.name, dev: this.spec.name, mac, port: came };
    if (desc.verdict !== "consumed") {
      stop.settle(reasonOf(desc.verdict), { ...values, reason: desc.verdict });
    } else if (isGroup(carried) || asked.row === null) {
      stop.settle("flood", { ...values, n: outs.length });
    } else {
      const to = this.ports[outs[0]?.desc.port ?? -1]?.name ?? "";
      stop.outDevice = to;
      stop.settle("bridge", { ...values, port: to });
    }
    for (const out of outs) {
      const to = this.ports[out.desc.port ?? -1];
      if (to !== undefined) this.#put(to, stop, carried);
    }
  }

  #put({ device }: FabricPort, stop: Stop, { bytes, fcs }: Carried): void {
    const left = stop.leave(bytes, "ethernet");
    const onward = fcs === undefined ? left : { ...left, fcs };
    this.#lab.clock.after(this.#delayNs, () => receive(device, onward));
  }
}
