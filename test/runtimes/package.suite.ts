// The tarball as a package: what its exports map promises, and what the checkers of packages say.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { need } from "../need.ts";
import { openProject, ROOT, run, toolOf } from "./project.ts";

type Target = string | { readonly types: string; readonly default: string };

interface Manifest {
  readonly exports: Readonly<Record<string, Target>>;
  readonly bin: Readonly<Record<string, string>>;
}

// What a bundler, Deno or a browser makes of an import of these is its own affair.
const BINARIES = ["core.wasm", "core.plain.wasm"];

const GUEST = `import { type Burst, type Core, openCore } from "heddle";
export const core: Core = await openCore({ wasm: new URL("https://example.net/core.wasm") });
export const burst: Burst = core.openNode({ seed: 1n }).openBurst({ capacity: 4 });
// @ts-expect-error: no such element
burst.run("vxlan_encap", 0, 0);
`;

describe("the tarball", () => {
  test("holds every file that its exports name", need("runtimes"), async () => {
    const { fileOf } = await openProject();
    const manifest: Manifest = JSON.parse(readFileSync(fileOf("package.json"), "utf8"));
    const targets = [...Object.values(manifest.exports), ...Object.values(manifest.bin)];
    const files = targets.flatMap((target) =>
      typeof target === "string" ? target : [target.types, target.default],
    );
    assert.ok(files.length > 8);
    assert.deepEqual(
      files.filter((file) => !existsSync(fileOf(file))),
      [],
    );
  });

  test(
    "can be imported by every name of its exports but the binaries'",
    need("runtimes"),
    async () => {
      const { folder, fileOf, write } = await openProject();
      const manifest: Manifest = JSON.parse(readFileSync(fileOf("package.json"), "utf8"));
      const names = Object.entries(manifest.exports)
        .filter(([, target]) => typeof target !== "string")
        .map(([name]) => name.replace(/^\./, "heddle"));
      const lines = names.map(
        (name) => `console.log(Object.keys(await import("${name}")).length);`,
      );
      const counts = await run([process.execPath], [write("names.js", lines.join("\n"))], folder);
      assert.equal(counts.trim().split("\n").length, names.length);
    },
  );

  test("holds no test, and nothing of the checkout's place", need("runtimes"), async () => {
    const { folder, tarball } = await openProject();
    const names = await run(["tar"], ["-tzf", tarball], folder);
    const lines = names.split("\n");
    assert.ok(lines.includes("package/dist/bindings/core/core.wasm"));
    assert.deepEqual(
      lines.filter((name) => /\.test\.|\.suite\.|\.spec\.|node_modules|\.tgz/.test(name)),
      [],
    );
    const texts = await run(["tar"], ["-xzOf", tarball], folder);
    assert.ok(!texts.includes(ROOT), `${ROOT} is named`);
  });

  test("publint finds nothing", need("runtimes"), async () => {
    const { folder, tarball } = await openProject();
    const publint = [toolOf("publint/src/cli.js"), tarball, "--strict"];
    assert.match(await run([process.execPath], publint, folder), /All good/);
  });

  test("attw finds its types", need("runtimes"), async () => {
    const { folder, tarball } = await openProject();
    const attw = [toolOf("@arethetypeswrong/cli/dist/index.js"), tarball, "--profile", "esm-only"];
    const found = await run(
      [process.execPath],
      [...attw, "--format", "ascii", "--no-emoji", "--exclude-entrypoints", ...BINARIES],
      folder,
    );
    for (const name of [
      "heddle",
      "heddle/lab",
      "heddle/node",
      "heddle/web",
      "heddle/arbitraries",
    ]) {
      assert.ok(found.includes(`"${name}"`), found);
    }
  });

  for (const [module, resolution] of [
    ["nodenext", "nodenext"],
    ["esnext", "bundler"],
  ] as const) {
    test(
      `its types are whole to a strict guest, resolved as ${resolution}`,
      need("runtimes"),
      async () => {
        const { folder, write } = await openProject();
        const names = ["heddle", "heddle/lab", "heddle/node", "heddle/web", "heddle/arbitraries"];
        const lines = names.map((name, at) => `export * as guest${at} from "${name}";`);
        const guest = write(`guest-${resolution}.ts`, `${lines.join("\n")}\n${GUEST}`);
        const kind = ["--module", module, "--moduleResolution", resolution, "--target", "es2022"];
        const types = ["--types", "node", "--typeRoots", `${ROOT}node_modules/@types`];
        const strict = [
          "--strict",
          "--exactOptionalPropertyTypes",
          "--noEmit",
          "--skipLibCheck",
          "false",
        ];
        const tsc = [`${ROOT}node_modules/typescript/bin/tsc`, ...kind, ...types, ...strict, guest];
        assert.equal(await run([process.execPath], tsc, folder), "");
      },
    );
  }
});
