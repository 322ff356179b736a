// The examples of the README, taken from its text: each begins with how it is run, and says behind
// or below each `console.log` what that prints.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { need } from "../need.ts";
import { type Browser, linesOf, openBrowser, Site } from "./browser.ts";
import { BUN, DENO, ENGINES, openProject, type Project, ROOT, run, toolOf } from "./project.ts";

interface Example {
  /** The first line, without its marks. */
  readonly how: string;
  readonly source: string;
  readonly prints: readonly string[];
}

const FENCE = /^```(js|ts|html)\n(.*?)^```$/gms;
const LOG = /console\.log\(.*\);(?: \/\/ (.*))?$/;
const BELOW = /^\s*\/\/ (.*)$/;

function examplesOf(text: string): Example[] {
  return [...text.matchAll(FENCE)].map(([, , source = ""]) => {
    const [first = "", ...rest] = source.trimEnd().split("\n");
    return { how: first.replace(/^(\/\/|<!--) | -->$/g, ""), source, prints: printedBy(rest) };
  });
}

function printedBy(lines: readonly string[]): string[] {
  const prints: string[] = [];
  let isBelow = false;
  for (const line of lines) {
    const log = LOG.exec(line);
    const said: string | undefined = log?.[1] ?? (isBelow ? BELOW.exec(line)?.[1] : undefined);
    if (said !== undefined) prints.push(said);
    isBelow = log !== null ? log[1] === undefined : isBelow && said !== undefined;
  }
  return prints;
}

const PAGE = '<!doctype html><script type="module" src="MAIN"></script>';

/** How each program is had, whose command line an example shows. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  "Node 20": ENGINES["Node 20"],
  "Node 22": ENGINES["Node 22"],
  "Node 24": ENGINES["Node 24"],
  deno: [DENO],
  bun: [BUN],
  vite: [process.execPath, toolOf("vite/bin/vite.js")],
  esbuild: [toolOf("esbuild/bin/esbuild")],
};

async function shell(name: string, args: string[], folder: string): Promise<string> {
  const [program = name, ...first] = PROGRAMS[name] ?? [];
  return run([program], [...first, ...args], folder);
}

const needs = need("runtimes", "chromium");

describe("the examples of the README", () => {
  const examples = examplesOf(readFileSync(`${ROOT}README.md`, "utf8"));
  let project: Project;
  let browser: Browser;
  let site: Site;

  before(async () => {
    if (needs.skip !== false) return;
    project = await openProject();
    browser = await openBrowser();
    site = await Site.open(project.folder);
  });

  after(async () => {
    site?.close();
    await browser?.close();
  });

  async function linesOfEngines(example: Example): Promise<string[][]> {
    const [program = "", ...args] = example.how.split(" ");
    project.write(args.at(-1) ?? "", example.source);
    const names = program === "node" ? ["Node 20", "Node 22", "Node 24"] : [program];
    const outputs = names.map((name) => shell(name, args, project.folder));
    return (await Promise.all(outputs)).map((output) => output.trimEnd().split("\n"));
  }

  async function pathOfBundle(example: Example, at: number): Promise<string> {
    const [, bundler = "", ...args] = example.how.split(" ");
    const folder = `example-${at}`;
    project.write(`${folder}/main.js`, example.source);
    const isVite = bundler === "vite";
    const output = args.find((arg) => arg.startsWith("--outfile="))?.split("=")[1];
    project.write(
      `${folder}/index.html`,
      PAGE.replace("MAIN", isVite ? "/main.js" : `./${output}`),
    );
    const base = isVite ? ["--base", `/${folder}/dist/`] : [];
    await shell(bundler, [...args, ...base], `${project.folder}/${folder}`);
    return isVite ? `${folder}/dist/index.html` : `${folder}/index.html`;
  }

  async function linesOfPage(example: Example, at: number): Promise<string[][]> {
    const isBundle = example.how.startsWith("npx ");
    if (!isBundle) project.write("example.html", example.source);
    const path = isBundle ? await pathOfBundle(example, at) : "example.html";
    return [await linesOf(browser, `${site.origin}/${path}`, example.prints.length)];
  }

  test("are there for every runtime", () => {
    const hows = examples.map(({ how }) => how.replace(/^npx /, "").split(" ")[0]);
    assert.deepEqual(hows, ["node", "deno", "bun", "any", "vite", "esbuild"]);
  });

  for (const [at, example] of examples.entries()) {
    test(`print what they say: ${example.how}`, needs, async () => {
      assert.ok(example.prints.length > 0);
      const isEngine = /^(node|deno|bun) /.test(example.how);
      const found = await (isEngine ? linesOfEngines(example) : linesOfPage(example, at));
      for (const lines of found) assert.deepEqual(lines, example.prints);
    });
  }
});
