import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { need } from "../../need.ts";
import { type Namespace, openNamespace } from "../namespace.ts";

const INSIDE = new URL("./docker-opts.inside.js", import.meta.url);
const ENV = "FLANNEL_SUBNET=10.1.74.1/24\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=true\n";
const needs = need("root", "ip");

let host: Namespace;
let folder: string;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "heddle-docker-"));
  if (!needs.skip) host = await openNamespace("docker");
});
after(async () => {
  await host?.close();
  rmSync(folder, { recursive: true });
});

const WRITTEN = "docker_opts.env";

/** The exit status, and what was written, if anything. */
async function run(...flags: string[]): Promise<[number, string]> {
  const files = ["-f", join(folder, "subnet.env"), "-d", join(folder, WRITTEN)];
  const status = await host.call<number>(INSIDE, "dockerOpts", ...files, ...flags);
  const path = join(folder, WRITTEN);
  return [status, existsSync(path) ? readFileSync(path, "utf8") : ""];
}

test("docker-opts fails without a subnet file, and writes nothing", needs, async () => {
  assert.deepEqual(await run(), [1, ""]);
});

test("docker-opts writes what docker reads, by mk-docker-opts.sh's letters", needs, async () => {
  writeFileSync(join(folder, "subnet.env"), ENV);
  const line = 'X=" --bip=10.1.74.1/24 --mtu=1450"\n';
  assert.deepEqual(await run("-cm", "-k", "X"), [0, line]);
});

test("docker-opts fails where a route leads the subnet elsewhere", needs, async () => {
  await host.ip("link", "add", "name", "docker0", "up", "type", "bridge");
  await host.ip("address", "add", "10.1.74.1/24", "dev", "docker0");
  assert.equal((await run())[0], 0);
  await host.ip("address", "flush", "dev", "docker0");
  await host.ip("address", "add", "10.168.0.1/24", "dev", "docker0");
  await host.ip("route", "add", "10.1.74.0/24", "via", "10.168.0.2");
  assert.equal((await run())[0], 1);
});
