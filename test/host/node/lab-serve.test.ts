// The server of the page: its files and no other, with a policy of what may run.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileWithin, openSite, type Site } from "../../../bindings/node/lab/serve.ts";

const SCRIPT = 'document.title = "x";';
let root: string;
let site: Site;

before(async () => {
  root = mkdtempSync(join(tmpdir(), "heddle-serve-"));
  mkdirSync(join(root, "web/assets"), { recursive: true });
  writeFileSync(join(root, "secret.txt"), "secret");
  writeFileSync(join(root, "web-secret.txt"), "secret");
  writeFileSync(join(root, "web/index.html"), `<!doctype html><script>${SCRIPT}</script>`);
  writeFileSync(join(root, "web/assets/main.js"), "export {};");
  writeFileSync(join(root, "web/assets/core.wasm"), "");
  site = await openSite({ folder: join(root, "web"), host: "127.0.0.1", port: 0 });
});

after(() => {
  site?.close();
  rmSync(root, { recursive: true, force: true });
});

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly policy: string;
  readonly text: string;
}

/** `fetch` would tidy the path up before it asks. */
function get(path: string, method = "GET"): Promise<Answer> {
  const { hostname, port } = new URL(site.url);
  return new Promise((done, failed) => {
    const asked = request({ hostname, port, path, method }, (response) => {
      let text = "";
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => {
        const { "content-type": type = "", "content-security-policy": policy } = response.headers;
        done({ status: response.statusCode ?? 0, type, policy: String(policy), text });
      });
    });
    asked.on("error", failed).end();
  });
}

test("files have their types", async () => {
  const types = ["/", "/index.html?s=x", "/assets/main.js", "/assets/core.wasm"].map(
    async (path) => {
      const { status, type } = await get(path);
      return `${status} ${type}`;
    },
  );
  assert.deepEqual(await Promise.all(types), [
    "200 text/html; charset=utf-8",
    "200 text/html; charset=utf-8",
    "200 text/javascript; charset=utf-8",
    "200 application/wasm",
  ]);
});

test("nothing above the folder is there, however its name is written", async () => {
  for (const path of [
    "/../secret.txt",
    "/%2e%2e/secret.txt",
    "/..%2fsecret.txt",
    "/assets/../../secret.txt",
    "/..%5csecret.txt",
    "//etc/passwd",
    "/%00",
    "/%",
    "/../web-secret.txt",
    "/assets",
    "/nothing.js",
  ]) {
    const { status, text } = await get(path);
    assert.equal(status, 404, path);
    assert.doesNotMatch(text, /secret|root:/, path);
  }
});

test("a path never names a file outside, whatever is in it", () => {
  assert.equal(fileWithin("/srv/web", "/a.js"), "/srv/web/a.js");
  assert.equal(fileWithin("/srv/web", "/"), "/srv/web/index.html");
  assert.equal(fileWithin("/srv/web", "/../web2/a.js"), null);
});

test("only what is asked for is read, nothing is written", async () => {
  assert.equal((await get("/", "POST")).status, 405);
  assert.deepEqual([(await get("/", "HEAD")).status, (await get("/", "HEAD")).text], [200, ""]);
});

test("scripts of the page run, and no others", async () => {
  const { policy } = await get("/");
  const hash = createHash("sha256").update(SCRIPT).digest("base64");
  assert.match(policy, /default-src 'none'/);
  assert.ok(policy.includes(`script-src 'self' 'wasm-unsafe-eval' 'sha256-${hash}'`), policy);
  assert.doesNotMatch(policy, /script-src [^;]*unsafe-inline/);
});

test("a folder without a page is told of, and so is a port that is taken", async () => {
  const host = "127.0.0.1";
  await assert.rejects(openSite({ folder: root, host, port: 0 }), /npm run build makes it/);
  const taken = Number(new URL(site.url).port);
  await assert.rejects(openSite({ folder: join(root, "web"), host, port: taken }), /EADDRINUSE/);
});
