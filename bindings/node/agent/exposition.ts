// What the agent counts, in the text form of Prometheus. The library is loaded when somebody asks:
// an agent that nobody watches need not carry it.
import { Counter, Gauge, Registry } from "prom-client";
import type { Clock } from "../../agent/clock.ts";
import type { Flow, PumpStats } from "../pump.ts";
import type { AgentState } from "./state.ts";

/** A store's calls that have ended. */
export interface CallCount {
  readonly call: string;
  readonly outcome: string;
  readonly count: number;
}

export interface Exposition {
  readonly text: string;
  /** Its media type. */
  readonly type: string;
}

/** Gives the text for what is so now. */
export type Exposer = (calls: readonly CallCount[]) => Promise<Exposition>;

type Value = readonly [labels: Record<string, string>, value: number];

/** Requires: values that never fall, from the beginning of the agent on. */
type Totals = (
  name: string,
  help: string,
  ...labels: readonly string[]
) => (values: readonly Value[]) => void;

export function openExposition(state: AgentState, clock: Clock): Exposer {
  const registry = new Registry();
  const totals = totalsOf(registry);
  const help = "Calls of the store that have ended, by what came of them";
  const ended = totals("heddle_store_calls_total", help, "call", "outcome");
  const collectors = [traffic(totals, state), gauges(registry, state, clock)];
  return async (calls) => {
    ended(calls.map(({ call, outcome, count }): Value => [{ call, outcome }, count]));
    for (const collect of collectors) await collect();
    return { text: await registry.metrics(), type: registry.contentType };
  };
}

function totalsOf(registry: Registry): Totals {
  return (name, help, ...labelNames) => {
    const counter = new Counter({ name, help, labelNames, registers: [registry] });
    return (values) => {
      counter.reset();
      for (const [labels, value] of values) counter.inc(labels, value);
    };
  };
}

function traffic(totals: Totals, state: AgentState): () => Promise<void> {
  const packets = totals("heddle_packets_total", "Packets that were moved", "direction");
  const bytes = totals("heddle_bytes_total", "Bytes that were moved", "direction");
  const drops = totals("heddle_drops_total", "Packets that were dropped", "reason");
  const events = totals("heddle_events_total", "What was noticed while packets went on", "event");
  const errors = totals("heddle_errors_total", "Packets that a system call lost", "error");
  const mended = totals("heddle_mended_total", "Kernel entries found wrong", "what");
  return async () => {
    const stats = await state.stats().catch(() => null);
    packets(flows(stats, "packets"));
    bytes(flows(stats, "bytes"));
    drops(labelled("reason", stats?.drops));
    events(labelled("event", stats?.events));
    errors(labelled("error", stats?.errors));
    mended(labelled("what", { ...state.mended }));
  };
}

const FLOWS = ["deviceIn", "deviceOut", "tunnelIn", "tunnelOut"] as const;

function flows(stats: PumpStats | null, what: keyof Flow): Value[] {
  return stats ? FLOWS.map((direction) => [{ direction }, stats[direction][what]]) : [];
}

function labelled(label: string, counts: Readonly<Record<string, number>> = {}): Value[] {
  return Object.entries(counts).map(([name, count]) => [{ [label]: name }, count]);
}

function gauges(registry: Registry, state: AgentState, clock: Clock): () => Promise<void> {
  const gauge = (name: string, help: string, ...labelNames: string[]): Gauge =>
    new Gauge({ name, help, labelNames, registers: [registry] });
  const ready = gauge("heddle_ready", "1 when all peers of the first listing were programmed");
  const peers = gauge("heddle_peers", "The other nodes of the network", "state");
  const expiry = gauge("heddle_lease_expiry_seconds", "Until the lease ends; +Inf: it does not");
  const rss = gauge("process_resident_memory_bytes", "Resident memory");
  return async () => {
    ready.set(state.isReady ? 1 : 0);
    rss.set(process.memoryUsage.rss());
    for (const each of ["programmed", "pending", "refused"]) {
      peers.set({ state: each }, state.peers().filter((peer) => peer.state === each).length);
    }
    const { expiryMs, membership } = state;
    if (!membership) return;
    expiry.set(expiryMs === null ? Number.POSITIVE_INFINITY : (expiryMs - clock.nowMs()) / 1000);
  };
}
