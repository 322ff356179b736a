// The page's own benchmark: that it runs, and what it says; how fast that is is nobody's business.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ITEMS } from "../../bench/portable/items.ts";
import { need } from "../need.ts";
import { Site } from "./browser.ts";
import { openVisit, type Visit } from "./page.ts";
import { ROOT } from "./project.ts";

const needs = need("runtimes", "chromium");
const WAIT = { timeout: 60_000 };

interface Row {
  readonly item: string;
  readonly ns: number;
  readonly perSecond: number;
}

describe("the benchmark of the page", () => {
  let site: Site;
  let visit: Visit;

  before(async () => {
    if (needs.skip !== false) return;
    site = await Site.open(`${ROOT}dist/web`);
    visit = await openVisit(site.origin);
    await open("");
  });

  after(async () => {
    await visit?.close();
    site?.close();
  });

  async function open(query: string): Promise<void> {
    await visit.page.goto(`${site.origin}/index.html${query}`);
    await until("performance.getEntriesByName('ready').length > 0");
  }

  async function show(): Promise<void> {
    const pane = JSON.stringify({ do: "pane", to: { show: "bench" } });
    await visit.page.evaluate(`document.querySelector("hl-bar")
      .dispatchEvent(new CustomEvent("act", { detail: ${pane}, bubbles: true }))`);
  }

  function until(code: string): Promise<unknown> {
    return visit.page.waitForFunction(code, undefined, WAIT);
  }

  test(
    "measures every item, and nothing of it is there before it is asked for",
    needs,
    async () => {
      const isBench = (url: string): boolean => /bench/.test(url);
      assert.deepEqual([...visit.given].filter(isBench), []);
      await show();
      await visit.page.getByRole("button", { name: "Run", exact: true }).click();
      await until("document.querySelector('hl-bench table')?.ariaBusy === 'false'");
      assert.ok([...visit.given].some(isBench));
      const rows = await visit.page.evaluate<Row[]>(`[...document.querySelectorAll("hl-bench tr")]
      .slice(1).map(({ cells: [item, ns, perSecond] }) => ({
        item: item.textContent,
        ns: parseFloat(ns.textContent),
        perSecond: parseFloat(perSecond.textContent),
      }))`);
      assert.equal(new Set(rows.map(({ item }) => item)).size, ITEMS.length);
      for (const { item, ns, perSecond } of rows) {
        assert.ok(Number.isFinite(ns) && ns > 0, `${item}: ${ns} ns`);
        assert.ok(Number.isFinite(perSecond) && perSecond > 0, `${item}: ${perSecond} million`);
      }
      assert.deepEqual(visit.complaints, []);
      assert.deepEqual(visit.strangers, []);
    },
  );

  test("speaks Chinese from the first word, though its module comes late", needs, async () => {
    await open("?lang=zh");
    await show();
    await until("document.querySelector('hl-bench h2') !== null");
    const head = "document.querySelector('hl-bench h2').textContent";
    assert.match(await visit.page.evaluate<string>(head), /^\p{Script=Han}/u);
  });
});
