// The lab: everything that one virtual network consists of, and the time that passes in it.
import type { Core } from "../core/index.ts";
import { Clock } from "./clock.ts";
import { Container, type ContainerInit } from "./container.ts";
import type { Device } from "./device.ts";
import { Dice } from "./dice.ts";
import { Host, type HostInit } from "./host.ts";
import { type Fate, link } from "./link.ts";
import { PcapngWriter } from "./pcapng.ts";

/** What a lab begins with. */
export interface EngineInit {
  readonly core: Core;
  /** The same seed gives the same bytes. */
  readonly seed: bigint;
  /** Takes the blocks of a pcapng file, with an interface for each device. */
  readonly capture?: (chunk: Uint8Array) => void;
}

export class Engine {
  readonly clock: Clock = new Clock();
  readonly dice: Dice;
  readonly core: Core;
  readonly #capture: PcapngWriter | null;

  constructor(init: EngineInit) {
    this.core = init.core;
    this.dice = new Dice(init.seed);
    this.#capture = init.capture ? new PcapngWriter(init.capture) : null;
  }

  /** A namespace with one device, which is captured from the beginning. */
  addContainer(init: ContainerInit): Container {
    const container = new Container(this.clock, this.dice, init);
    this.#watch(container.eth0);
    return container;
  }

  /** A namespace with an underlay device, a bridge and a tunnel, each captured. */
  addHost(init: HostInit): Host {
    const host = new Host(this.clock, init);
    for (const device of [host.bridge, host.mouth, host.eth0]) this.#watch(device);
    return host;
  }

  /** Joins two devices; `fate` says what becomes of each packet on the way. */
  link(a: Device, b: Device, fate: Fate): void {
    link(this.clock, a, b, fate);
  }

  /** Lets time pass until nothing is left to happen. */
  run(): void {
    this.clock.run();
  }

  #watch(device: Device): void {
    const capture = this.#capture;
    if (capture === null) return;
    const at = capture.addInterface({ name: device.name, linkType: device.linkType });
    device.tap((bytes, direction) => {
      const timeNs = BigInt(this.clock.nowNs);
      capture.addPacket({ interface: at, timeNs, bytes, direction });
    });
  }
}
