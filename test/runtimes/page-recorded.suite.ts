// The page before its engine is there, or where it never comes: what was recorded when it was built
// is shown, and stepped through.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { decode, openCore } from "../../bindings/core/index.ts";
import { runScenario, SCENARIOS } from "../../bindings/lab/index.ts";
import { need } from "../need.ts";
import { Site } from "./browser.ts";
import { openVisit, type Visit } from "./page.ts";
import { ROOT } from "./project.ts";

const needs = need("runtimes", "chromium");
const WAIT = { timeout: 15_000 };
const ENGINE = /\.wasm$|worker/;

describe("the page without its engine", () => {
  let site: Site;
  let visit: Visit;

  before(async () => {
    if (needs.skip !== false) return;
    site = await Site.open(`${ROOT}dist/web`);
    visit = await openVisit(site.origin, ENGINE);
  });

  after(async () => {
    await visit?.close();
    site?.close();
  });

  function until(code: string): Promise<unknown> {
    return visit.page.waitForFunction(code, undefined, WAIT);
  }

  test("shows the first scenario, goes to its end, and says what is missing", needs, async () => {
    const { page } = visit;
    await page.goto(`${site.origin}/index.html`);
    await until("document.querySelector('hl-stage .packet g') !== null");
    for (let hop = 2; hop <= 9; hop++) {
      await page.keyboard.press("ArrowRight");
      await until(
        `document.querySelector("hl-hops [aria-current=step] b")?.textContent === "${hop}"`,
      );
    }
    await until("/^\\s*c2 delivers/.test(document.querySelector('hl-why').textContent)");
    await until("document.querySelector('.notice')?.textContent.includes('WebAssembly')");
  });

  test("has the theme that was chosen before any of its scripts", needs, async () => {
    const bare = await openVisit(site.origin, /assets/);
    try {
      await bare.page.goto(`${site.origin}/index.html`);
      await bare.page.evaluate(`localStorage.setItem("heddle-lab", '{"theme":"dark"}')`);
      await bare.page.goto(`${site.origin}/index.html?h=2`);
      const theme = "document.documentElement.dataset.theme";
      assert.equal(await bare.page.evaluate(theme), "dark");
    } finally {
      await bare.close();
    }
  });
});

test("what was recorded is what the engine makes", async () => {
  const html = readFileSync(`${ROOT}dist/web/index.html`, "utf8");
  const [, text = ""] = /<script id="recorded"[^>]*>(.*?)<\/script>/s.exec(html) ?? [];
  const { trace, bytes, packets } = JSON.parse(text);
  const core = await openCore();
  const scenario = SCENARIOS.find(({ slug }) => slug === trace.scenario);
  assert.ok(scenario);
  const { bytes: arena, ...rest } = runScenario(core, scenario);
  assert.deepEqual(trace, JSON.parse(JSON.stringify(rest)));
  assert.deepEqual(Buffer.from(bytes, "base64"), Buffer.from(arena));
  for (const [{ offset, len }, link, packet] of packets) {
    const part = arena.subarray(offset, offset + len);
    const known = decode(core, part, { link: link === "ethernet" ? "ethernet" : "ip" });
    assert.deepEqual(packet, JSON.parse(JSON.stringify(known)));
  }
});
