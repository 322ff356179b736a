// Real Chromium, and a server for its pages.
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { toolOf } from "./project.ts";

// The parts of playwright-core that are used; it is installed in test/runtimes alone.
interface Page {
  goto(url: string): Promise<unknown>;
  evaluate<Found>(expression: string): Promise<Found>;
  on(event: "pageerror" | "console", hear: (said: unknown) => void): void;
  close(): Promise<void>;
}

export interface Browser {
  newPage(): Promise<Page>;
  close(): Promise<void>;
}

interface Playwright {
  readonly chromium: { launch(options: object): Promise<Browser> };
}

const LINES_MS_MAX = 20_000;

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

export async function openBrowser(): Promise<Browser> {
  const { chromium }: Playwright = await import(toolOf("playwright-core/index.mjs"));
  const executablePath = "/usr/bin/chromium";
  return chromium.launch({ executablePath, args: ["--no-sandbox"], timeout: 60_000 });
}

/** A folder on a port of this machine, as any server of files shows it. */
export class Site {
  readonly origin: string;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** `hidesIndex`: who asks for a folder's `index.html` is sent on to the folder. */
  static async open(folder: string, hidesIndex = false): Promise<Site> {
    const server = createServer((request, response) => {
      const { pathname, search } = new URL(request.url ?? "/", "http://127.0.0.1"); // without `..`
      if (pathname === "/favicon.ico") return response.writeHead(204).end(); // asked for by nobody
      const bare = pathname.replace(/\/index\.html$/, "/");
      if (hidesIndex && bare !== pathname)
        return response.writeHead(308, { location: `${bare}${search}` }).end();
      const file = bare.replace(/\/$/, "/index.html");
      readFile(join(folder, file)).then(
        (bytes) => {
          const type = TYPES[extname(file)] ?? "application/octet-stream";
          response.writeHead(200, { "content-type": type }).end(bytes);
        },
        () => response.writeHead(404, { "content-type": "text/html" }).end("<!doctype html>"),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new Site(server);
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** What `window.found` of a page comes to. Rejects with what the page complained of. */
export function findingsOf<Found>(browser: Browser, url: string): Promise<Found> {
  const found = "Promise.resolve(window.found ?? Promise.reject('no window.found'))";
  return visit(browser, url, (page) => page.evaluate(found));
}

/** The first lines that a page writes to its console, its errors among them. */
export function linesOf(browser: Browser, url: string, count: number): Promise<string[]> {
  return visit(browser, url, async (_, heard) => {
    const end = performance.now() + LINES_MS_MAX;
    while (heard.length < count && performance.now() < end) await delay(20);
    return heard;
  });
}

/** Opens a page and closes it. Rejects with what the page complained of. */
async function visit<Found>(
  browser: Browser,
  url: string,
  look: (page: Page, heard: string[]) => Promise<Found>,
): Promise<Found> {
  const page = await browser.newPage();
  const heard: string[] = [];
  page.on("pageerror", (error) => heard.push(String(error)));
  page.on("console", (message) => heard.push((message as { text(): string }).text()));
  try {
    await page.goto(url);
    return await look(page, heard);
  } catch (error) {
    throw new Error(`${url}: ${error}\n${heard.join("\n")}`);
  } finally {
    await page.close();
  }
}
