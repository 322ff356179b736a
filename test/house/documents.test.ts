// What documents say of speed is what was measured.
import assert from "node:assert/strict";
import { test } from "node:test";
import { documents } from "../../bench/documents.ts";
import { rewrite } from "../../bench/markdown.ts";
import { textOf } from "./tree.ts";

const all = documents();

for (const { path, text } of all) {
  test(`${path} has the figures of bench/results, or npm run bench:chart was forgotten`, () => {
    assert.equal(textOf(path), text);
  });
}

test("a figure that somebody wrote by hand is seen", () => {
  const readme = all.find(({ path }) => path === "README.md")?.text ?? "";
  const [figure = "", row = ""] = /\| (\d[\d.]* ns) +\|/.exec(readme) ?? [];
  assert.notEqual(row, "");
  const bent = readme.replace(
    figure,
    figure.replace(/\d/, (digit) => `${(Number(digit) + 1) % 10}`),
  );
  assert.notEqual(bent, readme);
  const writers = { "bench:peers": () => ["as measured"] };
  assert.equal(rewrite(bent, writers), rewrite(readme, writers));
});

test("a mark that no command writes is refused", () => {
  const text = "<!-- bench:dreams -->\n<!-- /bench:dreams -->";
  assert.throws(() => rewrite(text, {}), /no command bench:dreams/);
});

test("the chart of peers shows each ratio of the README, a bar for each", () => {
  const chart = textOf("docs/peers.svg");
  const rows = textOf("README.md").split("<!-- /bench:peers -->")[0]?.split("\n") ?? [];
  const ratios = rows
    .filter((row) => row.startsWith("| "))
    .slice(2)
    .map(lastCell);
  const shown = ratios.flatMap((ratio) => ratio.split(" / "));
  assert.equal(chart.match(/<rect /g)?.length, shown.length);
  assert.deepEqual(
    [...chart.matchAll(/text-anchor="end">([\d.]+)</g)].map(([, at]) => at),
    shown,
  );
  assert.match(chart, /prefers-color-scheme: dark/);
});

function lastCell(row: string): string {
  return row.split("|").at(-2)?.trim() ?? "";
}
