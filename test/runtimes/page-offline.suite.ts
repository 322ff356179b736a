// The built page as its readers have it: under its own policy, and kept by its service worker.
import assert from "node:assert/strict";
import { test } from "node:test";
import { need } from "../need.ts";
import { Site } from "./browser.ts";
import type { LabPage } from "./page.ts";
import { ROOT, toolOf } from "./project.ts";

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

test(
  "the page of the lab opens again when its server is gone",
  need("runtimes", "chromium"),
  async () => {
    const site = await Site.open(`${ROOT}dist/web`);
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
      site.close();
      await page.goto(`${site.origin}/index.html?h=4`);
      assert.match(await page.locator("hl-why .sentence").innerText(), /^flannel\.1 wraps/);
      assert.deepEqual(complaints, []);
    } finally {
      await browser.close();
      site.close();
    }
  },
);
