// What every table of a node holds, compared with what the model says it holds.
import { deepStrictEqual, strictEqual } from "node:assert";
import { NodeInfoAt } from "../bindings/core/index.ts";
import type { RecordLayout } from "../bindings/core/record.ts";
import { domainLayout } from "../bindings/core/tables/domains.ts";
import { fdbLayout } from "../bindings/core/tables/fdb.ts";
import { floodLayout } from "../bindings/core/tables/flood.ts";
import { hopLayout } from "../bindings/core/tables/hops.ts";
import { neighborLayout } from "../bindings/core/tables/neighbors.ts";
import { portLayout } from "../bindings/core/tables/ports.ts";
import { remoteLayout } from "../bindings/core/tables/remotes.ts";
import type { ModelNode } from "../test/model/node.ts";
import { expectOk, named, type Subject } from "./subject.ts";
import type { FunctionName } from "./twins.ts";

/** Every table holds what the model holds. */
export function expectSame(model: ModelNode, subject: Subject): void {
  const learned = model.fdb.learned();
  const learnedAt = (name: "port" | "remote", index: number): number =>
    learned.filter((one) => one[name] === index).length;
  deepStrictEqual(
    rows("port_next", portLayout, subject),
    ordered(model.ports).map((one) => ({
      ...one,
      prefixLen: 0,
      learned: learnedAt("port", one.index),
    })),
  );
  deepStrictEqual(rows("domain_next", domainLayout, subject), ordered(model.domains));
  deepStrictEqual(
    rows("remote_next", remoteLayout, subject),
    ordered(model.remotes).map((one) => ({ ...one, learned: learnedAt("remote", one.index) })),
  );
  const hops = ordered(model.hops).map((one) => ({ ...one, users: 0 }));
  deepStrictEqual(rows("hop_next", hopLayout, subject), hops);
  expectSet(entries("fdb_next", fdbLayout, subject), model.fdb.believed());
  expectSet(entries("flood_next", floodLayout, subject), model.flood);
  expectSet(entries("neighbor_next", neighborLayout, subject), neighborsOf(model));
  expectCounts(model, subject);
}

function neighborsOf({ neighbors }: ModelNode): object[] {
  return neighbors.map((one) => ({ ...one, ageS: 0 }));
}

function ordered<T extends object>(table: Map<number, T>): T[] {
  return [...table].sort(([a], [b]) => a - b).map(([, one]) => ({ ...one }));
}

function expectSet(actual: readonly object[], expected: readonly object[]): void {
  const texts = (all: readonly object[]): string[] =>
    all.map((one) => JSON.stringify(one, Object.keys(one).sort())).sort();
  deepStrictEqual(texts(actual), texts(expected));
}

function rows<T extends { readonly index: number }>(
  name: FunctionName,
  layout: RecordLayout<never, T>,
  subject: Subject,
): T[] {
  const { twins, node, scratch } = subject;
  const found: T[] = [];
  for (let after = -1; ; ) {
    const answer = named(twins.call(name, node, after, scratch));
    if (answer === "NotFound") return found;
    strictEqual(answer, 0);
    const one = subject.told(layout);
    found.push(one);
    after = one.index;
  }
}

function entries<T extends object>(
  name: FunctionName,
  layout: RecordLayout<never, T>,
  subject: Subject,
): T[] {
  const { twins, node, scratch } = subject;
  const found: T[] = [];
  for (let cursor = 0; ; ) {
    cursor = expectOk(twins.call(name, node, cursor, scratch));
    if (cursor === 0) return found;
    found.push(subject.told(layout));
  }
}

function expectCounts(model: ModelNode, { twins, node, scratch }: Subject): void {
  expectOk(twins.call("node_info", node, scratch));
  const read = (at: number): number => twins.view.getUint32(scratch + at, true);
  strictEqual(read(NodeInfoAt.Ports), model.ports.size);
  strictEqual(read(NodeInfoAt.Domains), model.domains.size);
  strictEqual(read(NodeInfoAt.Remotes), model.remotes.size);
  strictEqual(read(NodeInfoAt.Hops), model.hops.size);
  strictEqual(read(NodeInfoAt.Fdb), model.fdb.entries().length);
  strictEqual(read(NodeInfoAt.Flood), model.flood.length);
  strictEqual(read(NodeInfoAt.Neighbors), model.neighbors.length);
}
