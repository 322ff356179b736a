// The map of many hosts: everybody has a place of their own, the same whatever is opened, and what
// leads from one to the other is found.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SCENARIOS } from "../../../bindings/lab/scenarios/index.ts";
import { EN } from "../../../bindings/web/lab/copy/en.ts";
import { ZH } from "../../../bindings/web/lab/copy/zh.ts";
import {
  centerOf,
  type Drawing,
  isOverlapping,
  type Rect,
} from "../../../bindings/web/lab/stage/drawing.ts";
import { mapOf } from "../../../bindings/web/lab/stage/map/map.ts";
import { hostNear } from "../../../bindings/web/lab/stage/map/near.ts";
import { pointAt, trackOf } from "../../../bindings/web/lab/stage/map/track.ts";
import { type Moment, sketch } from "../../../bindings/web/lab/stage/sketch.ts";
import { route } from "../../../bindings/web/lab/stage/way.ts";
import type { Frame, Shell } from "../../../bindings/web/lab/state/frame.ts";
import { drawSeed } from "../../../fuzz/seed.ts";
import { drawnPlaces } from "./drawn-places.ts";
import { traceOf } from "./trace.ts";

const swarm = SCENARIOS.find(({ slug }) => slug === "swarm-100");
assert.ok(swarm);
const places = drawnPlaces(swarm.network);
const names = places.hosts.map(({ name }) => name);
const sizes = [
  { width: 1248, isNarrow: false },
  { width: 358, isNarrow: true },
];
const seed = drawSeed();

function drawn(opened: readonly string[], size = sizes[0]): Drawing {
  assert.ok(size);
  return mapOf(places, new Set(opened), size);
}

function collisions({ boxes }: Drawing): string[] {
  return boxes.flatMap((one, at) =>
    boxes
      .slice(at + 1)
      .filter((other) => isOverlapping(one, other))
      .map((other) => `${one.id} and ${other.id}`),
  );
}

test(`whichever hosts are opened, all are there and none lies upon another, seed ${seed}`, () => {
  const opened = fc.uniqueArray(fc.constantFrom(...names), { maxLength: 4 });
  fc.assert(
    fc.property(opened, fc.constantFrom(...sizes), (hosts, size) => {
      const drawing = drawn(hosts, size);
      assert.deepEqual(collisions(drawing), []);
      const { width, height, boxes } = drawing;
      const outside = boxes.filter(
        ({ x, y, w, h }) => x < 0 || y < 0 || x + w > width + 0.01 || y + h > height + 0.01,
      );
      assert.deepEqual(outside, []);
      assert.deepEqual(new Set(boxes.map(({ host }) => host)), new Set([...names, "sw0"]));
      assert.deepEqual(new Set(drawing.frames.map(({ name }) => name)), new Set(hosts));
    }),
    { seed, numRuns: 40 },
  );
});

const SHELL: Shell = {
  ...{ layer: "ethernet", path: "eth", letter: "E", hue: "eth", at: 0, len: 14 },
  ...{ says: null, rows: [] },
};

function frameOf(shellCount: number): Frame {
  const shells = Array.from({ length: shellCount }, () => SHELL);
  return { bytes: new Uint8Array(shellCount * SHELL.len), link: "ethernet", shells };
}

/** A packet in a host, which had `was` headers and has `is`. */
function momentIn(namespace: string, device: string, was: number, is: number): Moment {
  const [hop] = traceOf([1]).hops;
  assert.ok(hop);
  const here = { ...hop, namespace, device };
  const [before, after] = [frameOf(was), frameOf(is)];
  return { hop: here, hops: [here], before, after, shown: after };
}

function isWithin(inner: Rect, { x, y, w, h }: Rect): boolean {
  const [right, bottom] = [inner.x + inner.w, inner.y + inner.h];
  return inner.x >= x && inner.y >= y && right <= x + w + 0.01 && bottom <= y + h + 0.01;
}

test(`a packet lies upon no opened box, nor does what is drawn around it, seed ${seed}`, () => {
  const step = fc.record({
    at: fc.nat(),
    count: fc.integer({ min: 1, max: 3 }),
    tunnels: fc.tuple(fc.constantFrom(0, 4), fc.constantFrom(0, 4)),
    lang: fc.constantFrom("en", "zh"),
    width: fc.integer({ min: 1248, max: 1760 }),
  });
  fc.assert(
    fc.property(step, ({ at, count, tunnels, lang, width }) => {
      const host = places.hosts[at % places.hosts.length];
      const spaces = host?.namespaces ?? [];
      const devices = spaces.flatMap((space) =>
        space.devices.map(({ name }) => [space.name, name]),
      );
      const [namespace = "", device = ""] = devices[at % devices.length] ?? [];
      const drawing = drawn([host?.name ?? ""], { width, isNarrow: false });
      const [was, is] = [count + tunnels[0], count + tunnels[1]];
      const manner = { copy: lang === "en" ? EN : ZH, words: [], isNarrow: false, scale: 0.8 };
      const shown = sketch(drawing, momentIn(namespace, device, was, is), manner);
      const { room, spot, token } = shown ?? assert.fail();
      const opened = drawing.boxes.filter(({ kind }) => kind !== "host");
      assert.ok(!opened.some((box) => isOverlapping(box, room)));
      assert.ok(isWithin(room, { x: 0, y: 0, w: drawing.width, h: drawing.height }));
      assert.ok(isWithin(spot, room));
      const letterW = lang === "en" ? 5.8 : 6; // as a browser has them, at this scale
      assert.ok(spot.x + (token?.note ?? "").length * letterW <= room.x + room.w);
      assert.ok(spot.x - Math.max(0, was - is) * 7 >= room.x);
    }),
    { seed, numRuns: 60 },
  );
});

test("where a tunnel begins and where it ends, the packet covers no other host", () => {
  const drawing = drawn(["node1", "node100"]);
  const manner = { copy: EN, words: [], isNarrow: false, scale: 0.8 };
  for (const [host, was, is] of [["node1", 3, 7] as const, ["node100", 7, 3] as const]) {
    const spaces = places.hosts.find(({ name }) => name === host)?.namespaces ?? [];
    const overlay = spaces.find(({ devices }) => devices.some(({ kind }) => kind === "vxlan"));
    for (const [space, device] of [
      [overlay?.name ?? assert.fail(), "vxlan0"],
      [host, "eth0"],
    ] as const) {
      const { room } = sketch(drawing, momentIn(space, device, was, is), manner) ?? assert.fail();
      const under = drawing.boxes.filter((box) => isOverlapping(box, room)).map(({ id }) => id);
      assert.deepEqual(under, [], `${space} ${device}`);
    }
  }
});

test("a host stays in its row and its column", () => {
  const orderOf = ({ boxes }: Drawing, axis: "x" | "y"): string[] => {
    const hosts = boxes.filter(({ kind }) => kind === "host");
    const steps = hosts.toSorted(
      (a, b) => a[axis] - b[axis] || names.indexOf(a.host) - names.indexOf(b.host),
    );
    return steps.filter(({ host }) => host !== "node1" && host !== "node100").map(({ id }) => id);
  };
  const xOf = (drawing: Drawing): string[] => orderOf(drawing, "x");
  assert.deepEqual(xOf(drawn(["node1", "node100"])), xOf(drawn([])));
});

test("from a container to another there is a way, through whatever is opened", () => {
  for (const opened of [[], ["node1"], ["node1", "node100"]]) {
    const drawing = drawn(opened);
    const box = (name: string) => drawing.boxes.find((each) => each.names.includes(name));
    const [from, to] = [box("web.1:eth0"), box("web.100:eth0")];
    assert.ok(from && to);
    const steps = route(drawing, from, to);
    assert.ok(steps.some(({ wire }) => wire.to === "sw0" || wire.from === "sw0"));
    const ends = steps.map(({ wire, isForward }) => (isForward ? wire.to : wire.from));
    assert.equal(ends.at(-1), to.id);
  }
});

test("wires have no slanted piece", () => {
  for (const size of sizes) {
    for (const { points, from, to } of drawn(["node1", "node45", "node46"], size).wires) {
      for (const [at, point] of points.slice(1).entries()) {
        const before = points[at];
        assert.ok(before?.x === point.x || before?.y === point.y, `${from} to ${to}`);
      }
    }
  }
});

test("a pointer finds what it is on, and what is too small to be hit", () => {
  const drawing = drawn(["node1", "node100"]);
  for (const box of drawing.boxes) {
    assert.equal(hostNear(drawing, centerOf(box))?.id, box.id);
  }
  assert.equal(hostNear(drawing, { x: -100, y: -100 }), null);
});

test("what moves is at the share of its way, not of its points", () => {
  const track = trackOf([
    { x: 0, y: 0 },
    { x: 10, y: 0 },
    { x: 10, y: 30 },
  ]);
  assert.deepEqual(pointAt(track, 0), { x: 0, y: 0 });
  assert.deepEqual(pointAt(track, 0.25), { x: 10, y: 0 });
  assert.deepEqual(pointAt(track, 0.5), { x: 10, y: 10 });
  assert.deepEqual(pointAt(track, 1), { x: 10, y: 30 });
});
