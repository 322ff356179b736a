// The colours of the page, as WCAG 2 measures them: text can be read in both themes.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const file = new URL("../../../../bindings/web/lab/style/tokens.css", import.meta.url);
const TOKEN = /--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g;
const tokens = new Map(
  [...readFileSync(file, "utf8").matchAll(TOKEN)].map(
    ([, name = "", light = "", dark = ""]) => [name, { light, dark }] as const,
  ),
);
const HUES = ["eth", "ip", "l4", "tun", "pay"];
const TEXT_MIN = 4.5;
const LARGE_MIN = 3;

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

function expectContrast(text: string, ground: string, min: number): void {
  for (const theme of ["light", "dark"] as const) {
    const [above, below] = [tokens.get(text)?.[theme], tokens.get(ground)?.[theme]];
    assert.ok(above !== undefined && below !== undefined, `${text} and ${ground} are tokens`);
    const found = contrast(above, below);
    assert.ok(found >= min, `${text} on ${ground}, ${theme}: ${found.toFixed(2)} of ${min}`);
  }
}

test("black on white is 21 to 1", () => {
  assert.equal(contrast("#000000", "#ffffff"), 21);
});

test("text can be read on every ground", () => {
  for (const ground of ["paper", "surface", "sunken"]) {
    for (const text of ["ink", "ink2", "ink3"]) expectContrast(text, ground, TEXT_MIN);
  }
  for (const text of ["ink", "ink2"]) expectContrast(text, "err", TEXT_MIN);
  expectContrast("drop", "drop-t", TEXT_MIN);
});

test("headers can be told and read by their colours", () => {
  for (const hue of HUES) {
    expectContrast(hue, `${hue}-t`, TEXT_MIN);
    expectContrast("on", hue, TEXT_MIN);
    expectContrast("ink", `${hue}-t`, TEXT_MIN);
  }
});

test("borders that mean something are seen", () => {
  for (const ground of ["paper", "surface", "sunken"]) expectContrast("edge", ground, LARGE_MIN);
});
