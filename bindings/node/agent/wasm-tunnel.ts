// The core's tables as a tunnel to many peers: for VXLAN an FDB entry for each peer's MAC, and for
// every tunnel a route for each peer's subnet, a hop, and a remote that packets may come from.
// Remotes are shared, and go with the last peer that claims them.
import type { PeerPlan } from "../../agent/plan.ts";
import type { JournalEntry, JournalResult, TableName, TableRecords } from "../../core/index.ts";
import { TUNNEL_PORT } from "../ports.ts";
import type { EntryFailure, Mended, TunnelTables } from "./datapath.ts";
import { type Claim, claimOf, type Key, noClaim, removeEntry, setEntry } from "./wasm-claim.ts";
import { type HeldRemote, Holdings, look, NOBODY } from "./wasm-holdings.ts";

/** What the tables need of a pump. */
export interface Journal {
  apply(entries: readonly JournalEntry[]): Promise<JournalResult[]>;
  list<Name extends TableName>(table: Name): AsyncIterable<TableRecords[Name]>;
}

const ENTRIES_MAX = 512; // a message: packets move between two of them

/** One entry, who hears when it fails, and what is different once it is applied. */
interface Step {
  readonly entry: JournalEntry;
  readonly subnets: readonly string[];
  readonly done: (value: number) => void;
}

/** What came of a change: why for whom it failed, how many entries were put and taken away. */
interface Outcome {
  readonly failures: Map<string, string>;
  restored: number;
  removed: number;
}

export class WasmTunnel implements TunnelTables {
  #journal: Journal | undefined;
  #held = new Holdings();
  readonly #claims = new Map<string, Claim>();
  #turn: Promise<unknown> = Promise.resolve();

  /** Takes a pump whose tables hold no peer, and puts there what was put before. */
  attach(journal: Journal): Promise<readonly EntryFailure[]> {
    return this.#inTurn(async () => {
      this.#journal = journal;
      this.#held = new Holdings();
      return failuresOf(await this.#change([...this.#claims.values()]));
    });
  }

  put(plans: readonly PeerPlan[]): Promise<readonly EntryFailure[]> {
    return this.#inTurn(async () => {
      const { claims, failures } = claimsOf(plans);
      return [...failures, ...failuresOf(await this.#change(claims))];
    });
  }

  remove(plans: readonly PeerPlan[]): Promise<readonly EntryFailure[]> {
    return this.#inTurn(async () =>
      failuresOf(await this.#change(plans.map(({ subnet }) => noClaim(subnet)))),
    );
  }

  reconcile(plans: readonly PeerPlan[]): Promise<Mended> {
    return this.#inTurn(async () => {
      const { claims, failures } = claimsOf(plans);
      await this.#look(claims);
      const wanted = new Set(plans.map(({ subnet }) => subnet));
      const others = new Set([NOBODY, ...this.#claims.keys(), ...this.#held.owners()]);
      const gone = [...others].filter((subnet) => !wanted.has(subnet)).map(noClaim);
      const outcome = await this.#change([...gone, ...claims]);
      const { restored, removed } = outcome;
      return { restored, removed, failures: [...failures, ...failuresOf(outcome)] };
    });
  }

  /** One change behind the other, whoever asks. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => {});
    return result;
  }

  async #look(claims: readonly Claim[]): Promise<void> {
    const journal = this.#running();
    const owners = new Map<Key, string>();
    for (const { subnet, keys } of [...claims, ...this.#claims.values()]) {
      for (const key of keys) owners.set(key, subnet);
    }
    const list = journal.list.bind(journal);
    this.#held = await look(list, (key) => owners.get(key) ?? NOBODY);
    for (const { subnet, remote } of this.#claims.values()) {
      this.#held.remotes.get(remote ?? "")?.users.add(subnet);
    }
  }

  #running(): Journal {
    if (this.#journal === undefined) throw new Error("the datapath has not begun");
    return this.#journal;
  }

  /** Brings what these peers have to what they claim, and what no other peer has. */
  async #change(claims: readonly Claim[]): Promise<Outcome> {
    const outcome: Outcome = { failures: new Map(), restored: 0, removed: 0 };
    try {
      const legal = this.#withoutRivals(claims, outcome);
      for (const claim of legal) this.#remember(claim);
      await this.#apply(this.#admissions(legal, outcome), outcome);
      await this.#apply(this.#removals(legal, outcome), outcome);
      await this.#apply(this.#additions(legal, outcome), outcome);
      await this.#apply(this.#dismissals(outcome), outcome);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      for (const { subnet } of claims) outcome.failures.set(subnet, reason);
    }
    return outcome;
  }

  /** Passes over a claim to what another peer has, and keeps. */
  #withoutRivals(claims: readonly Claim[], { failures }: Outcome): Claim[] {
    const keysOf = new Map(claims.map(({ subnet, keys }) => [subnet, new Set(keys)]));
    const holders = new Map<Key, string>();
    return claims.filter(({ subnet, keys }) => {
      const rivalOf = (key: Key): string | undefined => {
        const owner = this.#held.get(key)?.owner ?? NOBODY;
        const isKept = owner !== NOBODY && (keysOf.get(owner)?.has(key) ?? true);
        const holder = holders.get(key) ?? (isKept ? owner : undefined);
        return holder === subnet ? undefined : holder;
      };
      const disputed = keys.find((key) => rivalOf(key) !== undefined);
      if (disputed === undefined) for (const key of keys) holders.set(key, subnet);
      else failures.set(subnet, `${disputed} is ${rivalOf(disputed)}'s already`);
      return disputed === undefined;
    });
  }

  #remember(claim: Claim): void {
    const { subnet, remote } = claim;
    const before = this.#claims.get(subnet)?.remote ?? null;
    if (before !== remote) this.#held.remotes.get(before ?? "")?.users.delete(subnet);
    this.#held.remotes.get(remote ?? "")?.users.add(subnet);
    if (remote === null) this.#claims.delete(subnet);
    else this.#claims.set(subnet, claim);
  }

  /** Makes the remotes that are missing. */
  #admissions(claims: readonly Claim[], outcome: Outcome): Step[] {
    const subnetsOf = new Map<string, string[]>();
    for (const { subnet, remote } of claims) {
      if (remote === null || this.#held.remotes.get(remote)?.isAllowed) continue;
      subnetsOf.set(remote, [...(subnetsOf.get(remote) ?? []), subnet]);
    }
    return [...subnetsOf].map(([address, subnets]) => ({
      entry: { table: "remotes", op: "set", record: { address, flags: ["allowed"] } },
      subnets,
      done: (index) => {
        const known = this.#held.remotes.get(address);
        const users = new Set([...(known?.users ?? []), ...subnets]);
        const remote: HeldRemote = {
          index,
          isAllowed: true,
          hasHop: known?.hasHop ?? false,
          users,
        };
        this.#held.remotes.set(address, remote);
        outcome.restored += 1;
      },
    }));
  }

  /** Takes away what these peers have, and nobody claims. */
  #removals(claims: readonly Claim[], outcome: Outcome): Step[] {
    const claimed = new Set(claims.flatMap(({ keys }) => keys));
    return claims.flatMap(({ subnet }) =>
      this.#held.keysOf(subnet).flatMap((key) => {
        if (claimed.has(key)) return [];
        const done = (count: number): void => {
          this.#held.delete(key);
          outcome.removed += count;
        };
        return [{ entry: removeEntry(key), subnets: [subnet], done }];
      }),
    );
  }

  /** Puts what these peers claim, and lack; a hop comes before the first route to it. */
  #additions(claims: readonly Claim[], outcome: Outcome): Step[] {
    const steps: Step[] = [];
    for (const { subnet, remote, keys } of claims) {
      const place = this.#held.remotes.get(remote ?? "");
      if (remote === null || place === undefined) continue;
      if (keys.length > 0 && !place.hasHop) steps.push(this.#hopStep(place));
      for (const key of keys) {
        const held = this.#held.get(key);
        if (held?.remote === remote && held.owner === subnet) continue;
        const done = (): void => {
          this.#held.set(key, { owner: subnet, remote });
          outcome.restored += 1;
        };
        steps.push({ entry: setEntry(key, place.index), subnets: [subnet], done });
      }
    }
    return steps;
  }

  #hopStep(place: HeldRemote): Step {
    const { index } = place;
    place.hasHop = true; // one step makes it for all; should it fail, so do the routes to it
    return {
      entry: {
        table: "hops",
        op: "set",
        record: { index, kind: "unicast", port: TUNNEL_PORT, remote: index },
      },
      subnets: [...place.users],
      done: () => {},
    };
  }

  /** Takes away the remotes that no peer claims any more. */
  #dismissals(outcome: Outcome): Step[] {
    return [...this.#held.remotes]
      .filter(([, { users }]) => users.size === 0)
      .flatMap(([address, { index, hasHop }]): Step[] => {
        const hop: Step = {
          entry: { table: "hops", op: "remove", record: { index } },
          subnets: [],
          done: () => {},
        };
        const remote: Step = {
          entry: { table: "remotes", op: "remove", record: { index, withEntries: true } },
          subnets: [],
          done: (count) => {
            this.#held.remotes.delete(address);
            outcome.removed += count;
          },
        };
        return hasHop ? [hop, remote] : [remote];
      });
  }

  async #apply(steps: readonly Step[], { failures }: Outcome): Promise<void> {
    for (let at = 0; at < steps.length; at += ENTRIES_MAX) {
      const page = steps.slice(at, at + ENTRIES_MAX);
      const results = await this.#running().apply(page.map(({ entry }) => entry));
      page.forEach(({ entry, subnets, done }, i) => {
        const result = results[i];
        if (result?.code === "Ok") done(result.value);
        else for (const subnet of subnets) failures.set(subnet, reasonOf(entry, result));
      });
    }
  }
}

function claimsOf(plans: readonly PeerPlan[]): { claims: Claim[]; failures: EntryFailure[] } {
  const claims: Claim[] = [];
  const failures: EntryFailure[] = [];
  for (const plan of plans) {
    try {
      claims.push(claimOf(plan));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      failures.push({ subnet: plan.subnet, reason });
    }
  }
  return { claims, failures };
}

function failuresOf({ failures }: Outcome): EntryFailure[] {
  return [...failures].map(([subnet, reason]) => ({ subnet, reason }));
}

function reasonOf({ table, op }: JournalEntry, result: JournalResult | undefined): string {
  if (result === undefined || result.code === "Ok") return `${table}: no answer`;
  if (result.code === "NoRoom") return `${table}: the table is full`;
  return `${op} of ${table}: ${result.code}: ${result.expected}`;
}
