// What a datapath counts itself; the reasons of drops are counted by the core.
import { type HeddleNode, type StatusName, statusOf } from "../core/index.ts";
import type { Flow, PumpStats } from "./pump.ts";

const EVENT_FIRST = -128; // a status from here down is an event, not the end of a packet

export class Tally {
  readonly deviceIn: Flow = { packets: 0, bytes: 0 };
  readonly deviceOut: Flow = { packets: 0, bytes: 0 };
  readonly tunnelIn: Flow = { packets: 0, bytes: 0 };
  readonly tunnelOut: Flow = { packets: 0, bytes: 0 };
  readonly errors: Record<string, number> = {};
  bursts = 0;

  /** Packets that a call lost, and why. */
  lose(call: string, reason: string, packets = 1): void {
    const name = `${call} ${reason}`;
    this.errors[name] = (this.errors[name] ?? 0) + packets;
  }

  stats(node: HeddleNode): PumpStats {
    const counters = Object.entries(node.counters()) as [StatusName, bigint][];
    const named = (isNamed: (status: number) => boolean): Record<string, number> =>
      Object.fromEntries(
        counters.flatMap(([name, count]) =>
          isNamed(statusOf(name)) ? [[name, Number(count)]] : [],
        ),
      );
    const { Ok = 0 } = named((status) => status === 0);
    return {
      deviceIn: { ...this.deviceIn },
      deviceOut: { ...this.deviceOut },
      tunnelIn: { ...this.tunnelIn },
      tunnelOut: { ...this.tunnelOut },
      passed: Ok,
      drops: named((status) => status < 0 && status > EVENT_FIRST),
      events: named((status) => status <= EVENT_FIRST),
      errors: { ...this.errors },
      bursts: this.bursts,
      rssBytes: process.memoryUsage.rss(),
    };
  }
}
