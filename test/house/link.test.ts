// The linker's lists name functions that there are.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ROOT, sourcesIn, textOf } from "./tree.ts";

interface Lists {
  readonly LOOPS: Readonly<Record<string, readonly string[]>>;
  readonly LEAVES: readonly string[];
  readonly PACKET_PATHS: readonly string[];
  readonly ASIDE: readonly string[];
}

const OF_ASC = ["bswap<u32>"]; // a polyfill of the compiler's

const lists: Lists = await import(new URL("link.mjs", ROOT).href);
const files = sourcesIn("assembly");

function isThere(path: string): boolean {
  if (path.endsWith("/")) return files.some((file) => file.includes(path) || inFile(file, path));
  const at = path.lastIndexOf("/");
  const name = path
    .slice(at + 1)
    .split(/[#.:]/)
    .at(-1) as string;
  const declared = new RegExp(`\\b${name}\\w*\\(`);
  return files
    .filter((file) => file.endsWith(`/${path.slice(0, at)}.ts`))
    .some((file) => declared.test(textOf(file)));
}

// A path that ends in a file: "assembly/base/checksum/".
function inFile(file: string, path: string): boolean {
  return file.endsWith(`${path.slice(0, -1)}.ts`);
}

for (const [list, paths] of Object.entries(lists)) {
  if (!Array.isArray(paths)) continue;
  test(`each of the linker's ${list} is in the sources`, () => {
    const known = paths.filter((path: string) => !OF_ASC.includes(path));
    assert.deepEqual(
      known.filter((path: string) => !isThere(path)),
      [],
    );
  });
}

// What they call, the linker itself refuses to pass over: later the functions have no names.
test("each of the linker's loops is in the sources", () => {
  const loops = Object.keys(lists.LOOPS);
  assert.ok(loops.length > 0);
  assert.deepEqual(
    loops.filter((path) => !isThere(path)),
    [],
  );
});
