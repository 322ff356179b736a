// The tarball in real Chromium: as it is, through vite, and through esbuild.
import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { need } from "../need.ts";
import { type Browser, findingsOf, openBrowser, Site } from "./browser.ts";
import { expected, expectedCarry } from "./expected.ts";
import { openProject, type Project, run, toolOf } from "./project.ts";

const IMPORTS = {
  heddle: "/node_modules/heddle/dist/bindings/core/index.js",
  "heddle/lab": "/node_modules/heddle/dist/bindings/lab/index.js",
  "heddle/web": "/node_modules/heddle/dist/bindings/web/index.js",
  "@assemblyscript/loader": "/node_modules/@assemblyscript/loader/index.js",
};

const BOTH = { exercise: expected(false), carry: expectedCarry };

/** A page that loads a module. */
function pageOf(script: string, imports: object = {}): string {
  return `<!doctype html><meta charset="utf-8">
<script type="importmap">${JSON.stringify({ imports })}</script>
<script type="module" src="${script}"></script>`;
}

/** A module that leaves what it found in `window.found`. */
function mainOf(folder: string): string {
  return `import { carry } from "${folder}/carry.js";
import { exercise } from "${folder}/exercise.js";

const both = async () => ({ exercise: await exercise(), carry: await carry() });
window.found = both();
`;
}

/** Bundles by the command line of esbuild. */
function esbuild({ folder }: Project, ...args: string[]): Promise<string> {
  return run([toolOf("esbuild/bin/esbuild")], ["--bundle", "--log-level=error", ...args], folder);
}

const needs = need("runtimes", "chromium");

describe("in Chromium", () => {
  let browser: Browser;
  let site: Site;
  let project: Project;

  before(async () => {
    if (needs.skip !== false) return;
    project = await openProject();
    for (const name of ["exercise.js", "carry.js"]) project.copy(name);
    browser = await openBrowser();
    site = await Site.open(project.folder);
  });

  after(async () => {
    site?.close();
    await browser?.close();
  });

  test("modules as they are, with an import map", needs, async () => {
    project.write("plain.js", mainOf("."));
    project.write("plain.html", pageOf("./plain.js", IMPORTS));
    assert.deepEqual(await findingsOf(browser, `${site.origin}/plain.html`), BOTH);
  });

  test("a bundle by vite", needs, async () => {
    project.write("vite/index.html", pageOf("/main.js"));
    project.write("vite/main.js", mainOf(".."));
    const vite = [toolOf("vite/bin/vite.js"), "build", "--base", "./"];
    await run([process.execPath], vite, `${project.folder}/vite`);
    assert.deepEqual(await findingsOf(browser, `${site.origin}/vite/dist/index.html`), BOTH);
  });

  test("a bundle by esbuild, with the binaries copied to its side", needs, async () => {
    project.write("beside.js", mainOf("."));
    await esbuild(project, "beside.js", "--format=esm", "--outdir=beside");
    for (const name of ["core.wasm", "core.plain.wasm", "core.debug.wasm"]) {
      copyFileSync(
        project.fileOf(`dist/bindings/core/${name}`),
        `${project.folder}/beside/${name}`,
      );
    }
    await esbuild(project, "worker=heddle/web/worker", "--format=esm", "--outdir=beside");
    project.write("beside.html", pageOf("./beside/beside.js"));
    assert.deepEqual(await findingsOf(browser, `${site.origin}/beside.html`), BOTH);
  });

  test("a bundle by esbuild, with the binary inside and the worker elsewhere", needs, async () => {
    const main = `import wasm from "heddle/core.wasm";
      import { openCore } from "heddle";
      import { carry } from "./carry.js";
      import { tunnel } from "./exercise.js";

      const worker = new URL("./thread/carrier.js", location);
      const both = async () => ({
        tunnel: tunnel(await openCore({ wasm, memoryBytes: 8 << 20 })),
        carry: await carry({ wasm, worker }),
      });
      window.found = both();`;
    project.write("inside.js", main);
    const binary = ["--loader:.wasm=binary", "--format=esm"];
    await esbuild(project, "inside.js", ...binary, "--outfile=inside.bundle.js");
    await esbuild(project, "carrier=heddle/web/worker", "--format=esm", "--outdir=thread");
    project.write("inside.html", pageOf("./inside.bundle.js"));
    assert.deepEqual(await findingsOf(browser, `${site.origin}/inside.html`), {
      tunnel: expected(false).cores.simd,
      carry: expectedCarry,
    });
  });
});
