// What a trace explains is what happened: every change of bytes has its cause, and a row that is
// said to have answered leads to the bytes that left.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openCore } from "../../../../bindings/core/index.ts";
import {
  type Asked,
  type Change,
  type Hop,
  runOf,
  runScenario,
  type Trace,
} from "../../../../bindings/lab/index.ts";
import type { Run } from "../../../../bindings/lab/scenario.ts";
import { SCENARIOS } from "../../../../bindings/lab/scenarios/index.ts";
import { fieldPlaces, layerPath } from "../../../../bindings/lab/trace/field-path.ts";
import { whyText } from "../../../../bindings/lab/why/index.ts";

const core = await openCore();
const runs: readonly (readonly [string, Run])[] = SCENARIOS.flatMap((scenario) =>
  [undefined, ...Object.keys(scenario.variants ?? {})].map((variant) => {
    const trace = runScenario(core, scenario, variant === undefined ? {} : { variant });
    return [`${scenario.slug} ${variant ?? ""}`, runOf(core, trace)] as const;
  }),
);

function placeOf({ slug, hop }: { readonly slug: string; readonly hop: Hop }): string {
  return `${slug}, packet ${hop.packet}, hop ${hop.n}: ${hop.namespace} ${hop.verdict}`;
}

/** Bytes of the first output that no change covers, though they are not in the input. */
function uncovered(run: Run, hop: Hop): string[] {
  const [out] = hop.out;
  if (out === undefined) return [];
  const after = run.decode(out, hop.outLink);
  if (hop.in === null) return missing(hop.changes, fieldPlaces(after));
  const before = run.decode(hop.in, hop.inLink);
  const old = new Map(fieldPlaces(before).map((place) => [`${place.path}`, place]));
  const [came, left] = [run.bytes(hop.in), run.bytes(out)];
  const isSame = (place: { path: string; at: { at: number; len: number } }): boolean => {
    const was = old.get(place.path);
    if (was === undefined || was.at.len !== place.at.len) return false;
    const [a, b] = [came.subarray(was.at.at), left.subarray(place.at.at)];
    return b.subarray(0, place.at.len).every((byte, at) => byte === a[at]);
  };
  return missing(
    hop.changes,
    fieldPlaces(after).filter((place) => !isSame(place)),
  );
}

function missing(
  changes: readonly Change[],
  places: readonly { path: string; at: { at: number; len: number } }[],
): string[] {
  const isCovered = (at: number): boolean =>
    changes.some((change) => change.at.at <= at && at < change.at.at + change.at.len);
  return places
    .filter(({ at }) =>
      Array.from({ length: at.len }, (_, n) => at.at + n).some((n) => !isCovered(n)),
    )
    .map(({ path }) => path);
}

test("every byte that a hop changed is in one of its changes", () => {
  for (const [slug, run] of runs) {
    for (const hop of run.trace.hops) {
      assert.deepEqual(uncovered(run, hop), [], placeOf({ slug, hop }));
    }
  }
});

test("headers that a hop took away are named", () => {
  let count = 0;
  for (const [slug, run] of runs) {
    for (const hop of run.trace.hops.filter(({ verdict }) => verdict === "decap")) {
      if (hop.in === null || hop.out[0] === undefined) continue;
      const before = run.decode(hop.in, hop.inLink);
      const gone = hop.changes.filter(({ at }) => at.len === 0).map(({ field }) => field);
      assert.ok(gone.length >= 2, placeOf({ slug, hop }));
      const names = before.layers.map((_, at) => layerPath(before, at));
      for (const name of gone)
        assert.ok(names.includes(name), `${placeOf({ slug, hop })}: ${name}`);
      count++;
    }
  }
  assert.ok(count > 10);
});

test("a hop without changes left its bytes alone", () => {
  for (const [slug, run] of runs) {
    for (const hop of run.trace.hops) {
      if (hop.in === null || hop.changes.length > 0) continue;
      for (const out of hop.out) {
        assert.deepEqual(run.bytes(out), run.bytes(hop.in), placeOf({ slug, hop }));
      }
    }
  }
});

/** The word behind another in a row: "lladdr", "dst", "via". */
function wordBehind({ row }: Asked, word: string): string | undefined {
  const words = row?.split(" ") ?? [];
  const at = words.indexOf(word);
  return at < 0 ? undefined : words[at + 1];
}

function valueAt(run: Run, hop: Hop, path: string): unknown {
  const [out] = hop.out;
  if (out === undefined) return undefined;
  const packet = run.decode(out, hop.outLink);
  const place = fieldPlaces(packet).find((each) => each.path === path);
  const fields = packet.layers[place?.layer ?? -1]?.fields as Record<string, unknown> | undefined;
  return fields?.[place?.name ?? ""];
}

const WORDS: Readonly<Record<string, string>> = { neigh: "lladdr", fdb: "dst" };

test("the row that answered leads to the bytes that left", () => {
  let count = 0;
  for (const [slug, run] of runs) {
    for (const hop of run.trace.hops) {
      if (hop.out.length === 0 || hop.verdict === "arp-proxy") continue;
      for (const asked of hop.asked) {
        const word = WORDS[asked.table.kind];
        const path = asked.gave.find((field) => field.endsWith(".dst"));
        const said = word && wordBehind(asked, word);
        if (path === undefined || said === undefined) continue;
        assert.equal(valueAt(run, hop, path), said, `${placeOf({ slug, hop })}: ${asked.row}`);
        count++;
      }
    }
  }
  assert.ok(count > 100);
});

/** Addresses of a namespace's devices, as the run began. */
function addressesAt({ trace }: Run, name: string): Set<unknown> {
  const namespaces = trace.places.hosts.flatMap((host) => host.namespaces);
  const devices = namespaces.find((each) => each.name === name)?.devices ?? [];
  return new Set(devices.flatMap(({ mac, addresses }) => [mac, ...addresses.map(bare)]));
}

function bare(address: string): string {
  return address.replace(/\/.*/, "");
}

test("what a packet began with is called its device's address only where it is", () => {
  let count = 0;
  for (const [slug, run] of runs) {
    for (const hop of run.trace.hops.filter((each) => each.in === null)) {
      const own = addressesAt(run, hop.namespace);
      for (const { field, cause } of hop.changes) {
        if (!("rule" in cause) || cause.rule !== "device-address") continue;
        assert.ok(own.has(valueAt(run, hop, field)), `${placeOf({ slug, hop })}: ${field}`);
        count++;
      }
    }
  }
  assert.ok(count > 100);
});

test("a source that a program forged is its choice, and the frame is its namespace's", () => {
  const run = runs.find(([slug]) => slug.trim() === "mac-flood")?.[1];
  const hop = run?.trace.hops.find(({ verdict, device }) => {
    return verdict === "send-local" && device === "eth0";
  });
  const source = hop?.changes.find(({ field }) => field === "eth.src");
  assert.deepEqual(source?.cause, { rule: "chosen" });
  assert.match(hop ? whyText(hop, "en") : "", new RegExp(`^${hop?.namespace} sends`));
});

test("who goes by a device was sent there by a row that names it", () => {
  for (const [slug, run] of runs) {
    for (const hop of run.trace.hops.filter(({ verdict }) => verdict === "route")) {
      const route = hop.asked.find(({ table }) => table.kind === "route");
      assert.equal(route && wordBehind(route, "dev"), hop.outDevice, placeOf({ slug, hop }));
    }
  }
});

test("a packet's hops are in order, and each came from one before it", () => {
  for (const [slug, { trace }] of runs) {
    let next = 0;
    for (const packet of trace.packets) {
      assert.equal(packet.firstHop, next, slug);
      next += packet.hopCount;
      assert.ok(packet.hopCount > 0, slug);
      checkHops(slug, trace, packet.index);
    }
    assert.equal(next, trace.hops.length);
  }
});

function checkHops(slug: string, trace: Trace, index: number): void {
  const hops = trace.hops.filter(({ packet }) => packet === index);
  hops.forEach((hop, at) => {
    assert.equal(hop.n, at + 1, slug);
    if (at === 0) assert.equal(hop.from, null, slug);
    else assert.ok(hop.from !== null && hop.from < hop.n, placeOf({ slug, hop }));
    const earlier = hops[(hop.from ?? 1) - 1];
    assert.ok((earlier?.timeNs ?? 0) <= hop.timeNs, placeOf({ slug, hop }));
  });
}
