// The built page as its readers have it: under its own policy, and kept by its service worker.
import assert from "node:assert/strict";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { need } from "../need.ts";
import { Site } from "./browser.ts";
import type { LabPage } from "./page.ts";
import { ROOT, temporaryFolder, toolOf } from "./project.ts";

interface Context {
  newPage(): Promise<LabPage>;
  waitForEvent(event: "serviceworker"): Promise<{ evaluate(code: string): Promise<unknown> }>;
}

interface Browser {
  newContext(): Promise<Context>;
  close(): Promise<void>;
}

interface Playwright {
  readonly chromium: { launch(options: object): Promise<Browser> };
}

const ACTIVE = `new Promise((done) => {
  const isActive = () => self.registration.active?.state === "activated";
  const look = () => isActive() ? done() : setTimeout(look, 20);
  look();
})`;

for (const hidesIndex of [false, true]) {
  const sent = hidesIndex ? ", which sends on who asks for its index" : "";
  test(
    `the page of the lab is fresh while it has a server${sent}, and opens when that is gone`,
    need("runtimes", "chromium"),
    () => visit(hidesIndex),
  );
}

async function visit(hidesIndex: boolean): Promise<void> {
  const folder = `${temporaryFolder()}/page`;
  cpSync(`${ROOT}dist/web`, folder, { recursive: true });
  const site = await Site.open(folder, hidesIndex);
  const { chromium }: Playwright = await import(toolOf("playwright-core/index.mjs"));
  const executablePath = "/usr/bin/chromium";
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  try {
    const context = await browser.newContext();
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    const kept = context.waitForEvent("serviceworker");
    await page.goto(`${site.origin}/index.html`);
    await page.locator("hl-why .sentence").waitFor();
    await (await kept).evaluate(ACTIVE);
    const index = readFileSync(`${folder}/index.html`, "utf8");
    writeFileSync(`${folder}/index.html`, index.replace("<body>", "<body data-fresh>"));
    await page.goto(`${site.origin}/index.html?h=3`);
    await page.locator("body[data-fresh] hl-why .sentence").waitFor();
    site.close();
    for (const path of ["/index.html?h=4", "/?h=4"]) {
      await page.goto(`${site.origin}${path}`);
      assert.match(await page.locator("hl-why .sentence").innerText(), /^flannel\.1 wraps/);
    }
    assert.deepEqual(complaints, []);
  } finally {
    await browser.close();
    site.close();
  }
}
