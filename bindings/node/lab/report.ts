// What `heddle lab SCENARIO` prints: what was typed and what it printed, where each packet went,
// and which assertions hold.
import type { Core } from "../../core/index.ts";
import { journeyText, packetHead } from "../../lab/render/index.ts";
import type { Scenario } from "../../lab/scenario.ts";
import type { Fact, Output, Trace } from "../../lab/trace/trace.ts";
import type { Lang } from "../../lab/why/index.ts";

/** More packets than these are named, and not followed. */
const FOLLOWED_MAX = 80;

export function runText(core: Core, scenario: Scenario, trace: Trace, lang: Lang): string {
  const isLong = trace.packets.length > FOLLOWED_MAX;
  const packets = isLong
    ? trace.packets.map((packet) => packetHead(trace, packet)).join("")
    : journeyText(core, trace, lang);
  return [
    headText(scenario, trace, lang),
    ...trace.outputs.map(outputText),
    packets,
    errataText(scenario, trace, lang),
    factsText(trace.facts),
  ]
    .filter((text) => text !== "")
    .join("\n");
}

export function headText({ title, promise }: Scenario, trace: Trace, lang: Lang): string {
  const { packets, hops, seed } = trace;
  const counts = `${packets.length} packets, ${hops.length} hops, seed ${seed}`;
  return `${title[lang]}\n${promise[lang]}\n${counts}\n`;
}

export function factsText(facts: readonly Fact[]): string {
  const failed = facts.filter(({ isHeld }) => !isHeld);
  const lines = [
    ...facts.filter(({ isHeld }) => isHeld).map(({ name }) => `held    ${name}`),
    ...failed.map(({ name, found }) => `FAILED  ${name}: found ${found}`),
    `${facts.length - failed.length} of ${facts.length} assertions hold`,
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function outputText({ namespace, command, text, exitCode }: Output): string {
  const end = text === "" || text.endsWith("\n") ? "" : "\n";
  const code = exitCode === 0 ? "" : `[exit status ${exitCode}]\n`;
  return `${namespace}$ ${command}\n${text}${end}${code}`;
}

function errataText({ errata = [] }: Scenario, trace: Trace, lang: Lang): string {
  const found = errata.filter(({ id }) => trace.errata.some((each) => each.id === id));
  return found
    .map(
      ({ id, says, shows }) => `${id}  it is said: ${says[lang]}\n    it is so:   ${shows[lang]}\n`,
    )
    .join("");
}
