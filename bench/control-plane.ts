// What the control plane costs by the number of nodes, in virtual time: what a node asks of the
// store to join, what it asks and hears in a day, what that takes of a processor, and how a whole
// network fares that starts at once. Prints Markdown.
import { Fleet, type Full } from "./fleet.ts";

const COUNTS = [10, 100, 1000, 5000];
const CROWDS = [10, 100, 1000];
const SAMPLE = 10;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MINUTE_MS = 60_000;

interface Steady {
  readonly nodes: number;
  readonly joinCalls: number;
  readonly joinCpuMs: number;
  readonly dayCalls: number;
  readonly dayEvents: number;
  readonly dayCpuMs: number;
  /** Renewals of all nodes in the busiest minute, a day after all joined in one. */
  readonly busiest: number;
}

interface Crowd {
  readonly nodes: number;
  readonly calls: number;
  readonly creates: number;
  readonly tookS: number;
  readonly distinct: number;
}

console.log(table(crowdColumns(), await each(CROWDS, crowd)));
console.log(table(steadyColumns(), await each(COUNTS, steady)));

// A sample of managers joins a network of writers, and lives there for a day.
async function steady(nodes: number): Promise<Steady> {
  const quiet = await day(nodes, 0);
  const busy = await day(nodes, Math.min(SAMPLE, nodes));
  const { fulls, joinCalls, joinCpuMs } = busy;
  const counts = fulls.map(({ store }) => store.count);
  const perNode = (sum: number): number => sum / fulls.length;
  return {
    nodes,
    joinCalls: perNode(joinCalls),
    joinCpuMs: perNode(joinCpuMs - quiet.joinCpuMs),
    dayCalls: perNode(counts.reduce((sum, count) => sum + count, 0) - joinCalls),
    dayEvents: busy.writes,
    dayCpuMs: perNode(busy.dayCpuMs - quiet.dayCpuMs),
    busiest: busiestMinute(quiet.renewedMs),
  };
}

interface Day {
  readonly fulls: readonly Full[];
  readonly joinCalls: number;
  readonly joinCpuMs: number;
  readonly dayCpuMs: number;
  readonly writes: number;
  readonly renewedMs: readonly number[];
}

async function day(nodes: number, sample: number): Promise<Day> {
  const fleet = await Fleet.open();
  fleet.write(nodes - sample, MINUTE_MS);
  await fleet.clock.pass(MINUTE_MS);
  const joining = cpuMs();
  const joins = Array.from({ length: sample }, () => fleet.join());
  const fulls = await fleet.clock.settle(Promise.all(joins));
  const joinCpuMs = cpuMs() - joining;
  const joinCalls = fulls.reduce((sum, { store }) => sum + store.count, 0);
  const before = (await fleet.store.list("")).revision;
  const living = cpuMs();
  await fleet.clock.pass(DAY_MS);
  const dayCpuMs = cpuMs() - living;
  const writes = Number((await fleet.store.list("")).revision - before);
  for (const full of fulls) full.stop();
  const { renewedMs } = fleet;
  return { fulls, joinCalls, joinCpuMs, dayCpuMs, writes, renewedMs };
}

// Whole managers, all started in the same moment.
async function crowd(nodes: number): Promise<Crowd> {
  const fleet = await Fleet.open();
  const joins = Array.from({ length: nodes }, () => fleet.join(false));
  const fulls = await fleet.clock.settle(Promise.all(joins));
  const tookS = fleet.clock.nowMs() / 1000;
  const calls = fulls.reduce((sum, { store }) => sum + store.count, 0);
  const creates = fulls.reduce((sum, { store }) => sum + (store.counts.get("create") ?? 0), 0);
  const distinct = new Set(fulls.map(({ lease }) => lease.subnet)).size;
  return { nodes, calls: calls / nodes, creates: creates / nodes, tookS, distinct };
}

function busiestMinute(renewedMs: readonly number[]): number {
  const minutes = new Map<number, number>();
  for (const ms of renewedMs) {
    const minute = Math.floor(ms / MINUTE_MS);
    minutes.set(minute, (minutes.get(minute) ?? 0) + 1);
  }
  return Math.max(0, ...minutes.values());
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function each<T>(
  counts: readonly number[],
  run: (nodes: number) => Promise<T>,
): Promise<T[]> {
  const all: T[] = [];
  for (const count of counts) all.push(await run(count));
  return all;
}

type Column<T> = readonly [name: string, cell: (row: T) => number, digits: number];

function steadyColumns(): readonly Column<Steady>[] {
  return [
    ["nodes", (row) => row.nodes, 0],
    ["calls to join", (row) => row.joinCalls, 1],
    ["CPU to join, ms", (row) => row.joinCpuMs, 1],
    ["calls a day", (row) => row.dayCalls, 1],
    ["events a day", (row) => row.dayEvents, 0],
    ["CPU a day, ms", (row) => row.dayCpuMs, 0],
    ["renewals in the busiest minute", (row) => row.busiest, 0],
  ];
}

function crowdColumns(): readonly Column<Crowd>[] {
  return [
    ["nodes at once", (row) => row.nodes, 0],
    ["calls of a node", (row) => row.calls, 1],
    ["creates of a node", (row) => row.creates, 2],
    ["until all have one, s", (row) => row.tookS, 2],
    ["distinct subnets", (row) => row.distinct, 0],
  ];
}

function table<T>(columns: readonly Column<T>[], rows: readonly T[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const heads = columns.map(([name]) => name);
  const body = rows.map((row) => {
    return line(columns.map(([, cell, digits]) => cell(row).toFixed(digits)));
  });
  return [line(heads), line(heads.map(() => "---")), ...body, ""].join("\n");
}
