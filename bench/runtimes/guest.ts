// Measures in whatever runtime it runs: an empty line asks who that is, the index of an item for a
// round of it.
import { createInterface } from "node:readline";
import { roundOf, type Task } from "../portable/item.ts";
import { ITEMS } from "../portable/items.ts";

/** The item of the latest round: others are not kept, as some take many megabytes. */
let latest: { readonly line: string; readonly task: Task } | undefined;

for await (const line of createInterface({ input: process.stdin })) {
  console.log(line === "" ? nameOf(process.versions) : await round(line));
}

function nameOf({ deno, bun, node }: NodeJS.ProcessVersions): string {
  if (deno !== undefined) return `Deno ${deno}`;
  return bun !== undefined ? `Bun ${bun}` : `Node ${node}`;
}

async function round(line: string): Promise<number> {
  const item = ITEMS[Number(line)];
  if (item === undefined) throw new RangeError(`item ${line} of ${ITEMS.length}`);
  if (latest?.line !== line) latest = { line, task: await item.open() };
  return roundOf(latest.task, () => performance.now());
}
