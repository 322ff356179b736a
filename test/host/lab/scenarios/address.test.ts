// Nothing is canned: one address of a scenario's network is changed throughout its data, and what
// the scenario promises holds as before, and the old address is nowhere in what comes out.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openCore } from "../../../../bindings/core/index.ts";
import { dockerMac } from "../../../../bindings/lab/control/index.ts";
import { Dice } from "../../../../bindings/lab/dice.ts";
import { runScenario, SCENARIOS, type Scenario } from "../../../../bindings/lab/index.ts";
import { drawSeed } from "../../../../fuzz/seed.ts";

const core = await openCore({ memoryBytes: 64 << 20 });
const seed = drawSeed();

/** Addresses of containers' devices, but for those that a rule of the scenario derives. */
function candidates(scenario: Scenario): readonly string[] {
  return scenario.network.hosts.flatMap(({ namespaces }) =>
    namespaces
      .filter(({ kind }) => kind !== "overlay")
      .flatMap(({ devices }) => devices)
      .filter(({ kind }) => kind === "nic" || kind === "veth" || kind === "bridge")
      .flatMap(({ addresses = [] }) => addresses)
      .map((prefixed) => prefixed.split("/")[0] ?? "")
      .filter((address) => !address.endsWith(".0") && !address.endsWith(".1")),
  );
}

/** Another address of the same 64, which nobody has. */
function neighborOf(address: string, taken: string, dice: Dice): string {
  const at = address.lastIndexOf(".") + 1;
  const first = Number(address.slice(at)) & ~63;
  for (;;) {
    const other = `${address.slice(0, at)}${first + 2 + (dice.u32() % 60)}`;
    if (!taken.includes(other)) return other;
  }
}

/** The same data with one address for another, wherever it stands as a whole. */
function replaced<Data>(data: Data, from: string, to: string): Data {
  const whole = new RegExp(`(?<![\\d.])${from.replaceAll(".", "\\.")}(?![\\d.]*\\d)`, "g");
  if (typeof data === "string") return data.replace(whole, to) as Data;
  if (Array.isArray(data)) return data.map((each) => replaced(each, from, to)) as Data;
  if (typeof data !== "object" || data === null) return data;
  const entries = Object.entries(data).map(([key, value]) => [key, replaced(value, from, to)]);
  return Object.fromEntries(entries) as Data;
}

function textOf(scenario: Scenario): string {
  const trace = runScenario(core, scenario);
  const { packets, hops, tables, log, outputs, places } = trace;
  const unheld = trace.facts.filter(({ isHeld }) => !isHeld);
  assert.deepEqual(unheld, [], scenario.slug);
  return JSON.stringify({ packets, hops, tables, log, outputs, places });
}

for (const scenario of SCENARIOS.filter(({ drill }) => drill === undefined)) {
  const addresses = [...new Set(candidates(scenario))];
  if (addresses.length === 0) continue;
  test(`${scenario.slug} follows an address that is changed, seed ${seed}`, () => {
    const dice = new Dice(BigInt(seed));
    const from = addresses[dice.u32() % addresses.length] ?? "";
    const to = neighborOf(from, JSON.stringify(scenario.network), dice);
    const { network, actions } = scenario;
    const moved = replaced({ network, actions }, from, to);
    const other = { ...scenario, ...replaced(moved, dockerMac(from), dockerMac(to)) };
    const text = textOf(other);
    assert.ok(text.includes(to), `${to} instead of ${from}`);
    const old = new RegExp(`(?<![\\d.])${from.replaceAll(".", "\\.")}(?![\\d.]*\\d)`);
    assert.doesNotMatch(text, old);
  });
}
