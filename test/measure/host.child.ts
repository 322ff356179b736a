// The host's tests in one process, against one mutant: `host.child.js MUTANT`. Exits 1 when it is
// caught.
import { readdirSync } from "node:fs";
import { inject } from "./inject.ts";

// These take other binaries, or none.
const OTHERS = ["core/load.test.js", "fuzz/session.test.js"];

inject(Number(process.argv[2]));
const folder = new URL("../host/", import.meta.url);
const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
for (const file of files.sort()) {
  if (file.endsWith(".test.js") && !OTHERS.includes(file)) await import(new URL(file, folder).href);
}
