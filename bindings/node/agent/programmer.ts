// Keeps the kernel and the tunnel as the leases have it, turn by turn. A turn brings many peers
// there at once; a peer that fails waits for its next try, and nobody waits for it.
//
// Some turns are looks: everything is compared with what the kernel really holds, at the beginning,
// each few seconds, and soon after the kernel has told of a change. A look mends what was lost,
// a device too, and removes what is ours and has no lease: so what an agent finds at its start is
// adopted, not made anew, and what went away while it slept goes.
import { type Backend, deviceAddress, planPeers } from "../../agent/backend/index.ts";
import type { Clock, Dice } from "../../agent/clock.ts";
import type { Lease } from "../../agent/lease.ts";
import type { Log } from "../../agent/log.ts";
import { type PeerReport, Peers } from "../../agent/peers.ts";
import type { PeerAnswer } from "../../agent/plan.ts";
import type { Scope } from "../../agent/reconcile.ts";
import type { Datapath, Mended } from "./datapath.ts";
import type { Netcfg } from "./netcfg.ts";
import { OnLink } from "./on-link.ts";
import { Tables } from "./tables.ts";

export interface ProgrammerInit {
  readonly netcfg: Netcfg;
  readonly backend: Backend;
  readonly datapath: Datapath;
  /** This node's. */
  readonly subnet: string;
  readonly network: string;
  /** The underlay's device. */
  readonly underlay: string;
  readonly clock: Clock;
  readonly dice: Dice;
  readonly log: Log;
  /** Between two looks that nothing asked for. Left out: ten seconds. */
  readonly lookMs?: number;
  /** What a look found and mended. */
  readonly onMended?: (mended: Mended) => void;
}

const LOOK_MS = 10_000;
/** A change is looked at when those that came along with it are over, */
const CALM_MS = 200;
/** and not before the last look is so long ago: more when that one found nothing to do. */
const PATIENCE_MS = 1000;
const FIRST_WAIT_MS = 100;

export class Programmer {
  readonly #init: ProgrammerInit;
  readonly #peers: Peers;
  readonly #tables: Tables;
  readonly #onLink: OnLink;
  readonly #lookMs: number;
  #leases: readonly Lease[] | null = null;
  #hasNews = false;
  #isSettled = false;
  #wake = new AbortController();
  #lookAtMs = 0;
  #lookedAtMs = 0;
  #patienceMs = PATIENCE_MS;
  #trouble = "";
  #failing: readonly string[] = [];
  #troubleCount = 0;

  constructor(init: ProgrammerInit) {
    const { netcfg, datapath, backend, subnet, network, underlay } = init;
    const device = datapath.deviceName;
    const scope: Scope = {
      ...{ network, subnet, device, underlay },
      routes: backend.device?.routes ?? [],
    };
    this.#init = init;
    this.#peers = new Peers(init.dice);
    this.#tables = new Tables({ netcfg, tunnel: datapath.tunnel, peers: this.#peers, scope });
    this.#onLink = new OnLink({ netcfg, underlay });
    this.#lookMs = init.lookMs ?? LOOK_MS;
  }

  /** Says what leases there are now, all of them. Nothing of any peer is touched before. */
  update(leases: Iterable<Lease>): void {
    if (this.#leases === null) this.#lookAtMs = 0;
    this.#leases = [...leases];
    this.#hasNews = true;
    this.#wake.abort();
  }

  /** Asks for a look at once, when something is known to be amiss. */
  look(): void {
    this.#lookAtMs = 0;
    this.#wake.abort();
  }

  /** What has become of each peer, in order of their subnets as text. */
  peers(): PeerReport[] {
    return this.#peers.reports().sort((a, b) => (a.subnet < b.subnet ? -1 : 1));
  }

  /** True when all leases that were told of are programmed, or refused for good. */
  get isSettled(): boolean {
    return this.#isSettled && !this.#hasNews;
  }

  /** Why nothing goes on, a device that cannot be made above all; "" when it does. */
  get trouble(): string {
    return this.#trouble;
  }

  /** Works until the signal aborts. What stands then stays. */
  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener("abort", () => this.#wake.abort(), { once: true });
    this.#init.netcfg.monitor(() => this.#hear(), signal);
    while (!signal.aborted) {
      this.#wake = new AbortController();
      await this.#turn();
      if (!signal.aborted) await this.#rest();
    }
  }

  async #turn(): Promise<void> {
    const nowMs = this.#init.clock.nowMs();
    const isLook = nowMs >= this.#lookAtMs || this.#trouble !== "";
    if (isLook) this.#lookAtMs = nowMs + this.#lookMs;
    try {
      if (isLook) await this.#ensureDevice();
      await this.#bring(isLook);
      this.#trouble = "";
      this.#troubleCount = 0;
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
    }
  }

  /** Nothing goes on until the next look, which comes the later the longer this lasts. */
  #fail(reason: string): void {
    const { log, clock } = this.#init;
    if (reason !== this.#trouble) log("error", "peers cannot be programmed", { reason });
    const waitMs = Math.min(FIRST_WAIT_MS * 2 ** this.#troubleCount++, this.#lookMs);
    this.#lookAtMs = clock.nowMs() + waitMs;
    this.#trouble = reason;
    this.#isSettled = false;
  }

  async #ensureDevice(): Promise<void> {
    const { datapath, subnet, log } = this.#init;
    const outcome = await datapath.ensureDevice(deviceAddress(subnet));
    if (outcome === "made") log("info", "device made", { device: datapath.deviceName });
  }

  async #bring(isLook: boolean): Promise<void> {
    const leases = this.#leases;
    const isOpen = isLook && this.#init.backend.asksOnLink;
    if (leases !== null && (this.#hasNews || isOpen)) {
      await this.#plan(leases, isLook);
      if (this.#hasNews) this.#isSettled = false;
      this.#hasNews = leases !== this.#leases; // others may have come in the meantime
    }
    if (leases !== null) {
      const nowMs = this.#init.clock.nowMs();
      const due = isLook ? this.#peers.all(nowMs) : this.#peers.due(nowMs);
      const mended = await this.#tables.bring(due, { isLook, nowMs });
      this.#complain(mended.failures);
      if (isLook) this.#tell(mended);
      this.#isSettled = this.#peers.reports().every(({ state }) => state !== "pending");
    }
  }

  async #plan(leases: readonly Lease[], isAnew: boolean): Promise<void> {
    const { backend, subnet, datapath, clock } = this.#init;
    if (backend.asksOnLink) await this.#onLink.learn(leases, isAnew);
    const own = { subnet, mac: datapath.mac };
    const answers = planPeers(backend, leases, own, this.#onLink.isOnLink);
    for (const answer of this.#peers.want(answers, clock.nowMs())) this.#announce(answer);
  }

  #announce(answer: PeerAnswer): void {
    const { log } = this.#init;
    const { subnet } = answer;
    if ("reason" in answer) log("warn", "no way to a subnet", { subnet, reason: answer.reason });
    else log("debug", "a way to a subnet", { subnet, publicIp: answer.remote });
  }

  /** Once for each peer that goes on failing. */
  #complain(failures: Mended["failures"]): void {
    const { log } = this.#init;
    const isOld = new Set(this.#failing);
    for (const { subnet, reason } of failures) {
      if (!isOld.has(subnet)) log("warn", "no way to a subnet for now", { subnet, reason });
    }
    const pending = this.#peers.reports().filter(({ state }) => state === "pending");
    this.#failing = pending.map(({ subnet }) => subnet);
  }

  #tell(mended: Mended): void {
    const { restored, removed, failures } = mended;
    this.#init.onMended?.(mended);
    const hasMended = restored + removed > 0;
    const isQuiet = !hasMended && failures.length === 0;
    this.#patienceMs = isQuiet ? Math.min(this.#patienceMs * 2, this.#lookMs) : PATIENCE_MS;
    this.#lookedAtMs = this.#init.clock.nowMs();
    if (hasMended) this.#init.log("info", "tables mended", { restored, removed });
  }

  /** Something has changed, perhaps by ourselves. */
  #hear(): void {
    const nowMs = this.#init.clock.nowMs();
    const atMs = Math.max(nowMs + CALM_MS, this.#lookedAtMs + this.#patienceMs);
    if (this.#trouble !== "" || atMs >= this.#lookAtMs) return;
    this.#lookAtMs = atMs;
    this.#wake.abort();
  }

  async #rest(): Promise<void> {
    const { clock } = this.#init;
    const nextMs = this.#trouble === "" ? this.#peers.nextMs() : Number.POSITIVE_INFINITY;
    const waitMs = Math.min(this.#lookAtMs, nextMs) - clock.nowMs();
    if (waitMs <= 0 || this.#wake.signal.aborted) return;
    await clock.sleep(waitMs, this.#wake.signal).catch(() => {});
  }
}
