// Rows of a table on the page: a long one is folded around what matters, and a row that is changed
// takes the place of what was there.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { TableId } from "../../../bindings/lab/trace/trace.ts";
import { parseCommand } from "../../../bindings/lab/words/index.ts";
import { folded } from "../../../bindings/web/lab/state/fold.ts";
import { changeCommand, isOfSameKey } from "../../../bindings/web/lab/state/row-command.ts";
import type { RowView } from "../../../bindings/web/lab/state/table-view.ts";

function rowsOf(count: number, hits: readonly number[]): RowView[] {
  return Array.from({ length: count }, (_, at) => ({
    ...{ row: `row ${at}`, isHit: hits.includes(at), lost: null, isStruck: false, learnedAt: null },
  }));
}

/** How many rows are shown and hidden, in order. */
function pattern(rows: readonly RowView[]): number[] {
  const counts: number[] = [];
  for (const part of folded(rows)) {
    if ("hiddenCount" in part) counts.push(-part.hiddenCount, 0);
    else counts.push((counts.pop() ?? 0) + 1);
  }
  return counts.filter((count) => count !== 0);
}

test("a short table is whole, a long one is folded around the rows that matter", () => {
  assert.deepEqual(pattern(rowsOf(40, [])), [40]);
  assert.deepEqual(pattern(rowsOf(99, [50])), [-44, 13, -42]);
  assert.deepEqual(pattern(rowsOf(99, [0, 98])), [7, -85, 7]);
  assert.deepEqual(pattern(rowsOf(1000, [])), [13, -987]);
});

const TABLES: Readonly<Record<"route" | "neigh" | "fdb", [TableId, string, string]>> = {
  route: [
    { namespace: "n", kind: "route", device: null },
    "10.1.16.0/24 via 10.1.16.0 dev flannel.1 onlink",
    "10.1.17.0/24",
  ],
  neigh: [
    { namespace: "n", kind: "neigh", device: "eth0" },
    "10.1.16.3 dev eth0 lladdr 02:42:0a:01:10:03 REACHABLE",
    "10.1.16.4",
  ],
  fdb: [
    { namespace: "n", kind: "fdb", device: "flannel.1" },
    "5e:f8:4f:00:e3:37 dst 10.168.0.3 self permanent",
    "5e:f8:4f:00:e3:38",
  ],
};

for (const [kind, [table, row, otherKey]] of Object.entries(TABLES)) {
  test(`a row of ${kind} is changed by one command, unless its key is another`, () => {
    const command = changeCommand(table, row);
    assert.ok(command !== null);
    const parsed = parseCommand(command);
    assert.ok("verb" in parsed && parsed.verb === "replace", command);
    assert.ok(isOfSameKey(table, row, command));
    const key = row.split(" ")[0] ?? "";
    assert.ok(!isOfSameKey(table, row, command.replace(key, otherKey)));
  });
}

test("a route of another metric is another row", () => {
  const [table, row] = TABLES.route;
  const command = changeCommand(table, row) ?? "";
  const withMetric = `${row} metric 100`;
  assert.ok(isOfSameKey(table, row, `${command} metric 0`));
  assert.ok(!isOfSameKey(table, row, `${command} metric 100`));
  assert.ok(!isOfSameKey(table, withMetric, command));
  assert.ok(!isOfSameKey(table, withMetric, `${command} metric 10`));
  assert.ok(!isOfSameKey(table, row, `${command} prio 100`));
  assert.ok(isOfSameKey(table, withMetric, changeCommand(table, withMetric) ?? ""));
});

test("a neighbor of another device is another row", () => {
  const [table, row] = TABLES.neigh;
  const command = changeCommand(table, row) ?? "";
  assert.ok(!isOfSameKey(table, row, command.replace("dev eth0", "dev eth1")));
});
