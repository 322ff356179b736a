// The node's packet filter rules for as long as the agent runs: put at the start, looked at every
// few seconds, and left in place at the end, since containers go on without the agent.
import type { Clock } from "../../../agent/clock.ts";
import type { Log } from "../../../agent/log.ts";
import { type Family, familyOf, filterChains, type Overlay } from "../../../agent/rules.ts";
import { putBlackhole, removeBlackhole } from "./blackhole.ts";
import type { FilterDriver, FilterMode } from "./driver.ts";
import { FirewallError } from "./error.ts";
import { IptablesDriver } from "./iptables.ts";
import { NftablesDriver } from "./nftables.ts";
import { bridgeFilterWarning } from "./precondition.ts";
import type { Ownership } from "./standing.ts";

const MODES: readonly FilterMode[] = ["iptables", "nftables"];
const FAMILIES: readonly Family[] = ["ipv4", "ipv6"];
const PREFIX = /^[0-9a-f.:]+\/\d{1,3}$/;

export interface FirewallOptions {
  readonly mode: FilterMode;
  /** One, or one for each family. */
  readonly overlays: readonly Overlay[];
  /** What the last run had, by its subnet.env: what is another network or subnet now, goes. */
  readonly previous: readonly Overlay[];
  /** --ip-masq. */
  readonly masq: boolean;
  /** --iptables-forward-rules. */
  readonly forward: boolean;
  /** False for --ip-masq-fully-random-disable. */
  readonly randomFully: boolean;
  /** --ip-blackhole-route. */
  readonly blackhole: boolean;
  /** --iptables-resync. */
  readonly resyncMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Firewall {
  /**
   * Takes away the rules of the other packet filter, puts these, and looks after them until
   * `close`. Rejects with a FirewallError when they could not be put; they are tried again at each
   * look all the same.
   */
  start(): Promise<void>;
  /** Looks now, and mends: what was wrong, in words. */
  check(): Promise<string[]>;
  /** Closes, and takes away what was put for these overlays: see removeFirewall. */
  removeAll(): Promise<string[]>;
  /** Looks no more. The rules stay. */
  close(): Promise<void>;
}

/** Throws FirewallError `BadPrefix`. Nothing is changed before `start`. */
export function openFirewall(options: FirewallOptions): Firewall {
  for (const { network, subnet } of [...options.overlays, ...options.previous]) {
    const bad = [network, subnet].find((prefix) => !PREFIX.test(prefix));
    if (bad === undefined) continue;
    throw new FirewallError("BadPrefix", `firewall: ${JSON.stringify(bad)} is no prefix`);
  }
  return new RuleKeeper(options);
}

/**
 * Takes away the rules of these overlays, by iptables and by nft, and their blackhole routes; with
 * null, all rules that have flannel's names. What it says it took, it took; a packet filter that is
 * not installed has none. Throws FirewallError at the end when something could not be taken.
 */
export async function removeFirewall(
  overlays: readonly Overlay[] | null,
  log: Log,
): Promise<string[]> {
  const taken: string[] = [];
  const left: string[] = [];
  for (const mode of MODES) {
    taken.push(...(await removeRules(mode, overlays, ({ message }) => left.push(message))));
  }
  for (const overlay of overlays ?? []) {
    if (await removeBlackhole(overlay)) taken.push(`blackhole route ${overlay.subnet}`);
  }
  for (const what of taken) log("info", "removed", { what });
  if (left.length > 0) throw new FirewallError("Refused", left.join("; "));
  return taken;
}

/** What was taken; what could not be is complained about, and the rest goes on. */
async function removeRules(
  mode: FilterMode,
  overlays: readonly Overlay[] | null,
  complain: (error: FirewallError) => void,
): Promise<string[]> {
  const taken: string[] = [];
  for (const family of FAMILIES) {
    const owned = overlays?.filter((overlay) => familyOf(overlay) === family);
    if (owned?.length === 0) continue;
    const driver = driverOf(mode, family, owned?.map(({ network }) => network) ?? null);
    try {
      if (await driver.remove()) taken.push(`${mode} rules of ${family}`);
    } catch (error) {
      if (!(error instanceof FirewallError)) throw error;
      if (error.code !== "NoProgram") complain(error); // else it is as if there were none
    }
  }
  return taken;
}

function driverOf(mode: FilterMode, family: Family, ownership: Ownership): FilterDriver {
  const Driver = mode === "iptables" ? IptablesDriver : NftablesDriver;
  return new Driver(family, ownership);
}

/** One overlay's rules. */
interface Kept {
  readonly overlay: Overlay;
  readonly driver: FilterDriver;
  /** Null until it was asked for. */
  isRandom: boolean | null;
  isPut: boolean;
}

class RuleKeeper implements Firewall {
  readonly #options: FirewallOptions;
  readonly #kept: readonly Kept[];
  readonly #ending = new AbortController();
  /** One look or change at a time. */
  #last: Promise<unknown> = Promise.resolve();
  #loop: Promise<void> | undefined;
  #complaint = "";

  constructor(options: FirewallOptions) {
    this.#options = options;
    this.#kept = options.overlays.map((overlay) => ({
      overlay,
      driver: driverOf(options.mode, familyOf(overlay), [overlay.network]),
      isRandom: null,
      isPut: false,
    }));
  }

  async start(): Promise<void> {
    this.#loop ??= this.#keep();
    await this.#inTurn(async () => {
      await this.#clean();
      await this.#mend();
    });
  }

  check(): Promise<string[]> {
    return this.#inTurn(() => this.#mend());
  }

  async removeAll(): Promise<string[]> {
    await this.close();
    const { overlays, previous, log } = this.#options;
    return removeFirewall([...overlays, ...previous], log);
  }

  async close(): Promise<void> {
    this.#ending.abort(new FirewallError("Closed", "firewall: closed"));
    await this.#loop;
    await this.#last.catch(() => {});
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work, work);
    this.#last = turn;
    return turn;
  }

  async #keep(): Promise<void> {
    const { clock, log, resyncMs } = this.#options;
    const { signal } = this.#ending;
    while (!signal.aborted) {
      await clock.sleep(resyncMs, signal).catch(() => {});
      if (signal.aborted) return;
      try {
        await this.check();
        this.#complaint = "";
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        if (reason !== this.#complaint) log("error", "Failed to ensure packet filter", { reason });
        this.#complaint = reason;
      }
    }
  }

  /** What stands in the other packet filter, and what is left of the last run's network. */
  async #clean(): Promise<void> {
    const { blackhole, log, mode, overlays, previous } = this.#options;
    const networks = overlays.map(({ network }) => network);
    const former = previous.filter(({ network }) => !networks.includes(network));
    for (const each of MODES) {
      const gone = each === mode ? former : [...overlays, ...former];
      const taken = await removeRules(each, gone, ({ message: reason }) =>
        log("warn", "old packet filter rules could not be removed", { reason }),
      );
      for (const what of taken) log("info", "removed what an earlier run left", { what });
    }
    const now = blackhole ? overlays.map((overlay) => overlay.subnet) : [];
    for (const overlay of [...previous, ...overlays]) {
      if (!now.includes(overlay.subnet)) await removeBlackhole(overlay);
    }
    if (mode === "nftables") return;
    for (const family of overlays.map(familyOf)) {
      const warning = await bridgeFilterWarning(family);
      if (warning !== "") log("warn", warning);
    }
  }

  async #mend(): Promise<string[]> {
    const found: string[] = [];
    for (const kept of this.#kept) {
      found.push(...(await this.#mendRules(kept)));
      if (!this.#options.blackhole || !(await putBlackhole(kept.overlay))) continue;
      found.push(`no blackhole route for ${kept.overlay.subnet}`);
    }
    return found;
  }

  async #mendRules(kept: Kept): Promise<string[]> {
    const { driver, overlay } = kept;
    const { forward, log, masq, mode, randomFully } = this.#options;
    const drift = kept.isPut ? await driver.drift() : "";
    if (kept.isPut && drift === "") return [];
    kept.isPut = false;
    kept.isRandom ??= masq && randomFully && (await driver.supportsRandom());
    if (drift !== "") log("warn", "packet filter rules were changed, and are put again", { drift });
    await driver.apply(filterChains(overlay, { masq, forward }), kept.isRandom);
    kept.isPut = true;
    if (drift !== "") return [drift];
    log("info", "Setting up masking rules", { ...overlay, mode, masq, forward });
    return [];
  }
}
