// The kernel's own VXLAN device as flannel makes it. A device of that name is adopted when all of
// it is as it has to be but for the MAC, which is then this node's: so a restart disturbs nobody.
// What can be changed on the spot is; for everything else the device is made anew, with its MAC.

import type { Dice } from "../../agent/clock.ts";
import { drawMac } from "../../agent/mac.ts";
import type { Link, VxlanLink } from "../../agent/observed.ts";
import type { DevicePlan } from "../../agent/plan.ts";
import { NetworkError } from "../netns.ts";
import type { Datapath } from "./datapath.ts";
import { setUpDevice } from "./device-setup.ts";
import { KernelFdb } from "./kernel-fdb.ts";
import type { Netcfg } from "./netcfg.ts";

const DEFAULT_PORT = 8472; // Linux's, and so flannel's

export class KernelDatapath implements Datapath {
  readonly kind = "kernel";
  readonly deviceName: string;
  readonly mac: string;
  readonly tunnel: KernelFdb;
  readonly #netcfg: Netcfg;
  readonly #plan: DevicePlan;

  private constructor(netcfg: Netcfg, plan: DevicePlan, mac: string) {
    this.deviceName = plan.name;
    this.mac = mac;
    this.tunnel = new KernelFdb(netcfg, plan.name);
    this.#netcfg = netcfg;
    this.#plan = plan;
  }

  /** Takes the MAC that a device of this name has, whatever else it is, or draws one. */
  static async open(netcfg: Netcfg, plan: DevicePlan, dice: Dice): Promise<KernelDatapath> {
    const mac = (await netcfg.link(plan.name))?.mac;
    return new KernelDatapath(netcfg, plan, mac ?? drawMac(dice));
  }

  async ensureDevice(address: string): Promise<"kept" | "made"> {
    const outcome = await this.#ensureLink();
    const { deviceName: name, mac } = this;
    await setUpDevice(this.#netcfg, { plan: this.#plan, name, address, mac });
    return outcome;
  }

  /** The device stays, and goes on without us. */
  async close(): Promise<void> {}

  async #ensureLink(): Promise<"kept" | "made"> {
    const link = await this.#netcfg.link(this.deviceName);
    if (link !== null) {
      const found = faults(link, this.#plan);
      if (found.length === 0) return "kept";
      if (found.every(({ isChangeable }) => isChangeable) && (await this.#change())) return "kept";
      await this.#ip("link", "del", "dev", this.deviceName);
    }
    await this.#ip(...creation(this.#plan, this.mac));
    this.tunnel.forget();
    return "made";
  }

  /** True when nothing is wrong any more: what a kernel changes on the spot differs by version. */
  async #change(): Promise<boolean> {
    const { learning, local } = this.#plan;
    const words = ["local", local, learning ? "learning" : "nolearning"];
    const line = ["link", "set", "dev", this.deviceName, "type", "vxlan", ...words];
    if ((await this.#netcfg.ip([line])).length > 0) return false;
    const link = await this.#netcfg.link(this.deviceName);
    return link !== null && faults(link, this.#plan).length === 0;
  }

  async #ip(...words: string[]): Promise<void> {
    const [failure] = await this.#netcfg.ip([words]);
    if (failure !== undefined) throw new NetworkError(`ip ${words.join(" ")}: ${failure.reason}`);
  }
}

interface Fault {
  readonly isChangeable: boolean;
}

/** What is wrong with a device, but for MTU, MAC and state, which every device has. */
function faults({ vxlan }: Link, plan: DevicePlan): Fault[] {
  if (vxlan === null) return [{ isChangeable: false }];
  const { learning = false, gbp = false, port } = plan;
  const isForever =
    vxlan.vni === plan.vni &&
    vxlan.underlay === plan.underlay &&
    vxlan.port === (port || DEFAULT_PORT) &&
    vxlan.gbp === gbp &&
    isPlain(vxlan);
  const isForNow = vxlan.learning === learning && vxlan.local === plan.local;
  return [
    ...(isForever ? [] : [{ isChangeable: false }]),
    ...(isForNow ? [] : [{ isChangeable: true }]),
  ];
}

/** Nothing that flannel leaves to the kernel was set by hand. */
function isPlain({ group, ttl, hasChecksum, extras }: VxlanLink): boolean {
  return group === null && ttl === 0 && hasChecksum && extras.length === 0;
}

/** The MAC comes with the device: udev gives one that came without another. */
function creation(plan: DevicePlan, mac: string): string[] {
  const { name, mtu, vni = 0, underlay, local, port, learning = false, gbp = false } = plan;
  return [
    ...["link", "add", "name", name, "address", mac, "mtu", String(mtu), "txqueuelen", "0"],
    ...["type", "vxlan", "id", String(vni), "dev", underlay, "local", local],
    ...["dstport", String(port || DEFAULT_PORT), learning ? "learning" : "nolearning"],
    ...["ttl", "auto", "tos", "0", "noproxy", "norsc", "nol2miss", "nol3miss"],
    ...["udpcsum", "noudp6zerocsumtx", "noudp6zerocsumrx"],
    ...(gbp ? ["gbp"] : []),
  ];
}
