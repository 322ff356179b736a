// `heddle lab`: scenarios run, shown, captured, stepped through, exported, and served as a page.
import { writeFileSync } from "node:fs";
import { type Core, HeddleError, openCore } from "../../core/index.ts";
import { runScenario } from "../../lab/engine/run.ts";
import { exportMermaid } from "../../lab/export/mermaid.ts";
import { exportNetns } from "../../lab/export/netns.ts";
import { listing, traceCapture, traceDocument, viewAt } from "../../lab/render/index.ts";
import type { Scenario } from "../../lab/scenario.ts";
import type { Trace } from "../../lab/trace/trace.ts";
import type { Lang } from "../../lab/why/index.ts";
import { Refusal } from "../../lab/words/index.ts";
import { checkVariant, findScenario, LabUsageError } from "./find.ts";
import { checkAll, listText } from "./overview.ts";
import { editOf, momentOf, parsePlaced } from "./place.ts";
import { factsText, runText } from "./report.ts";
import { openSite, PAGE_FOLDER } from "./serve.ts";
import { stepsText, walk } from "./step.ts";

export interface LabCommand {
  readonly list: boolean;
  readonly step: boolean;
  readonly pcap?: string;
  readonly json: boolean;
  readonly seed: bigint;
  readonly variant?: string;
  readonly show: readonly string[];
  readonly exportNetns: boolean;
  readonly mermaid: boolean;
  readonly edit: readonly string[];
  /** Whether the drill's own mending is applied. */
  readonly fix: boolean;
  readonly lang: Lang;
  readonly serve: boolean;
  readonly port?: number;
  readonly host: string;
}

const STATUS_FAILED = 1;
const STATUS_MISUSE = 2;
const PORT = 8080;

/** Returns the exit status: 0 when all assertions hold, 1 when not, 2 for what makes no sense. */
export async function labCommand(
  name: string | undefined,
  options: LabCommand,
  signal: AbortSignal,
): Promise<number> {
  try {
    if (options.serve) return await serve(options, signal);
    if (options.list || name === undefined) return print(listText(options.lang));
    const core = await openCore();
    if (name === "all") return checkAll(core, options.seed, print) ? 0 : STATUS_FAILED;
    return await runOne(core, findScenario(name), options);
  } catch (error) {
    const isMisuse =
      error instanceof LabUsageError || error instanceof Refusal || error instanceof RangeError;
    if (!isMisuse && !(error instanceof HeddleError) && !isSystemError(error)) throw error;
    process.stderr.write(`heddle lab: ${error.message}\n`);
    return isMisuse ? STATUS_MISUSE : STATUS_FAILED;
  }
}

async function runOne(core: Core, scenario: Scenario, options: LabCommand): Promise<number> {
  const { variant, seed, lang } = options;
  checkVariant(scenario, variant);
  const network = scenario.variants?.[variant ?? ""]?.network ?? scenario.network;
  if (options.exportNetns) return print(exportNetns(network));
  if (options.mermaid) return print(exportMermaid(network));
  const edits = [...editsOf(scenario, options), ...options.edit.map(editOf)];
  const trace = runScenario(core, scenario, { seed, edits, ...(variant && { variant }) });
  if (options.pcap !== undefined) capture(trace, options.pcap, lang);
  if (options.show.length > 0) print(shown(trace, options.show));
  else if (options.json) print(`${JSON.stringify(traceDocument(trace), null, 2)}\n`);
  else if (options.step) await step(core, trace, lang);
  else if (options.pcap !== "-") print(runText(core, scenario, trace, lang));
  return trace.facts.every(({ isHeld }) => isHeld) ? 0 : STATUS_FAILED;
}

function editsOf(
  { slug, drill }: Scenario,
  { fix }: LabCommand,
): NonNullable<Scenario["drill"]>["fix"] {
  if (!fix) return [];
  if (drill === undefined)
    throw new LabUsageError(`${slug} is no drill: --fix has nothing to mend`);
  return drill.fix;
}

// As the output's stream, and not its descriptor: that of a pipe says EAGAIN when it is full.
function capture(trace: Trace, file: string, lang: Lang): void {
  const bytes = traceCapture(trace, { lang });
  if (file === "-") process.stdout.write(bytes);
  else {
    writeFileSync(file, bytes);
    process.stderr.write(`heddle lab: ${trace.sightings.length} packets in ${file}\n`);
  }
}

/** Several listings have their commands above them. */
function shown(trace: Trace, lines: readonly string[]): string {
  const texts = lines.map((line) => {
    const placed = parsePlaced(line, "--show");
    const view = viewAt(trace, placed.namespace, momentOf(placed));
    const text = listing(view, placed.command);
    return lines.length === 1 ? text : `${placed.namespace}$ ${placed.command}\n${text}`;
  });
  return texts.join("\n");
}

async function step(core: Core, trace: Trace, lang: Lang): Promise<void> {
  const steps = { core, trace, lang };
  if (process.stdin.isTTY) await walk(steps, process.stdin, process.stdout);
  else print(stepsText(steps));
  print(`\n${factsText(trace.facts)}`);
}

/** Serves until a signal. Without a wish for a port, one that is taken is no reason to fail. */
async function serve({ host, port }: LabCommand, signal: AbortSignal): Promise<number> {
  const site = await openSite({ folder: PAGE_FOLDER, host, port: port ?? PORT }).catch((error) => {
    if (port !== undefined || error.code !== "EADDRINUSE") throw error;
    return openSite({ folder: PAGE_FOLDER, host, port: 0 });
  });
  print(`${site.url}\nCtrl-C ends it.\n`);
  await new Promise<void>((done) => {
    if (signal.aborted) done();
    else signal.addEventListener("abort", () => done(), { once: true });
  });
  site.close();
  return 0;
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return (
    error instanceof Error && ("code" in error || error.message.startsWith("there is no page"))
  );
}
