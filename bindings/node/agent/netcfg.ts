// Devices, addresses, routes, neighbors and FDB entries of this process' network namespace, by
// iproute2: lists are JSON, changes go through `-batch -`, and there is no shell.
import type { Change } from "../../agent/change.ts";
import type {
  Link,
  ObservedAddress,
  ObservedFdb,
  ObservedNeighbor,
  ObservedRoute,
} from "../../agent/observed.ts";
import { NetworkError } from "../netns.ts";
import { monitor } from "./monitor.ts";
import { type LineFailure, runBatch, runProgram } from "./netcfg-batch.ts";
import { isGone, lineOf, type Program, programOf } from "./netcfg-line.ts";
import {
  parseAddresses,
  parseFdb,
  parseLinks,
  parseLookups,
  parseNeighbors,
  parseRoutes,
  type RouteLookup,
} from "./netcfg-parse.ts";

/** A change that the kernel refused, in its words. */
export interface ChangeFailure {
  readonly change: Change;
  readonly reason: string;
}

/** Every method throws NetworkError when iproute2 could not do it. */
export class Netcfg {
  async links(): Promise<Link[]> {
    return parseLinks(await this.#show("ip", "-details", "link", "show"));
  }

  /** The device, or null. */
  async link(name: string): Promise<Link | null> {
    const words = ["-json", "-details", "link", "show", "dev", name];
    const { printed, complaint, status } = await runProgram("ip", words);
    if (status === 0) return parseLinks(JSON.parse(printed))[0] ?? null;
    if (isGone(complaint)) return null;
    throw new NetworkError(`${name}: ${complaint.trim()}`);
  }

  /** IPv4 addresses of all devices, or of one. */
  async addresses(dev?: string): Promise<ObservedAddress[]> {
    const where = dev === undefined ? [] : ["dev", dev];
    return parseAddresses(await this.#show("ip", "-4", "address", "show", ...where));
  }

  /** Of the main table. Routes for one TOS are left out: they stand beside all others. */
  async routes(): Promise<ObservedRoute[]> {
    const words = ["-4", "-details", "route", "show", "table", "main"];
    return parseRoutes(await this.#show("ip", ...words));
  }

  async neighbors(dev: string): Promise<ObservedNeighbor[]> {
    return parseNeighbors(dev, await this.#show("ip", "-4", "neighbor", "show", "dev", dev));
  }

  /** Of a VXLAN device: what names a VTEP. */
  async fdb(dev: string): Promise<ObservedFdb[]> {
    return parseFdb(dev, await this.#show("bridge", "fdb", "show", "dev", dev));
  }

  /** How packets to each of these would leave. What has no route is left out. */
  async lookUp(addresses: readonly string[]): Promise<Map<string, RouteLookup>> {
    if (addresses.length === 0) return new Map();
    const lines = addresses.map((address) => ["route", "get", address]);
    const { printed } = await runBatch("ip", ["-json"], lines);
    return parseLookups(printed);
  }

  /** Makes these changes, in this order, each whatever becomes of the others. */
  async apply(changes: readonly Change[]): Promise<ChangeFailure[]> {
    const failures: ChangeFailure[] = [];
    for (const part of parts(changes)) {
      const lines = part.changes.map(lineOf);
      const { failures: failed } = await runBatch(part.program, [], lines);
      for (const { index, reason } of failed) {
        const change = part.changes[index] as Change;
        if (change.action === "put" || !isGone(reason)) failures.push({ change, reason });
      }
    }
    return failures;
  }

  /** Lines of `ip` as words; gives those that failed. The others were carried out. */
  async ip(lines: readonly (readonly string[])[]): Promise<readonly LineFailure[]> {
    return lines.length === 0 ? [] : (await runBatch("ip", [], lines)).failures;
  }

  /** Calls `onChange` when devices, addresses or routes may have changed. */
  monitor(onChange: () => void, signal: AbortSignal): void {
    monitor(onChange, signal);
  }

  async #show(program: Program, ...words: string[]): Promise<unknown> {
    const { printed, complaint, status } = await runProgram(program, ["-json", ...words]);
    if (status !== 0) throw new NetworkError(`${program} ${words.join(" ")}: ${complaint.trim()}`);
    return printed.trim() === "" ? [] : JSON.parse(printed);
  }
}

/** Runs of changes that one program makes. */
function parts(changes: readonly Change[]): { program: Program; changes: Change[] }[] {
  const found: { program: Program; changes: Change[] }[] = [];
  for (const change of changes) {
    const program = programOf(change);
    const last = found.at(-1);
    if (last?.program === program) last.changes.push(change);
    else found.push({ program, changes: [change] });
  }
  return found;
}
