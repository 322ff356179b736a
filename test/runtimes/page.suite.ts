// The page of the lab as a reader has it: static files, a browser, and no network beyond them.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { need } from "../need.ts";
import { Site } from "./browser.ts";
import { openVisit, type Visit } from "./page.ts";
import { ROOT, temporaryFolder, toolOf } from "./project.ts";

const FOLDER = `${ROOT}dist/web`;
const WEIGHT_MAX = 300_000;
const WAIT_MS = 15_000;

const needs = need("runtimes", "chromium");
const capturing = need("runtimes", "chromium", "tshark");

describe("the page of the lab", () => {
  let site: Site;
  let visit: Visit;

  before(async () => {
    if (needs.skip !== false) return;
    assert.ok(existsSync(`${FOLDER}/index.html`), "the page is built");
    site = await Site.open(FOLDER);
    visit = await openVisit(site.origin);
  });

  after(async () => {
    await visit?.close();
    site?.close();
  });

  /** Opens a view, and waits until a packet is drawn. */
  async function open(query: string): Promise<void> {
    await visit.page.goto(`${site.origin}/index.html${query}`);
    await visit.page.evaluate("localStorage.clear()");
    await isReady();
  }

  function isReady(): Promise<unknown> {
    return until(`document.querySelector("main")?.dataset.phase === "ready" &&
      document.querySelector(".packet g, hl-compare svg") !== null`);
  }

  function until(code: string): Promise<unknown> {
    return visit.page.waitForFunction(code, undefined, { timeout: WAIT_MS });
  }

  /** The text of the first element that is meant. */
  function textOf(selector: string): Promise<string> {
    const code = `document.querySelector(${JSON.stringify(selector)})?.textContent ?? ""`;
    return visit.page.evaluate<string>(code);
  }

  test("opens cold, asks nobody else, and weighs little", needs, async () => {
    const start = performance.now();
    await open("");
    const tookMs = Math.round(performance.now() - start);
    assert.match(await textOf("hl-why"), /^\s*ping sends\./);
    await until("performance.getEntriesByName('ready').length > 0");
    const names = [...visit.given].map((url) => new URL(url).pathname).filter(isFile);
    const weights = names.map((name) => gzipSync(readFileSync(`${FOLDER}${name}`)).length);
    const weight = weights.reduce((sum, each) => sum + each, 0);
    console.log(`  the first packet was there after ${tookMs} ms, with ${weight} bytes by gzip`);
    assert.ok(names.some((name) => name.endsWith(".wasm")));
    assert.ok(weight < WEIGHT_MAX, `${weight} bytes`);
    assert.deepEqual(visit.strangers, []);
  });

  test("steps to the end and back, and asks its engine nothing", needs, async () => {
    const { page } = visit;
    await open("?s=flannel-vxlan");
    const seen: string[] = [];
    const drawing = "document.querySelector('hl-stage .packet').parentElement.textContent";
    const isAt = (hop: number): string =>
      `document.querySelector("hl-hops [aria-current=step] b")?.textContent === "${hop}"`;
    for (let hop = 2; hop <= 9; hop++) {
      seen.push(await page.evaluate<string>(drawing));
      await page.keyboard.press("ArrowRight");
      await until(isAt(hop));
    }
    assert.match(await textOf("hl-why"), /^\s*c2 delivers\./);
    for (let hop = 8; hop >= 1; hop--) {
      await page.keyboard.press("ArrowLeft");
      await until(isAt(hop));
      assert.equal(await page.evaluate<string>(drawing), seen[hop - 1]);
    }
    assert.match(await textOf("hl-why"), /^\s*ping sends\./);
  });

  test("runs every scenario, to its last hop, in both languages", needs, async () => {
    const { page } = visit;
    await open("");
    await page.keyboard.press("g");
    await page.locator("hl-picker .entry").first().waitFor();
    const entries = "document.querySelector('hl-picker').entries.map(({ slug }) => slug)";
    const slugs = await page.evaluate<string[]>(entries);
    await page.keyboard.press("Escape");
    assert.ok(slugs.length > 30, slugs.join(" "));
    for (const slug of slugs) {
      await page.evaluate(act({ do: "lang", to: "en" }));
      await page.evaluate(act({ do: "open", scenario: slug }));
      const isOpen = `(() => { const { state } = document.querySelector("heddle-lab").scene;
        return state.scenario === "${slug}" && state.phase !== "running"; })()`;
      await until(isOpen);
      const walk = await page.evaluate<string[]>(WALK);
      assert.deepEqual(walk, [], slug);
    }
    assert.deepEqual(visit.complaints, []);
  });

  test(
    "an FDB entry is deleted: the packet dies there, and the reason is said",
    needs,
    async () => {
      const { page } = visit;
      await open("?s=flannel-vxlan&h=4");
      const before = await textOf("hl-hops");
      await page.locator("hl-asked hl-table").first().waitFor();
      await page
        .getByRole("button", { name: /delete/i })
        .first()
        .click();
      await until("document.querySelector('hl-why').textContent.includes('Dropped at flannel.1.')");
      assert.match(await textOf("hl-why"), /No FDB entry for 5e:f8:4f:00:e3:37/);
      assert.equal(await page.locator("hl-hops li").count(), 4);
      await until("/[?&]e=/.test(location.search)");
      await page.keyboard.press("u");
      await until("document.querySelectorAll('hl-hops li').length === 9");
      assert.equal(await textOf("hl-hops"), before);
    },
  );

  test("a dropped capture is decoded", needs, async () => {
    await open("");
    const bytes = readFileSync(`${ROOT}test/vectors/flannel-vxlan.eth0.pcap`);
    await visit.page.evaluate(dropOf("golden.pcap", bytes.toString("base64")));
    await visit.page.locator("hl-decode [role=option]").first().waitFor();
    await visit.page.locator("hl-decode [role=option]:nth-child(4)").click();
    await until("document.querySelector('hl-layers').textContent.includes('VXLAN')");
    const text = await textOf("hl-decode");
    assert.match(text, /10\.1\.15\.2/);
    assert.match(text, /UDP . VXLAN/);
    await visit.page.evaluate(
      dropOf("no.png", Buffer.from("\x89PNG\r\n", "latin1").toString("base64")),
    );
    await until("document.querySelector('hl-decode').textContent.includes('89 50 4e 47 (PNG)')");
  });

  test("the capture that it saves has no malformed packet", capturing, async () => {
    const { page } = visit;
    await open("?s=flannel-vxlan");
    await page.keyboard.press("s");
    await page.locator("hl-save .entry").first().waitFor();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.locator("hl-save .entry").first().click(),
    ]);
    assert.equal(download.suggestedFilename(), "flannel-vxlan.pcapng");
    const file = `${temporaryFolder()}/saved.pcapng`;
    await download.saveAs(file);
    const tshark = (...args: string[]): string[] =>
      execFileSync("tshark", ["-n", "-r", file, ...args], { encoding: "utf8" })
        .trim()
        .split("\n");
    const fields = ["-d", "udp.port==8472,vxlan", "-T", "fields", "-e", "vxlan.vni"];
    assert.ok(tshark(...fields).includes("1"));
    assert.deepEqual(tshark("-Y", "_ws.malformed"), [""]);
    await page.keyboard.press("Escape");
  });

  test("two modes stand side by side, and share the cursor", needs, async () => {
    await open("?s=flannel-vxlan&h=4&c=host-gw");
    await until("document.querySelectorAll('hl-compare section').length === 2");
    await until("document.querySelectorAll('hl-compare .gap').length > 0");
    const text = await textOf("hl-ledger");
    assert.match(text, /148/);
    assert.match(text, /98/);
  });

  test("switches language and theme", needs, async () => {
    const { page } = visit;
    await open("?s=flannel-vxlan&h=4");
    const paper = "getComputedStyle(document.documentElement).backgroundColor";
    await page.emulateMedia({ colorScheme: "light" });
    const light = await page.evaluate<string>(paper);
    await page.keyboard.press("Shift+T");
    await until(`${paper} !== "${light}"`);
    await page.keyboard.press("Shift+L");
    await until("document.documentElement.lang === 'zh-CN'");
    assert.match(await textOf("hl-why"), /FDB \u8bf4/);
    await page.evaluate("localStorage.clear()");
  });

  test("axe finds nothing serious, in both themes", needs, async () => {
    const axe = readFileSync(toolOf("axe-core/axe.min.js"), "utf8");
    const views = ["?s=flannel-vxlan&h=4", "?s=flannel-vxlan&h=4&d=diff", "?s=flannel-udp&h=4"];
    for (const colorScheme of ["light", "dark"] as const) {
      await visit.page.emulateMedia({ colorScheme });
      for (const view of [...views, "?s=flannel-vxlan&c=host-gw"]) {
        await open(view);
        await visit.page.evaluate(axe);
        const found = await visit.page.evaluate<string[]>(AXE);
        assert.deepEqual(found, [], `${view}, ${colorScheme}`);
      }
    }
  });

  test("fits a desk, a tablet and a phone", needs, async () => {
    for (const width of [1280, 960, 390]) {
      await visit.page.setViewportSize({ width, height: 844 });
      await open("?s=flannel-vxlan&h=4");
      const wide = await visit.page.evaluate<number>("document.documentElement.scrollWidth");
      assert.ok(wide <= width, `${wide} at ${width}`);
    }
    assert.deepEqual(visit.complaints, []);
  });
});

function isFile(name: string): boolean {
  return readdirSync(FOLDER, { recursive: true, encoding: "utf8" }).includes(name.slice(1));
}

/** What an element of the page sends up. */
function act(action: object): string {
  const detail = JSON.stringify(action);
  return `document.querySelector("hl-bar")
    .dispatchEvent(new CustomEvent("act", { detail: ${detail}, bubbles: true }))`;
}

/** Every hop of every main packet, in both languages; gives what reads wrong. */
const WALK = `(async () => {
  const root = document.querySelector("heddle-lab");
  const send = (detail) => document.querySelector("hl-bar")
    .dispatchEvent(new CustomEvent("act", { detail, bubbles: true }));
  const wrong = [];
  const settled = () => root.updateComplete;
  if (root.scene.state.phase !== "ready") return [root.scene.state.failure];
  for (const to of ["zh", "en"]) {
    send({ do: "lang", to });
    const way = root.scene.trace.packets.filter(({ line }) => line === "main").slice(0, 2);
    for (const { index, hopCount } of way) {
      for (let hop = 1; hop <= Math.min(hopCount, 12); hop++) {
        send({ do: "go", packet: index, hop });
        await settled();
        const text = document.querySelector("main").textContent;
        const why = document.querySelector("hl-why")?.textContent.trim() ?? "";
        if (why === "") wrong.push(to + " " + index + "." + hop + ": no reason");
        if (/undefined|\\bNaN\\b|\\[object/.test(text)) {
          wrong.push(to + " " + index + "." + hop + ": undefined");
        }
      }
    }
  }
  return wrong;
})()`;

function dropOf(name: string, base64: string): string {
  return `(() => {
    const bytes = Uint8Array.from(atob("${base64}"), (one) => one.charCodeAt(0));
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([bytes], "${name}"));
    window.dispatchEvent(new DragEvent("drop", { dataTransfer, cancelable: true }));
  })()`;
}

const AXE = `axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations
  .filter(({ impact }) => impact === "serious" || impact === "critical")
  .map(({ id, nodes }) => id + ": " + nodes.map(({ target }) => target).slice(0, 4).join(" ")))`;
