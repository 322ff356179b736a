// A process that writes to a store in a file until somebody kills it. It says on standard output
// what is certain: "put KEY" once a put has returned, "won KEY" or "lost KEY" of keys that others
// want as well.
import { writeSync } from "node:fs";
import { FileStore } from "../../../bindings/node/agent/store/file-store.ts";

const STDOUT = 1;
const [path = "", name = "", growth = ""] = process.argv.slice(2);

const options = { path, growthLenMax: Number(growth), timeoutMs: 60_000 };
const store = await FileStore.open(options);
writeSync(STDOUT, "open\n");
for (let round = 0; ; round++) {
  await store.put(`/own/${name}/${round}`, name, null);
  writeSync(STDOUT, `put /own/${name}/${round}\n`);
  const { done } = await store.create(`/race/${round}`, name, null);
  writeSync(STDOUT, `${done ? "won" : "lost"} /race/${round}\n`);
}
