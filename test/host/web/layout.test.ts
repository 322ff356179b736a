// The drawing of every network: nothing lies upon anything else, and every packet finds its place.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SCENARIOS } from "../../../bindings/lab/scenarios/index.ts";
import { obstaclesOf } from "../../../bindings/web/lab/stage/chips.ts";
import { type Drawing, isOverlapping, type Rect } from "../../../bindings/web/lab/stage/drawing.ts";
import { layout } from "../../../bindings/web/lab/stage/layout.ts";
import { HOSTS_MAX, type Metrics, NARROW, WIDE } from "../../../bindings/web/lab/stage/metrics.ts";
import { drawnPlaces } from "./drawn-places.ts";
import { NETWORKS } from "./sample-networks.ts";

const networks = {
  ...NETWORKS,
  ...Object.fromEntries(SCENARIOS.map(({ slug, network }) => [slug, network])),
};
const drawn = Object.entries(networks).filter(([, { hosts }]) => hosts.length <= HOSTS_MAX);

/** Pairs of things that lie upon one another, by their names. */
function collisions(drawing: Drawing): string[] {
  const { boxes, chips, frames, wires } = drawing;
  const labels = wires.flatMap(({ label }) =>
    label === null ? [] : [{ ...label, id: label.text }],
  );
  const titles = obstaclesOf({ ...drawing, boxes: [], wires: [], frames }).filter(
    (each) => "kind" in each,
  );
  const things: (Rect & { id: string })[] = [
    ...boxes,
    ...labels,
    ...chips.map((chip) => ({ ...chip, id: `${chip.namespace} ${chip.kind}` })),
    ...titles
      .filter((each) => !("name" in each))
      .map((each, at) => ({ ...each, id: `title ${at}` })),
  ];
  return things.flatMap((one, at) =>
    things
      .slice(at + 1)
      .filter((other) => isOverlapping(one, other))
      .map((other) => `${one.id} and ${other.id}`),
  );
}

function outside({ width, height, boxes, chips }: Drawing): string[] {
  return [...boxes, ...chips.map((chip) => ({ ...chip, id: chip.kind }))]
    .filter(({ x, y, w, h }) => x < 0 || y < 0 || x + w > width || y + h > height)
    .map(({ id }) => id);
}

function textOverflows({ boxes }: Drawing, { monoW, titleW }: Metrics): string[] {
  return boxes
    .filter(({ w, title, lines, kind }) => {
      const letterW = kind === "routing" ? monoW : titleW; // it is no device: not in bold
      const widest = Math.max(title.length * letterW, ...lines.map(({ length }) => length * monoW));
      return widest + 8 > w;
    })
    .map(({ id }) => id);
}

for (const [size, metrics] of Object.entries({ wide: WIDE, narrow: NARROW })) {
  describe(`a ${size} drawing`, () => {
    for (const [name, network] of drawn) {
      const places = drawnPlaces(network);
      const drawing = layout(places, [], metrics);

      test(`of ${name} lets nothing lie upon anything else`, () => {
        assert.ok(drawing.boxes.length > 1);
        assert.deepEqual(collisions(drawing), []);
        assert.deepEqual(outside(drawing), []);
        assert.deepEqual(textOverflows(drawing, metrics), []);
      });

      test(`of ${name} has every device, wires that end at boxes, and no slanted line`, () => {
        const names = new Set(drawing.boxes.flatMap((box) => box.names));
        for (const { namespaces } of places.hosts) {
          for (const { name: space, devices, kind } of namespaces) {
            const isDrawn = (device: (typeof devices)[number]): boolean =>
              names.has(`${space}:${device.name}`);
            const isPort = kind === "host" && devices.some(({ kind: each }) => each === "veth");
            const missing = devices.filter((each) => !isDrawn(each) && each.kind !== "veth");
            assert.deepEqual(missing, [], `${space}, ${isPort}`);
          }
        }
        for (const { from, to, points } of drawing.wires) {
          assert.ok(names.has(from) && names.has(to), `${from} to ${to}`);
          for (const [at, point] of points.slice(1).entries()) {
            const before = points[at];
            assert.ok(before?.x === point.x || before?.y === point.y, `${from} to ${to}`);
          }
        }
      });
    }
  });
}

test("who sends stands left, and what is drawn depends on nothing else", () => {
  const network = NETWORKS.vxlan;
  assert.ok(network);
  const places = drawnPlaces(network);
  const turned = { ...places, hosts: [...places.hosts].reverse() };
  const hop = { host: "node1", namespace: "node1", device: "eth0" };
  const path = [hop, { ...hop, host: "node2" }] as never;
  assert.deepEqual(layout(turned, path), layout(places, path));
  assert.notDeepEqual(layout(turned, []), layout(places, []));
});
