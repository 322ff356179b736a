// One question about the next hop, made from the trace. It is answered by doing: the row is chosen,
// the device is chosen, the number is typed.
import type { Hop, Row, TableId, Trace } from "../../../lab/trace/trace.ts";
import { frameOfHop, innerTtl } from "./column.ts";
import { rowsBefore } from "./place.ts";
import type { Scene } from "./scene.ts";

export type Question =
  | {
      readonly ask: "row";
      readonly table: TableId;
      readonly key: string;
      readonly rows: readonly Row[];
      readonly truth: string;
    }
  | PortQuestion
  | { readonly ask: "ttl" | "bytes"; readonly place: string; readonly truth: string };

/** Each choice is a namespace and a device: "node1 flannel.1". */
export interface PortQuestion {
  readonly ask: "port";
  readonly choices: readonly string[];
  readonly truth: string;
}

const ROWS_MAX = 12;
const CHOICES_MAX = 6;

/** null: the packet's last hop has been seen. */
export function questionOf(scene: Scene): Question | null {
  const { trace, hops, hop } = scene;
  const next = hop === null ? undefined : hops.find(({ n }) => n === hop.n + 1);
  if (trace === null || hop === null || next === undefined) return null;
  return rowQuestion(trace, next) ?? numberQuestion(scene, hop, next) ?? portQuestion(trace, next);
}

function rowQuestion(trace: Trace, hop: Hop): Question | null {
  for (const { table, key, row } of hop.asked) {
    const rows = rowsBefore(trace, table, hop);
    if (row === null || rows.length < 2 || rows.length > ROWS_MAX || !rows.includes(row)) continue;
    return { ask: "row", table, key, rows, truth: row };
  }
  return null;
}

function numberQuestion(scene: Scene, hop: Hop, next: Hop): Question | null {
  const [before, after] = [frameOfHop(scene, hop), frameOfHop(scene, next)];
  if (before === null || after === null || next.out.length === 0) return null;
  const place = `${next.namespace} ${next.device}`;
  const ttl = innerTtl(after);
  if (before.bytes.length !== after.bytes.length) {
    return { ask: "bytes", place, truth: String(after.bytes.length) };
  }
  return ttl === null || innerTtl(before) === ttl ? null : { ask: "ttl", place, truth: ttl };
}

/** Devices of the same host, and what stands on the wire. */
function portQuestion({ places }: Trace, hop: Hop): Question {
  const host = places.hosts.find(({ name }) => name === hop.host);
  const near = (host?.namespaces ?? []).flatMap(({ name, devices }) =>
    devices.filter((each) => each.name !== "lo").map((each) => `${name} ${each.name}`),
  );
  const fabrics = places.fabrics.map(({ name }) => `${name} ${name}`);
  const truth = `${hop.namespace} ${hop.device}`;
  const others = [...near, ...fabrics].filter((name) => name !== truth);
  const choices = [...new Set([truth, ...others])].slice(0, CHOICES_MAX).sort();
  return { ask: "port", choices, truth };
}

/** Of the devices that are offered, the one that was pointed at; undefined: none of them. */
export function pointedAt({ choices, truth }: PortQuestion, place: string): string | undefined {
  const isMeant = (choice: string): boolean => {
    const [namespace] = choice.split(" ");
    return choice.replace(" ", ":") === place || namespace === place;
  };
  return isMeant(truth) ? truth : choices.find(isMeant);
}
