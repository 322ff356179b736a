// Questions to the core's router, and packets that wait until a neighbor has said its MAC.
import type { Neighbor } from "../../core/index.ts";
import { SECOND } from "../clock.ts";
import { emitQuestion } from "./arp.ts";
import type { Device } from "./device.ts";
import type { Outcome, Passed, Pushed } from "./element.ts";
import { arpTargetOf, dstOf } from "./frame.ts";
import type { Journey, Stop } from "./journey.ts";
import type { Namespace } from "./namespace.ts";

/** A packet that is to be routed. */
export interface Query {
  readonly namespace: Namespace;
  readonly pushed: Pushed;
  readonly stop: Stop;
  /** Told once there is an answer: at once, or when the neighbor has answered, or has not. */
  readonly done: (outcome: Outcome) => void;
}

export function route(query: Query): void {
  const { namespace, pushed, stop } = query;
  const { recorder } = namespace.lab;
  const outcome = recorder.during(stop, () => namespace.elements.run("route_burst", pushed));
  const { desc, outs } = outcome;
  if (desc.verdict !== "waiting" || desc.peer === null || desc.port === null) {
    for (const { desc: out, bytes } of outs) noteUse(namespace, out.port, stop, bytes);
    query.done(outcome);
    return;
  }
  const device = namespace.byPort(desc.port);
  if (device === undefined) throw new Error(`port ${desc.port} belongs to no device`);
  hold(query, device, desc.peer);
  recorder.during(stop, () => namespace.neighbors.refresh(device, desc.peer as string));
  for (const out of outs) askBy(namespace, out, stop);
  keepTime(namespace, "incomplete");
}

/** Somebody has a MAC now, or never will: who waited is routed again. `news` told of it. */
export function retry(
  namespace: Namespace,
  device: Device,
  address: string,
  news: Journey | null = null,
): void {
  const key = keyOf(device, address);
  const queries = namespace.waiting.get(key) ?? [];
  namespace.waiting.delete(key);
  for (const query of queries) {
    const { side } = query.stop;
    if (news !== null && !side.includes(news)) side.push(news);
    route(query);
  }
}

/** Routes again who waits for a neighbor in such a state; undefined: nobody knows of it now. */
export function retryAll(
  namespace: Namespace,
  isDue: (state: Neighbor["state"] | undefined) => boolean,
): void {
  for (const key of [...namespace.waiting.keys()]) {
    const [name = "", address = ""] = key.split(" ");
    const device = namespace.device(name);
    if (device === undefined || !isDue(namespace.neighbors.find(device, address)?.state)) continue;
    retry(namespace, device, address);
  }
}

/** Lets time pass for neighbors as long as one of them is in a state that does not last. */
export function keepTime(namespace: Namespace, state: Neighbor["state"]): void {
  if (!UNSETTLED.has(state)) return;
  const isAwaited = namespace.waiting.size > 0;
  if (namespace.ticking === "awaited" || (namespace.ticking === "meanwhile" && !isAwaited)) return;
  namespace.ticking = isAwaited ? "awaited" : "meanwhile";
  const { clock } = namespace.lab;
  if (isAwaited) clock.after(SECOND, () => tick(namespace));
  else clock.meanwhile(SECOND, () => tick(namespace));
}

const UNSETTLED: ReadonlySet<Neighbor["state"]> = new Set(["incomplete", "delay", "probe"]);

function tick(namespace: Namespace): void {
  namespace.ticking = null;
  const questions = namespace.elements.tick();
  const states = namespace.neighbors.refreshAll();
  for (const out of questions) {
    const device = namespace.byPort(out.desc.port ?? -1);
    const key = device && keyOf(device, arpTargetOf(out));
    askBy(namespace, out, namespace.waiting.get(key ?? "")?.[0]?.stop ?? null);
  }
  retryAll(namespace, (state) => state === "failed" || state === undefined);
  const unsettled = [...states].find((state) => UNSETTLED.has(state));
  if (unsettled !== undefined) keepTime(namespace, unsettled);
}

function askBy(namespace: Namespace, out: Passed, cause: Stop | null): void {
  const device = namespace.byPort(out.desc.port ?? -1);
  if (device !== undefined) emitQuestion(device, out.bytes, cause);
}

function hold(query: Query, device: Device, address: string): void {
  const key = keyOf(device, address);
  const { waiting } = query.namespace;
  waiting.set(key, [...(waiting.get(key) ?? []), query]);
}

function keyOf(device: Device, address: string): string {
  return `${device.name} ${address}`;
}

// A packet that leaves makes a stale neighbor one that is in use.
function noteUse(namespace: Namespace, port: number | null, stop: Stop, bytes: Uint8Array): void {
  const device = namespace.byPort(port ?? -1);
  if (device === undefined || !device.hasFrames || bytes.length < 34) return;
  const hop = nextHopOf(namespace, bytes);
  if (hop === null) return;
  namespace.lab.recorder.during(stop, () => namespace.neighbors.refresh(device, hop));
  const state = namespace.neighbors.find(device, hop)?.state;
  if (state !== undefined) keepTime(namespace, state);
}

/** Who is to get a frame that the routes sent. */
export function nextHopOf(namespace: Namespace, frame: Uint8Array): string | null {
  const dst = dstOf(frame.subarray(14));
  const answer = namespace.routes.find(dst);
  if (answer === null || answer.isLocal) return null;
  return answer.entry?.words.gateway ?? dst;
}
