// Several threads as one pump. Each has a node of its own and the same journal: what is applied
// goes to all, what is counted comes from all, and where one of them ends, so do the others.
import type { JournalEntry, JournalResult, TableName, TableRecords } from "../core/index.ts";
import type { PumpOffload } from "./offload.ts";
import type { Flow, Pump, PumpStats } from "./pump.ts";
import { checkStatic } from "./pump-descriptors.ts";
import type { TapOptions, TappedBurst } from "./tap.ts";

export class PumpGroup implements Pump {
  readonly deviceName: string;
  readonly offload: PumpOffload;
  readonly ended: Promise<Error | undefined>;
  readonly #first: Pump;
  readonly #pumps: readonly Pump[];
  #discord: Error | undefined;

  /** Takes over pumps of one thread each, all with the same tables. */
  constructor(first: Pump, others: readonly Pump[]) {
    this.deviceName = first.deviceName;
    this.offload = first.offload;
    this.#first = first;
    this.#pumps = [first, ...others];
    this.ended = this.#watch();
  }

  /** Resolves when packets meet the entries in every thread. */
  async apply(entries: readonly JournalEntry[]): Promise<JournalResult[]> {
    checkStatic(entries);
    const [results = [], ...others] = await Promise.all(
      this.#pumps.map((pump) => pump.apply(entries)),
    );
    if (others.every((other) => isSame(results, other))) return results;
    this.#discord = new Error("the threads of the pump no longer have the same tables");
    this.#stop();
    throw this.#discord;
  }

  /** As the first thread has it; the MTU of a path each hears of by itself. */
  list<Name extends TableName>(table: Name): AsyncIterable<TableRecords[Name]> {
    return this.#first.list(table);
  }

  /** Bursts of one thread are in their order; those of two may change places. */
  async *tap(options: TapOptions = {}, signal?: AbortSignal): AsyncGenerator<TappedBurst> {
    const over = new AbortController();
    const either = signal === undefined ? over.signal : AbortSignal.any([signal, over.signal]);
    try {
      yield* merge(this.#pumps.map((pump) => pump.tap(options, either)));
    } finally {
      over.abort();
    }
  }

  async stats(): Promise<PumpStats> {
    return sum(await this.statsOfEach());
  }

  /** Of each thread by itself. */
  statsOfEach(): Promise<PumpStats[]> {
    return Promise.all(this.#pumps.map((pump) => pump.stats()));
  }

  async close(): Promise<PumpStats> {
    this.#stop();
    await this.ended;
    return sum(await Promise.all(this.#pumps.map((pump) => pump.close())));
  }

  /** Settles when all have ended, with why the first did. */
  async #watch(): Promise<Error | undefined> {
    const ends = this.#pumps.map(({ ended }) => ended);
    const error = await Promise.race(ends);
    this.#stop();
    const others = await Promise.all(ends);
    return this.#discord ?? error ?? others.find((other) => other !== undefined);
  }

  #stop(): void {
    for (const pump of this.#pumps) pump.close().catch(() => {}); // `ended` says why
  }
}

function isSame(results: readonly JournalResult[], others: readonly JournalResult[]): boolean {
  return results.every(({ code, value }, i) => {
    const other = others[i];
    return other?.code === code && (code !== "Ok" || other.value === value);
  });
}

/**
 * What any of the sources has, in the order of coming, until all have come to their end. Not by
 * Promise.race, which keeps all that it gave for as long as one source is silent.
 */
async function* merge<T>(sources: readonly AsyncIterable<T>[]): AsyncGenerator<T> {
  type Answer = () => readonly [AsyncIterator<T>, IteratorResult<T>];
  const answers: Answer[] = []; // one of each source at most
  let wake = (): void => {};
  const hear = (answer: Answer): void => {
    answers.push(answer);
    wake();
  };
  const ask = (source: AsyncIterator<T>): void => {
    const fail = (error: unknown): Answer => {
      return () => {
        throw error;
      };
    };
    source.next().then(
      (result) => hear(() => [source, result]),
      (error) => hear(fail(error)),
    );
  };
  for (const source of sources) ask(source[Symbol.asyncIterator]());
  for (let live = sources.length; live > 0; ) {
    const answer = answers.shift();
    if (answer === undefined) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      continue;
    }
    const [source, { done, value }] = answer();
    if (done) {
      live -= 1;
      continue;
    }
    ask(source);
    yield value;
  }
}

/** Counts of threads, added up. Requires: at least one. */
function sum(all: readonly PumpStats[]): PumpStats {
  const add = (count: (stats: PumpStats) => number): number =>
    all.reduce((total, stats) => total + count(stats), 0);
  const flow = (which: (stats: PumpStats) => Flow): Flow => ({
    packets: add((stats) => which(stats).packets),
    bytes: add((stats) => which(stats).bytes),
  });
  return {
    deviceIn: flow(({ deviceIn }) => deviceIn),
    deviceOut: flow(({ deviceOut }) => deviceOut),
    tunnelIn: flow(({ tunnelIn }) => tunnelIn),
    tunnelOut: flow(({ tunnelOut }) => tunnelOut),
    passed: add(({ passed }) => passed),
    drops: sumByName(all.map(({ drops }) => drops)),
    events: sumByName(all.map(({ events }) => events)),
    errors: sumByName(all.map(({ errors }) => errors)),
    bursts: add(({ bursts }) => bursts),
    rssBytes: Math.max(...all.map(({ rssBytes }) => rssBytes)), // of one process
  };
}

function sumByName(all: readonly Record<string, number>[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const [name, count] of all.flatMap(Object.entries<number>)) {
    total[name] = (total[name] ?? 0) + count;
  }
  return total;
}
