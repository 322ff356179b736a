import assert from "node:assert/strict";
import { test } from "node:test";
import { exportMermaid } from "../../../../bindings/lab/export/mermaid.ts";
import { SCENARIOS } from "../../../../bindings/lab/scenarios/index.ts";

// The part of Mermaid's grammar that is used here.
const LINES = [
  /^flowchart LR$/,
  /^ +subgraph n\d+\["[^"[\]{}<>|]*"\]$/,
  /^ +n\d+\["([^"[\]{}<>|]|<br\/>)*"\]$/,
  /^ +n\d+\{\{"[^"[\]{}<>|]*"\}\}$/,
  /^ +n\d+ (---|===|-\.->) n\d+$/,
  /^ +end$/,
];

for (const { slug, network } of SCENARIOS) {
  test(`${slug} is a flowchart`, () => {
    const lines = exportMermaid(network).trimEnd().split("\n");
    const strange = lines.filter((line) => !LINES.some((form) => form.test(line)));
    assert.deepEqual(strange, []);
    const declared = new Set(lines.flatMap((line) => /(n\d+)[[{]/.exec(line)?.[1] ?? []));
    const joined = lines.flatMap((line) =>
      / (---|===|-\.->) /.test(line) ? line.match(/n\d+/g) : [],
    );
    assert.deepEqual(
      joined.filter((id) => id !== null && !declared.has(id)),
      [],
    );
    const opened = lines.filter((line) => line.includes("subgraph")).length;
    assert.equal(lines.filter((line) => line.trim() === "end").length, opened);
    const devices = network.hosts.flatMap(({ namespaces }) => namespaces.flatMap((n) => n.devices));
    for (const { name } of devices)
      assert.ok(
        lines.some((line) => line.includes(`["${name}`)),
        name,
      );
  });
}

test("no name ends a label", () => {
  const name = 'x"]; click n0 "javascript:';
  const text = exportMermaid({
    hosts: [{ name, namespaces: [{ name, kind: "host", devices: [] }] }],
    fabrics: [],
  });
  assert.equal(text.match(/"/g)?.length, 4);
});
