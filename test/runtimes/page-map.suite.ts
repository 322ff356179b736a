// The page with a hundred hosts: what is painted, what of it the pointer and the keyboard reach,
// and what is read out.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { need } from "../need.ts";
import { Site } from "./browser.ts";
import { openVisit, type Visit } from "./page.ts";
import { ROOT } from "./project.ts";

const needs = need("runtimes", "chromium");
const WAIT = { timeout: 15_000 };
const HOSTS = 100;

describe("a hundred hosts", () => {
  let site: Site;
  let visit: Visit;

  before(async () => {
    if (needs.skip !== false) return;
    site = await Site.open(`${ROOT}dist/web`);
    visit = await openVisit(site.origin);
    await visit.page.goto(`${site.origin}/index.html?s=swarm-100`);
    await until("document.querySelector('hl-map .packet g') !== null");
  });

  after(async () => {
    await visit?.close();
    site?.close();
  });

  function until(code: string): Promise<unknown> {
    return visit.page.waitForFunction(code, undefined, WAIT);
  }

  /** A hash of the bytes of a layer, by its place. */
  function inkOf(layer: number): Promise<number> {
    return visit.page.evaluate<number>(`(() => {
      const canvas = document.querySelectorAll("hl-map canvas")[${layer}];
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return data.reduce((hash, byte) => (hash * 31 + byte) | 0, 0);
    })()`);
  }

  test("are painted, and a step paints its way alone", needs, async () => {
    const [network, way] = [await inkOf(0), await inkOf(1)];
    assert.notEqual(network, 0);
    await visit.page.keyboard.press("ArrowRight");
    await until("document.querySelector('hl-hops [aria-current=step] b').textContent === '2'");
    assert.equal(await inkOf(0), network);
    assert.notEqual(await inkOf(1), way);
  });

  test("a copy goes to each of them when a switch floods", needs, async () => {
    const { page } = visit;
    await page.evaluate(`{
      const { prototype } = CanvasRenderingContext2D;
      const { drawImage } = prototype;
      window.drawn = 0;
      prototype.drawImage = function (...all) { window.drawn++; drawImage.apply(this, all); };
    }`);
    const go = "new CustomEvent('act', { detail: { do: 'go', packet: 3, hop: 2 }, bubbles: true })";
    await page.evaluate(`document.querySelector("hl-bar").dispatchEvent(${go})`);
    await until("document.querySelector('hl-hops [aria-current=step] b').textContent === '2'");
    await page.evaluate("window.drawn = 0");
    await page.keyboard.press("ArrowRight");
    await until(`window.drawn >= ${HOSTS - 1}`);
    await until("document.querySelector('hl-map .packet').style.visibility !== 'hidden'");
  });

  test("a click on one that is painted opens it", needs, async () => {
    const { page } = visit;
    const { x, y } = await page.evaluate<{ x: number; y: number }>(`(() => {
      const { left, top, width, height } =
        document.querySelector("hl-map .layers").getBoundingClientRect();
      return { x: left + width / 2, y: top + 8 };
    })()`);
    await page.mouse.click(x, y);
    await until("/node\\d+/.test(document.querySelector('hl-device h2')?.textContent)");
    await page.keyboard.press("Escape");
  });

  test("all are a list to be walked, and the one at hand has a ring", needs, async () => {
    const { page } = visit;
    const items = "[...document.querySelectorAll('hl-map [role=tree] > [role=treeitem]')]";
    const names = await page.evaluate<string[]>(`${items}.map(({ dataset }) => dataset.id)`);
    assert.equal(names.length, HOSTS + 1);
    const before = await inkOf(1);
    await page.evaluate(`${items}[20].focus()`);
    await page.keyboard.press("ArrowDown");
    await until(`document.activeElement === ${items}[21]`);
    await until("document.querySelector('hl-map').isUpdatePending === false");
    assert.notEqual(await inkOf(1), before);
    await page.keyboard.press("Enter");
    await until(`document.querySelector('hl-device h2')?.textContent.includes("${names[21]}")`);
    await page.keyboard.press("Escape");
    assert.deepEqual(visit.complaints, []);
  });
});
