// The map of many hosts: everybody has a place of their own, the same whatever is opened, and what
// leads from one to the other is found.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SCENARIOS } from "../../../bindings/lab/scenarios/index.ts";
import { centerOf, type Drawing, isOverlapping } from "../../../bindings/web/lab/stage/drawing.ts";
import { mapOf } from "../../../bindings/web/lab/stage/map/map.ts";
import { hostNear } from "../../../bindings/web/lab/stage/map/near.ts";
import { pointAt, trackOf } from "../../../bindings/web/lab/stage/map/track.ts";
import { route } from "../../../bindings/web/lab/stage/way.ts";
import { drawSeed } from "../../../fuzz/seed.ts";
import { drawnPlaces } from "./drawn-places.ts";

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
