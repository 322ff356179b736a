// A ping that goes on while something happens, and what became of it.
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import type { Container } from "./host.ts";
import { until } from "./until.ts";
import { keepChild } from "./wire.ts";

const INTERVAL_S = 0.05;

export class Traffic {
  readonly #child: ChildProcess;
  #printed = "";

  constructor(from: Container, to: Container) {
    const words = ["ping", "-n", "-W", "1", "-i", String(INTERVAL_S), to.address];
    const options: SpawnOptions = { stdio: ["ignore", "pipe", "ignore"] };
    this.#child = keepChild(spawn("ip", ["netns", "exec", from.ns.name, ...words], options));
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#printed += text;
    });
  }

  /** Ends it; how many echo requests there were, and how many had no answer. */
  async stop(): Promise<{ sent: number; lost: number }> {
    // Whatever is on its way now has come when what is sent later has come.
    const last = Math.max(0, ...this.#answered()) + 1;
    await until("pings are answered", () => this.#answered().some((number) => number > last));
    const closed = once(this.#child, "close");
    this.#child.kill("SIGINT");
    await closed;
    const answered = new Set(this.#answered());
    const sent = Math.max(...answered);
    return { sent, lost: sent - answered.size };
  }

  /** The numbers of the requests that have an answer. */
  #answered(): number[] {
    return [...this.#printed.matchAll(/icmp_seq=(\d+) ttl=/g)].map(([, number]) => Number(number));
  }
}
