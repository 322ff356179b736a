// The page of the lab in real Chromium: when it shows its first packet and takes its first step,
// and how evenly it draws while packets go through a hundred hosts. It prints what it saw; what of
// that is the page and what the machine is for the reader to judge, by the load that is printed.
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { Site } from "../test/runtimes/browser.ts";
import { type LabPage, openVisit } from "../test/runtimes/page.ts";
import { ROOT } from "../test/runtimes/project.ts";

const READY = `document.querySelector("main")?.dataset.phase === "ready" &&
  document.querySelector(".packet g") !== null`;
const LIVE = "performance.getEntriesByName('ready').length > 0";
const WAIT = { timeout: 60_000 };
const FRAME_MS = 1000 / 60;
const LONG_MS = 1.5 * FRAME_MS;
const OPENINGS = 5;
const PLAY_MS = 10_000;
/** By their names: what is played. */
const WALKS = {
  "swarm-100": "?s=swarm-100",
  "swarm-100, a question to all": "?s=swarm-100&p=3",
  "flannel-vxlan": "?s=flannel-vxlan",
};

const { values } = parseArgs({ options: { json: { type: "boolean" } } });

interface Opening {
  readonly packetMs: number;
  readonly readyMs: number;
}

interface Frames {
  /** From one to the next, in milliseconds. */
  readonly deltas: readonly number[];
  /** When they began, of those that took long. */
  readonly longAt: readonly (readonly [atMs: number, tookMs: number])[];
}

async function main(): Promise<void> {
  const site = await Site.open(`${ROOT}dist/web`);
  try {
    const openings: Opening[] = [];
    for (let at = 0; at < OPENINGS; at++) openings.push(await opened(site.origin));
    const walks: Record<string, ReturnType<typeof summary>> = {};
    for (const [name, query] of Object.entries(WALKS)) {
      walks[name] = summary(await framesOf(site.origin, query));
    }
    const load = loadavg()[0]?.toFixed(1);
    const result = { processors: cpus().length, load, openings, walks };
    console.log(values.json ? JSON.stringify(result, null, 2) : printed(result));
  } finally {
    site.close();
  }
}

/** A browser that was never here before. */
async function opened(origin: string): Promise<Opening> {
  const visit = await openVisit(origin);
  try {
    const { page } = visit;
    await page.goto(`${origin}/index.html`);
    await page.waitForFunction(LIVE, undefined, WAIT);
    return await page.evaluate<Opening>(TIMES);
  } finally {
    await visit.close();
  }
}

// The page marks both itself.
const TIMES = `(() => {
  const at = (name) => Math.round(performance.getEntriesByName(name)[0]?.startTime ?? -1);
  return { packetMs: at("packet"), readyMs: at("ready") };
})()`;

/** Steps through hops as the page's Play does at double speed. */
async function framesOf(origin: string, query: string): Promise<Frames> {
  const visit = await openVisit(origin);
  try {
    const { page } = visit;
    await page.goto(`${origin}/index.html${query}`);
    await page.waitForFunction(READY, undefined, WAIT);
    await settled(page);
    return await page.evaluate<Frames>(WALK);
  } finally {
    await visit.close();
  }
}

function settled(page: LabPage): Promise<unknown> {
  return page.evaluate("new Promise((done) => setTimeout(done, 1000))");
}

const WALK = `(async () => {
  const bar = document.querySelector("hl-bar");
  const send = () => bar.dispatchEvent(
    new CustomEvent("act", { detail: { do: "step", by: 1 }, bubbles: true }));
  const begun = await new Promise(requestAnimationFrame);
  const deltas = [];
  const longAt = [];
  const timer = setInterval(send, 450);
  for (let last = begun; last - begun < ${PLAY_MS}; ) {
    const now = await new Promise(requestAnimationFrame);
    deltas.push(now - last);
    if (now - last > ${LONG_MS}) longAt.push([Math.round(last - begun), Math.round(now - last)]);
    last = now;
  }
  clearInterval(timer);
  return { deltas, longAt };
})()`;

function summary({ deltas, longAt }: Frames): {
  readonly count: number;
  readonly medianMs: number;
  readonly p95Ms: number;
  readonly maxMs: number;
  readonly longAt: Frames["longAt"];
} {
  const sorted = deltas.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    Number(sorted[Math.floor(share * (sorted.length - 1))]?.toFixed(2));
  const [medianMs, p95Ms, maxMs] = [at(0.5), at(0.95), at(1)];
  return { count: deltas.length, medianMs, p95Ms, maxMs, longAt };
}

function printed(result: {
  readonly processors: number;
  readonly load: string | undefined;
  readonly openings: readonly Opening[];
  readonly walks: Readonly<Record<string, ReturnType<typeof summary>>>;
}): string {
  const { processors, load, openings, walks } = result;
  const times = (name: keyof Opening): string =>
    openings
      .map((each) => each[name])
      .sort((a, b) => a - b)
      .join(", ");
  return [
    `${processors} processors, a load of ${load}`,
    `opened cold: the first packet after ${times("packetMs")} ms,`,
    `  the engine after ${times("readyMs")} ms`,
    ...Object.entries(walks).map(
      ([name, { count, medianMs, p95Ms, maxMs, longAt }]) =>
        `${name}: ${count} frames, median ${medianMs} ms, 95% within ${p95Ms} ms, ` +
        `longest ${maxMs} ms\n  long ones: ${longAt.map((each) => each.join(" +")).join(", ")}`,
    ),
  ].join("\n");
}

await main();
