// The page as other hands and ears have it: a finger, a reader of screens, whoever knows another
// tool, whoever has many packets.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { need } from "../need.ts";
import { Site } from "./browser.ts";
import { openVisit, type Visit } from "./page.ts";
import { ROOT } from "./project.ts";

const needs = need("runtimes", "chromium");
const WAIT = { timeout: 15_000 };

describe("the page for everybody", () => {
  let site: Site;
  let visit: Visit;

  before(async () => {
    if (needs.skip !== false) return;
    site = await Site.open(`${ROOT}dist/web`);
    visit = await openVisit(site.origin);
  });

  after(async () => {
    await visit?.close();
    site?.close();
  });

  async function open(query: string): Promise<void> {
    await visit.page.goto(`${site.origin}/index.html${query}`);
    await until("performance.getEntriesByName('ready').length > 0");
  }

  function until(code: string): Promise<unknown> {
    return visit.page.waitForFunction(code, undefined, WAIT);
  }

  function isAt(hop: number): Promise<unknown> {
    return until(
      `document.querySelector("hl-hops [aria-current=step] b")?.textContent === "${hop}"`,
    );
  }

  test("a finger drawn across the drawing steps, and one drawn down does not", needs, async () => {
    await open("?s=flannel-vxlan&h=4");
    await visit.page.evaluate(drawn({ x: -90, y: 10 }));
    await isAt(5);
    await visit.page.evaluate(drawn({ x: 90, y: -10 }));
    await isAt(4);
    await visit.page.evaluate(drawn({ x: 50, y: 90 }));
    await visit.page.evaluate("document.querySelector('heddle-lab').updateComplete");
    await isAt(4);
  });

  test("a packet's end is announced at once, and its way politely", needs, async () => {
    const edit = "bridge fdb del 5e:f8:4f:00:e3:37 dev flannel.1 dst 10.168.0.3";
    const e = encodeURIComponent(`0.4:node1:${edit}`);
    await open(`?s=flannel-vxlan&h=4&e=${e}`);
    const alert = "document.querySelector('[aria-live=assertive]').textContent";
    await until(`${alert}.includes("Dropped at flannel.1")`);
    const polite = "document.querySelector('[aria-live=polite]').textContent.trim()";
    assert.equal(await visit.page.evaluate(polite), "");
    await visit.page.keyboard.press("ArrowLeft");
    await until(`${polite}.includes("node1 routes.")`);
    await until(`${alert} === ""`);
  });

  test("a device's sheet prints what other tools would", needs, async () => {
    await open("?s=flannel-vxlan&h=4");
    const pane = JSON.stringify({ do: "pane", to: { show: "device", place: "node1" } });
    await visit.page.evaluate(`document.querySelector("hl-bar")
      .dispatchEvent(new CustomEvent("act", { detail: ${pane}, bubbles: true }))`);
    for (const [name, found] of [
      ["route -n", "10.1.16.0       10.1.16.0       255.255.255.0   UG"],
      ["ifconfig", "flannel.1: flags="],
    ]) {
      await visit.page.getByRole("button", { name: name ?? "", exact: true }).click();
      await until(`document.querySelector("hl-listing pre").textContent.includes("${found}")`);
    }
    await visit.page.keyboard.press("Escape");
  });

  test("many packets have a strip, and what is moved on it is at hand", needs, async () => {
    await open("?s=mac-flood");
    await until("document.querySelector('hl-overview input') !== null");
    const counts = `[document.querySelector("hl-overview input").max,
      document.querySelector("heddle-lab").scene.trace.packets.length - 1].map(Number)`;
    const [most, last] = await visit.page.evaluate<number[]>(counts);
    assert.equal(most, last);
    await visit.page.evaluate(`(() => {
      const input = document.querySelector("hl-overview input");
      input.value = "20";
      input.dispatchEvent(new Event("input", { bubbles: true }));
    })()`);
    await until("/[?&]p=20/.test(location.search)");
    assert.deepEqual(visit.complaints, []);
  });
});

/** A finger that goes so far over the drawing. */
function drawn({ x, y }: { x: number; y: number }): string {
  return `(() => {
    const stage = document.querySelector("hl-stage");
    const at = (clientX, clientY) => ({ clientX, clientY, bubbles: true, pointerType: "touch",
      isPrimary: true, pointerId: 7 });
    stage.dispatchEvent(new PointerEvent("pointerdown", at(300, 100)));
    stage.dispatchEvent(new PointerEvent("pointerup", at(${300 + x}, ${100 + y})));
  })()`;
}
