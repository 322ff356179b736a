// The built page of the lab in real Chromium: the parts of playwright-core that its tests use.
import { toolOf } from "./project.ts";

export interface Locator {
  click(): Promise<void>;
  first(): Locator;
  count(): Promise<number>;
  innerText(): Promise<string>;
  waitFor(): Promise<void>;
}

export interface Download {
  suggestedFilename(): string;
  saveAs(path: string): Promise<void>;
}

interface Name {
  readonly name?: string | RegExp;
  readonly exact?: boolean;
}

interface Route {
  request(): { url(): string };
  continue(): Promise<void>;
  abort(): Promise<void>;
}

export interface LabPage {
  goto(url: string): Promise<unknown>;
  evaluate<Found>(code: string): Promise<Found>;
  waitForFunction(code: string, given?: undefined, options?: { timeout: number }): Promise<unknown>;
  waitForEvent(event: "download"): Promise<Download>;
  getByRole(role: string, name?: Name): Locator;
  locator(selector: string): Locator;
  readonly keyboard: { press(key: string): Promise<void> };
  readonly mouse: { click(x: number, y: number): Promise<void> };
  setViewportSize(size: { width: number; height: number }): Promise<void>;
  emulateMedia(media: { colorScheme: "light" | "dark" }): Promise<void>;
  on(event: "pageerror" | "console", hear: (said: unknown) => void): void;
  on(event: "response", hear: (response: { url(): string }) => void): void;
  close(): Promise<void>;
}

interface Context {
  newPage(): Promise<LabPage>;
  route(pattern: string, answer: (route: Route) => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

interface LabBrowser {
  newContext(options: object): Promise<Context>;
  close(): Promise<void>;
}

/** A page with all of the network cut but one origin. */
export interface Visit {
  readonly page: LabPage;
  /** What it complained of. */
  readonly complaints: string[];
  /** What it asked others for. */
  readonly strangers: string[];
  /** What it was given. */
  readonly given: Set<string>;
  close(): Promise<void>;
}

/** Code that is a text runs in the page, and nothing but the server answers it. */
const UNGUARDED = { bypassCSP: true, serviceWorkers: "block" };

/** `without`: files of the page that are not given to it. */
export async function openVisit(origin: string, without?: RegExp): Promise<Visit> {
  const { chromium }: { chromium: { launch(options: object): Promise<LabBrowser> } } = await import(
    toolOf("playwright-core/index.mjs")
  );
  const executablePath = "/usr/bin/chromium";
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  const context = await browser.newContext({
    ...UNGUARDED,
    viewport: { width: 1280, height: 800 },
  });
  const strangers: string[] = [];
  await context.route("**/*", async (route) => {
    const url = route.request().url();
    const isMissing = without?.test(url) ?? false;
    if (url.startsWith(origin) && !isMissing) return route.continue();
    if (!isMissing) strangers.push(url);
    return route.abort();
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (said) => {
    const message = said as { type(): string; text(): string };
    if (message.type() === "error") complaints.push(message.text());
  });
  const given = new Set<string>();
  page.on("response", (response) => given.add(response.url()));
  const close = async (): Promise<void> => {
    await context.close();
    await browser.close();
  };
  return { page, complaints, strangers, given, close };
}
