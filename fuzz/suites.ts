// Every suite there is, in the order in which they run.
import { openChecksum } from "./checksum.fuzz.ts";
import { openFdb } from "./fdb.fuzz.ts";
import type { Suite } from "./law.ts";
import { openPath } from "./path.fuzz.ts";
import { openRoute } from "./route.fuzz.ts";
import { openTables } from "./tables.fuzz.ts";

export async function openSuites(): Promise<Suite[]> {
  return Promise.all([openChecksum(), openFdb(), openRoute(), openTables(), openPath()]);
}
