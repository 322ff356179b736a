// Builds the page of the lab, bindings/web/lab, into static files in dist/web/: they work from any
// folder of any server of files, and after the first visit without one.
import { createHash } from "node:crypto";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { build } from "vite";

const PLACEHOLDER = "__FILES__";
const THEME_HASH = "'theme-hash'";
/** What the page opens with: as `FIRST` of its state has it. */
const FIRST = "flannel-vxlan";

/** Of these only what is used is loaded: their modules do nothing by being loaded. */
const INERT = /\/bindings\/(agent|core|lab)\//;
const TREESHAKE = { moduleSideEffects: (id) => !INERT.test(id) };

/** Bundles the page, then tells its service worker which files there are. */
export async function buildPage(root) {
  const outDir = `${root}dist/web`;
  await build({
    root: `${root}bindings/web/lab`,
    base: "./",
    configFile: false,
    plugins: [atOnce(await themeOf(root), await recordedOf(root))],
    logLevel: "error", // a slow machine is no warning
    build: {
      outDir,
      emptyOutDir: true,
      target: "es2022",
      cssTarget: ["chrome123", "firefox120", "safari17.5"], // they know light-dark()
      assetsInlineLimit: 0, // a data: URL of the core would need a laxer policy
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      rollupOptions: { treeshake: TREESHAKE },
    },
    worker: { format: "es", rollupOptions: { treeshake: TREESHAKE } },
  });
  await dropIdle(outDir);
  await writeServiceWorker(root, outDir);
}

/** What is there before any script of the page: the theme, and the first scenario. */
function atOnce(theme, recorded) {
  const hash = createHash("sha256").update(theme).digest("base64");
  const asText = JSON.stringify(recorded).replaceAll("<", "\\u003c");
  const attrs = { id: "recorded", type: "application/json" };
  return {
    name: "at-once",
    transformIndexHtml: (html) => ({
      html: html.replace(THEME_HASH, `'sha256-${hash}'`),
      tags: [
        { tag: "script", children: theme, injectTo: "head-prepend" },
        { tag: "script", attrs, children: asText, injectTo: "body" },
      ],
    }),
  };
}

// Without what is said to who reads the source.
async function themeOf(root) {
  const source = await readFile(`${root}bindings/web/lab/theme.js`, "utf8");
  return source
    .replaceAll(/^ *\/\/.*\n/gm, "")
    .replaceAll(/\n\s*/g, " ")
    .trim();
}

// The page can show this before its engine runs: a trace, and its packets taken apart.
async function recordedOf(root) {
  const load = (file) => import(`${root}dist/bindings/${file}`);
  const [{ decode, openCore }, { runScenario, SCENARIOS }, { catalogueOf }] = await Promise.all(
    ["core/index.js", "lab/index.js", "web/lab/state/catalogue.js"].map(load),
  );
  const core = await openCore();
  const scenario = SCENARIOS.find(({ slug }) => slug === FIRST);
  const { bytes, ...trace } = runScenario(core, scenario);
  const spans = trace.hops.flatMap((hop) => [
    ...(hop.in === null ? [] : [[hop.in, hop.inLink]]),
    ...hop.out.map((span) => [span, hop.outLink]),
  ]);
  const packets = spans.map(([span, link]) => {
    const part = bytes.subarray(span.offset, span.offset + span.len);
    return [span, link, decode(core, part, { link: link === "ethernet" ? "ethernet" : "ip" })];
  });
  return {
    trace,
    bytes: Buffer.from(bytes).toString("base64"),
    entry: catalogueOf([scenario])[0],
    packets: [...new Map(packets.map((each) => [JSON.stringify(each), each])).values()],
  };
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
