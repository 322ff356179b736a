// The lab under every engine: the same seed, the same bytes. Deno and Bun take the sources as well,
// as they are.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { need } from "../need.ts";
import { findingsOf, openBrowser, Site } from "./browser.ts";
import { captureHashes } from "./captures.ts";
import { type Command, ENGINES, openProject, ROOT, run, temporaryFolder } from "./project.ts";

const PRINT = "console.log(JSON.stringify(await captureHashes()));";
const MAIN = `import { captureHashes } from "./captures.js";\n${PRINT}`;

const PAGE = `<!doctype html><meta charset="utf-8">
<script type="importmap">${JSON.stringify({
  imports: {
    heddle: "/node_modules/heddle/dist/bindings/core/index.js",
    "heddle/lab": "/node_modules/heddle/dist/bindings/lab/index.js",
    "@assemblyscript/loader": "/node_modules/@assemblyscript/loader/index.js",
  },
})}</script>
<script type="module">
  import { captureHashes } from "./captures.js";
  window.found = captureHashes();
</script>`;

describe("captures of the lab are the same bytes", { concurrency: 2 }, () => {
  for (const [name, engine] of Object.entries(ENGINES)) {
    test(`in ${name}`, need("runtimes"), async () => {
      const { folder, copy, write } = await openProject();
      copy("captures.js");
      const main = write("captures-main.js", MAIN);
      assert.deepEqual(JSON.parse(await run(engine, [main], folder)), await captureHashes());
    });
  }

  test("in Chromium", need("runtimes", "chromium"), async () => {
    const { folder, copy, write } = await openProject();
    copy("captures.js");
    write("captures.html", PAGE);
    const [browser, site] = await Promise.all([openBrowser(), Site.open(folder)]);
    try {
      const found = await findingsOf(browser, `${site.origin}/captures.html`);
      assert.deepEqual(found, await captureHashes());
    } finally {
      site.close();
      await browser.close();
    }
  });

  for (const name of ["Deno", "Bun"] as const) {
    test(`in ${name}, from the sources`, need("runtimes"), async () => {
      const folder = temporaryFolder();
      const main = `${folder}/main.ts`;
      const captures = pathToFileURL(`${ROOT}test/runtimes/captures.ts`).href;
      writeFileSync(main, `import { captureHashes } from "${captures}";\n${PRINT}`);
      const command = name === "Deno" ? withImportMap(ENGINES.Deno, folder) : ENGINES.Bun;
      assert.deepEqual(JSON.parse(await run(command, [main], ROOT)), await captureHashes());
    });
  }
});

/** Bun reads the paths of tsconfig.json; Deno wants them said. */
function withImportMap(command: Command, folder: string): Command {
  const fileOf = (name: string): string => pathToFileURL(`${ROOT}${name}`).href;
  const imports = {
    heddle: fileOf("bindings/core/index.ts"),
    "heddle/lab": fileOf("bindings/lab/index.ts"),
    "@assemblyscript/loader": fileOf("node_modules/@assemblyscript/loader/index.js"),
  };
  const map = `${folder}/imports.json`;
  writeFileSync(map, JSON.stringify({ imports }));
  return [...command, "--import-map", map];
}
