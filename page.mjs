// Builds the page of the lab, bindings/web/lab, into static files in dist/web/: they work from any
// folder of any server of files, and after the first visit without one.
import { createHash } from "node:crypto";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { build } from "vite";

const PLACEHOLDER = "__FILES__";

/** Bundles the page, then tells its service worker which files there are. */
export async function buildPage(root) {
  const outDir = `${root}dist/web`;
  await build({
    root: `${root}bindings/web/lab`,
    base: "./",
    configFile: false,
    logLevel: "error", // a slow machine is no warning
    build: {
      outDir,
      emptyOutDir: true,
      target: "es2022",
      cssTarget: ["chrome123", "firefox120", "safari17.5"], // they know light-dark()
      assetsInlineLimit: 0, // a data: URL of the core would need a laxer policy
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
    },
    worker: { format: "es" },
  });
  await dropIdle(outDir);
  await writeServiceWorker(root, outDir);
}

// The bindings name three builds of the core, and the page asks for one.
async function dropIdle(outDir) {
  const names = await readdir(`${outDir}/assets`);
  const idle = names.filter((name) => /^core\.(plain|debug)/.test(name));
  await Promise.all(idle.map((name) => rm(`${outDir}/assets/${name}`)));
}

// Its name for the cache is a hash of all files, so a page that was built anew is fetched anew.
async function writeServiceWorker(root, outDir) {
  const entries = await readdir(outDir, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(outDir.length + 1))
    .sort();
  const hash = createHash("sha256");
  for (const file of files) hash.update(file).update(await readFile(`${outDir}/${file}`));
  const source = await readFile(`${root}bindings/web/lab/offline.js`, "utf8");
  const list = JSON.stringify({ version: hash.digest("hex").slice(0, 12), files });
  await writeFile(`${outDir}/offline.js`, source.replace(`"${PLACEHOLDER}"`, list));
}
