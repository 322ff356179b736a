// The exported script as whoever runs it meets it: several networks side by side, each once, whole
// or not at all, and gone without a trace.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { exportNetns, exportTeardown } from "../../../bindings/lab/export/netns.ts";
import { SCENARIOS } from "../../../bindings/lab/scenarios/index.ts";
import type { NetworkSpec } from "../../../bindings/lab/spec/network.ts";
import { need } from "../../need.ts";

const run = promisify(execFile);
const options = need("root", "ip", "ping", "iptables");
const PREFIX = `heddle-test-${process.pid}-export-`;
const [ONE, TWO] = [`${PREFIX}1-`, `${PREFIX}2-`];

function networkOf(slug: string): NetworkSpec {
  const scenario = SCENARIOS.find((each) => each.slug === slug);
  if (scenario === undefined) throw new RangeError(`no scenario ${slug}`);
  return scenario.network;
}

async function sh(script: string, prefix: string): Promise<{ stdout: string; stderr: string }> {
  const begun = run("sh", ["-s"], { env: { ...process.env, P: prefix } });
  begun.child.stdin?.end(script);
  return await begun;
}

function namesOf(prefix: string): string[] {
  return readdirSync("/run/netns").filter((name) => name.startsWith(prefix));
}

const vxlan = networkOf("flannel-vxlan");

after(async () => {
  if (options.skip) return;
  for (const prefix of [ONE, TWO]) await sh(exportTeardown(vxlan), prefix);
});

test("two networks of the same addresses live side by side", options, async () => {
  for (const prefix of [ONE, TWO]) {
    assert.deepEqual(await sh(exportNetns(vxlan), prefix), { stdout: "", stderr: "" });
  }
  assert.equal(namesOf(PREFIX).length, 2 * namesOf(ONE).length);
  for (const prefix of [ONE, TWO]) {
    const words = ["netns", "exec", `${prefix}c1`, "ping", "-n", "-c", "1", "-W", "2"];
    assert.match((await run("ip", [...words, "10.1.16.3"])).stdout, /ttl=62 /);
  }
});

test("a network is built once, and a second try leaves the first alone", options, async () => {
  const before = namesOf(ONE);
  await assert.rejects(sh(exportNetns(vxlan), ONE), /-1-sw0 is there already/);
  assert.deepEqual(namesOf(ONE), before);
});

test("what is torn down is gone, and nothing else", options, async () => {
  await sh(exportTeardown(vxlan), ONE);
  assert.deepEqual(namesOf(ONE), []);
  assert.ok(namesOf(TWO).length > 0);
  await sh(exportTeardown(vxlan), TWO);
  assert.deepEqual(namesOf(PREFIX), []);
});

test("a script that the kernel refuses leaves nothing behind", options, async () => {
  const [host, ...others] = vxlan.hosts;
  const [own, ...more] = host?.namespaces ?? [];
  assert.ok(host && own);
  const routes = [...(own.routes ?? []), "10.9.0.0/16 via 192.0.2.1 dev eth0"];
  const broken = { ...host, namespaces: [{ ...own, routes }, ...more] };
  const script = exportNetns({ ...vxlan, hosts: [broken, ...others] });
  await assert.rejects(sh(script, ONE), /Nexthop has invalid gateway/);
  assert.deepEqual(namesOf(ONE), []);
});

test("what this kernel cannot do is said, and the rest stands", options, async () => {
  const weave = networkOf("weave-fastdp");
  try {
    const { stderr } = await sh(exportNetns(weave), ONE);
    assert.match(stderr, /^host1:vethwe-bridge: left out, it is the router of Weave/);
    const { stdout } = await run("ip", ["-n", `${ONE}host1`, "-br", "link"]);
    assert.match(stdout, /^weave /m);
    assert.doesNotMatch(stdout, /vethwe-bridge/);
  } finally {
    await sh(exportTeardown(weave), ONE);
  }
});

for (const { slug, network } of SCENARIOS) {
  test(`${slug} is a script that a shell can read`, async () => {
    const begun = run("sh", ["-n"]);
    begun.child.stdin?.end(exportNetns(network));
    await begun;
  });
}
