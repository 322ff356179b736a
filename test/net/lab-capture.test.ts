// Every scenario's capture before tshark: nothing in it is malformed, and what it says of places,
// times and reasons arrives. pcapng files may follow one another in one file: so it is read once.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type Core, openCore } from "../../bindings/core/index.ts";
import {
  type CaptureChoice,
  casesOf,
  runCase,
  SCENARIOS,
  type Sighting,
  type Trace,
  traceCapture,
  whyText,
} from "../../bindings/lab/index.ts";
import { need } from "../need.ts";
import { BROKEN, packetsOf } from "./tshark.ts";

const SEED = 1n;
const NS = 1_000_000_000;

/** Frames that scenarios break on purpose, or that a link corrupts. */
const SPOILED: ReadonlySet<string> = new Set(["crc", "bad-checksum"]);

// tshark sums up what an ICMP error quotes of a segment, which is not all of it.
const WRONG = `(${BROKEN}) && !(icmp && tcp)`;

let core: Core;
let folder = "";
before(async () => {
  core = await openCore();
  folder = await mkdtemp(join(tmpdir(), "heddle-"));
});
after(() => rm(folder, { recursive: true }));

interface Run {
  readonly name: string;
  readonly trace: Trace;
}

function runs(): Run[] {
  return SCENARIOS.flatMap(casesOf).map((each) => ({
    name: [each.scenario.slug, each.variant ?? each.kind].join(" "),
    trace: runCase(core, each, SEED),
  }));
}

async function fileOf(name: string, captures: readonly Uint8Array[]): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, Buffer.concat(captures));
  return file;
}

test("tshark finds no malformed packet and no wrong checksum", need("tshark"), async () => {
  const whole = runs().filter(({ name }) => !SPOILED.has(name.split(" ")[0] ?? ""));
  const file = await fileOf(
    "all.pcapng",
    whole.map(({ trace }) => traceCapture(trace)),
  );
  const count = whole.reduce((sum, { trace }) => sum + trace.sightings.length, 0);
  const numbers = await packetsOf(file, "frame", ["frame.number"]);
  assert.equal(numbers.length, count);
  const broken = await packetsOf(file, WRONG, ["frame.number", "frame.comment"]);
  const named = broken.map(([number, comment]) => `${nameAt(whole, Number(number))}: ${comment}`);
  assert.deepEqual(named, []);
});

/** Whose packet it is, counted from 1 over all runs. */
function nameAt(all: readonly Run[], number: number): string {
  let last = 0;
  for (const { name, trace } of all) {
    last += trace.sightings.length;
    if (number <= last) return name;
  }
  return "nobody";
}

test("places, nanoseconds and sentences arrive", need("tshark"), async () => {
  const trace = runs().find(({ name }) => name === "flannel-vxlan plain")?.trace;
  assert.ok(trace);
  const file = await fileOf("vxlan.pcapng", [traceCapture(trace)]);
  const fields = ["frame.interface_name", "frame.time_epoch", "frame.len", "frame.comment"];
  const told = await packetsOf(file, "frame", fields);
  const wanted = trace.sightings.map(({ place, timeNs, bytes, packet, hop }) => {
    const { firstHop = 0 } = trace.packets[packet] ?? {};
    const found = trace.hops[firstHop + hop - 1];
    assert.ok(found);
    const seconds = (BigInt(timeNs) / BigInt(NS)).toString();
    const time = `${seconds}.${String(timeNs % NS).padStart(9, "0")}`;
    return [place, time, String(bytes.len), `${hop}: ${whyText(found, "en")}`];
  });
  assert.deepEqual(told, wanted);
});

test("one packet, one hop or one place are parts of the whole", need("tshark"), async () => {
  const trace = runs().find(({ name }) => name === "flannel-vxlan plain")?.trace;
  assert.ok(trace);
  const choices: CaptureChoice[] = [{ packet: 0 }, { packet: 0, hop: 4 }, { place: "node1:eth0" }];
  for (const choice of choices) {
    const file = await fileOf("part.pcapng", [traceCapture(trace, choice)]);
    const chosen: Sighting[] = trace.sightings.filter((sighting: Sighting) => {
      return matches(sighting, choice);
    });
    assert.ok(chosen.length > 0 && chosen.length < trace.sightings.length);
    assert.equal((await packetsOf(file, "frame", ["frame.number"])).length, chosen.length);
  }
});

function matches(sighting: Sighting, { packet, hop, place }: CaptureChoice): boolean {
  const { packet: index, hop: n, place: at } = sighting;
  return index === (packet ?? index) && n === (hop ?? n) && at === (place ?? at);
}
