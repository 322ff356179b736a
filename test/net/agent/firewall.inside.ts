// What the tests of the packet filter rules call inside a namespace: a firewall whose clock stands
// still until it is told to go on, and probes that say from which address a packet seemed to come.
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../../../bindings/agent/clock.ts";
import {
  type Firewall,
  type FirewallOptions,
  openFirewall,
  removeFirewall,
} from "../../../bindings/node/agent/firewall/firewall.ts";

export type Wish = Omit<FirewallOptions, "clock" | "log">;

interface Said {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** By the name of the agent that has it: there may be two on a host. */
const firewalls = new Map<string, Firewall>();
const TICK_MS = 60_000;
let wake: (() => void) | undefined;
let sleeps: number[] = [];
let said: Said[] = [];

const clock: Clock = {
  wallMs: () => 0,
  nowMs: () => 0,
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      sleeps.push(ms);
      wake = resolve;
      signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
    }),
};

const log: FirewallOptions["log"] = (level, message, fields = {}) => {
  said.push({ level, message, fields });
};

export async function start(wish: Wish, agent = ""): Promise<void> {
  await firewalls.get(agent)?.close();
  sleeps = [];
  said = [];
  const firewall = openFirewall({ ...wish, clock, log });
  firewalls.set(agent, firewall);
  await firewall.start();
}

export async function check(agent = ""): Promise<string[]> {
  return (await firewalls.get(agent)?.check()) ?? [];
}

/** Lets one resync happen; gives the milliseconds that each was waited for. */
export async function tick(): Promise<number[]> {
  const before = sleeps.length;
  wake?.();
  const signal = AbortSignal.timeout(TICK_MS);
  while (sleeps.length === before) await sleep(5, undefined, { signal });
  return sleeps;
}

export async function close(agent = ""): Promise<void> {
  await firewalls.get(agent)?.close();
  firewalls.delete(agent);
}

/** By the one that was started, or, as `heddle down`, by another process. */
export async function remove(wish: Wish | null, agent = ""): Promise<string[]> {
  const running = firewalls.get(agent);
  firewalls.delete(agent);
  if (running !== undefined) return running.removeAll();
  return removeFirewall(wish?.overlays ?? null, log);
}

export async function warnings(): Promise<Said[]> {
  return said.filter(({ level }) => level !== "debug" && level !== "info");
}

export async function setPath(path: string): Promise<void> {
  process.env.PATH = path;
}

/** Since somebody asks: what was sent before has come by then, or will not. */
const HEAR_MS = 5000;
const heard = new Map<number, { readonly socket: Socket; readonly first: Promise<string> }>();

/** Opens a port of every address; with a group, of that group, on the device of `device`. */
export async function hear(port: number, group = "", device = ""): Promise<void> {
  const socket = createSocket({ type: "udp4", reuseAddr: true });
  socket.bind(port);
  await once(socket, "listening");
  if (group !== "") socket.addMembership(group, device);
  const first = once(socket, "message").then(([, from]) => (from as RemoteInfo).address);
  heard.set(port, { socket, first });
}

/** The source of what came to a port; "nothing" when nothing does. */
export async function source(port: number): Promise<string> {
  const listener = heard.get(port);
  if (listener === undefined) return "nobody listens";
  const stop = new AbortController();
  const none = sleep(HEAR_MS, "nothing", { signal: stop.signal }).catch(() => "nothing");
  const from = await Promise.race([listener.first, none]);
  stop.abort();
  listener.socket.close();
  return from;
}

/** Sends one datagram; one for a group, by the device that has the address `device`. */
export async function say(from: string, to: string, port: number, device = ""): Promise<void> {
  const socket = createSocket("udp4");
  socket.bind(0, from);
  await once(socket, "listening");
  if (device !== "") socket.setMulticastInterface(device);
  await new Promise<void>((resolve, reject) => {
    socket.send("x", port, to, (error) => (error ? reject(error) : resolve()));
  });
  socket.close();
}
