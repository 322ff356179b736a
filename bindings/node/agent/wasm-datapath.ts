// The datapath that is heddle's own: a persistent TAP or TUN, a pump, and the core between them.
//
// The device outlives the agent, with the kernel's routes to it; the next agent takes it over, and
// its MAC. What somebody deletes is made again with the same MAC, and the pump's tables are filled
// with the peers that they had.
import { writeFile } from "node:fs/promises";
import type { Dice } from "../../agent/clock.ts";
import type { Log } from "../../agent/log.ts";
import type { DevicePlan } from "../../agent/plan.ts";
import {
  HeddleError,
  type JournalEntry,
  parseIpv4,
  type TableName,
  type TableRecords,
} from "../../core/index.ts";
import { hasDevice } from "../device.ts";
import { missingOffloads } from "../offload.ts";
import {
  type Pump,
  type PumpStats,
  startPump,
  type TapOptions,
  type TappedBurst,
} from "../pump.ts";
import { TapFile } from "../tap-file.ts";
import type { Datapath, TunnelTables } from "./datapath.ts";
import { setUpDevice } from "./device-setup.ts";
import type { Netcfg } from "./netcfg.ts";
import { type OpenedDevice, openNodeDevice } from "./wasm-device.ts";
import { capsFor, portEntries, udpPortOf, type WasmPolicy } from "./wasm-ports.ts";
import { WasmTunnel } from "./wasm-tunnel.ts";

export interface WasmDatapathOptions {
  readonly plan: DevicePlan;
  readonly netcfg: Netcfg;
  readonly log: Log;
  /** Draws the MAC of a device that is new. */
  readonly dice: Dice;
  /** Take packets from any sender, lease or not. */
  readonly anySource?: boolean;
  /** Send packets back to the peer whose subnet they come from. */
  readonly anyReturn?: boolean;
  /** Keep TCP connections to what the tunnel has room for, by the MSS that they agree on. */
  readonly mssClamp?: boolean;
  /** Find out what the path to each peer takes: see PumpOptions. */
  readonly pathMtu?: boolean;
  /** Take super-packets from the kernel, and give them, where it has them: yes unless said. */
  readonly hasOffload?: boolean;
  /** Several threads: see PumpOptions. */
  readonly queues?: number;
  readonly perDirection?: boolean;
  /** Most peers; 8192 unless said, 65000 at most. */
  readonly peersMax?: number;
  /** Called when the pump stops by itself, as when its device was deleted. */
  readonly onLost?: (error: Error | undefined) => void;
}

const PEERS_DEFAULT = 8192;
const PEERS_MAX = 65000;

export class WasmDatapath implements Datapath {
  readonly kind = "wasm";
  readonly deviceName: string;
  readonly mac: string | null;
  readonly #options: WasmDatapathOptions;
  readonly #policy: WasmPolicy;
  readonly #tunnel = new WasmTunnel();
  #pump: Pump | undefined; // undefined: it has ended
  #address: string | null = null; // of the lease, once there is one
  #turn: Promise<unknown> = Promise.resolve(); // one look at the device behind the other
  #isClosed = false;
  #isNew: boolean; // the device was made, and nobody was told yet

  get tunnel(): TunnelTables {
    return this.#tunnel;
  }

  /**
   * Opens device, socket and pump; packets move once there are peers. A VXLAN device of the kernel
   * that has the name, flannel's or ours, gives way, and its MAC is kept. Throws CallError for what
   * the system refuses, `EBUSY` where another agent has the device.
   */
  static async open(options: WasmDatapathOptions): Promise<WasmDatapath> {
    const { peersMax = PEERS_DEFAULT } = options;
    if (!Number.isInteger(peersMax) || peersMax < 1 || peersMax > PEERS_MAX) {
      throw new HeddleError("BadValue", peersMax, `peersMax: a number from 1 to ${PEERS_MAX}`);
    }
    const opened = open(options, await makeRoom(options));
    const datapath = new WasmDatapath(options, opened.mac, opened.device.isNew);
    await datapath.#begin(opened.device);
    return datapath;
  }

  private constructor(options: WasmDatapathOptions, mac: string | null, isNew: boolean) {
    this.#options = options;
    this.#policy = {
      isStrict: !options.anySource,
      hasHorizon: !options.anyReturn,
      clampsMss: options.mssClamp === true,
    };
    this.deviceName = options.plan.name;
    this.mac = mac;
    this.#isNew = isNew;
  }

  ensureDevice(address: string): Promise<"kept" | "made"> {
    const answer = this.#turn.then(() => this.#ensure(address));
    this.#turn = answer.catch(() => {});
    return answer;
  }

  async #ensure(address: string): Promise<"kept" | "made"> {
    if (this.#isClosed) throw new Error(`${this.deviceName} is no longer this agent's`);
    const { plan, netcfg } = this.#options;
    const bare = address.replace(/\/32$/, "");
    parseIpv4(bare);
    const isMoved = bare !== this.#address;
    this.#address = bare;
    if (!hasDevice(this.deviceName)) await this.#pump?.close().catch(() => {});
    if (this.#pump === undefined) await this.#reopen();
    else if (isMoved) await this.#pump.apply(this.#ports());
    const { deviceName: name, mac } = this;
    await setUpDevice(netcfg, { plan, name, address: `${bare}/32`, mac });
    if (plan.kind === "udp" || this.#options.pathMtu) await acceptLocal(name);
    const answer = this.#isNew ? "made" : "kept";
    this.#isNew = false;
    return answer;
  }

  /** What a table of the core holds, for who looks at a running node. */
  list<Name extends TableName>(table: Name): AsyncIterable<TableRecords[Name]> {
    return this.#running().list(table);
  }

  /** Counts since the pump began. */
  stats(): Promise<PumpStats> {
    return this.#running().stats();
  }

  /** What passes, packet by packet: see Pump. */
  tap(options: TapOptions, signal: AbortSignal): AsyncIterable<TappedBurst> {
    return this.#running().tap(options, signal);
  }

  /** The running node as a capture, pcapng piece by piece, until the signal aborts. */
  async *capture(options: TapOptions, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const { plan } = this.#options;
    const chunks: Uint8Array[] = [];
    const { kind: backend, local } = plan;
    const ends = { device: this.deviceName, backend, local, port: udpPortOf(plan) };
    const file = new TapFile(ends, (chunk) => chunks.push(chunk));
    yield* chunks.splice(0);
    for await (const burst of this.tap(options, signal)) {
      file.add(burst);
      yield* chunks.splice(0);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#turn;
    const pump = this.#pump;
    this.#pump = undefined;
    await pump?.close();
  }

  #running(): Pump {
    if (this.#pump === undefined) throw new Error(`${this.deviceName} carries no packets now`);
    return this.#pump;
  }

  async #reopen(): Promise<void> {
    const { device } = open(this.#options, this.mac);
    this.#isNew ||= device.isNew;
    await this.#begin(device);
  }

  /** Moves packets between this device and a socket of its own, to the peers that there are. */
  async #begin(device: OpenedDevice["device"]): Promise<void> {
    const { plan, pathMtu, hasOffload = true, log, peersMax = PEERS_DEFAULT } = this.#options;
    const { queues = 1, perDirection = false } = this.#options;
    const pump = await startPump({
      backend: plan.kind,
      device,
      local: plan.local,
      port: udpPortOf(plan),
      mtu: plan.mtu,
      journal: this.#ports(),
      ...{ hasOffload, queues, perDirection },
      ...(pathMtu === undefined ? {} : { pathMtu }),
      caps: capsFor(peersMax, plan.learning === true),
    });
    this.#pump = pump;
    const missing = hasOffload ? missingOffloads(pump.offload) : [];
    if (missing.length > 0) log("warn", "this kernel lacks offloads: slower", { missing });
    pump.ended.then((error) => this.#lost(pump, error));
    for (const { subnet, reason } of await this.#tunnel.attach(pump)) {
      log("warn", "a peer is not in the tunnel", { subnet, reason });
    }
  }

  #ports(): JournalEntry[] {
    return portEntries(this.#options.plan, this.#address, this.mac, this.#policy);
  }

  #lost(pump: Pump, error: Error | undefined): void {
    if (this.#pump !== pump) return; // closed by us
    this.#pump = undefined;
    const { log, onLost } = this.#options;
    const reason = error?.message;
    log("error", "the pump has stopped: no packets move", { device: this.deviceName, reason });
    onLost?.(error);
  }
}

/** Gives the MAC of the kernel's VXLAN device that had the name: its lease says so to everybody. */
async function makeRoom({ netcfg, plan, log }: WasmDatapathOptions): Promise<string | null> {
  const { name: device } = plan;
  const link = await netcfg.link(device);
  if (link?.kind !== "vxlan") return null;
  log("warn", "the kernel's VXLAN device gives way to the core's", { device, mac: link.mac });
  await netcfg.ip([["link", "del", "dev", device]]);
  return link.mac;
}

function open(options: WasmDatapathOptions, mac: string | null): OpenedDevice {
  const { plan, dice, hasOffload = true, queues = 1 } = options;
  const kind = plan.kind === "udp" ? "tun" : "tap";
  return openNodeDevice({ kind, name: plan.name, mac, hasOffload, queues }, dice);
}

/**
 * Lets the kernel take packets from its own address out of the device: the core speaks with it when
 * it tells a sender that there is no way.
 */
async function acceptLocal(name: string): Promise<void> {
  await writeFile(`/proc/sys/net/ipv4/conf/${name}/accept_local`, "1");
}
