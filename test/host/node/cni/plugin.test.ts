// What the CNI plugin makes of its input, before any other plugin runs.
import assert from "node:assert/strict";
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { delegateConfig } from "../../../../bindings/node/cni/delegate.ts";
import { answerCni } from "../../../../bindings/node/cni/plugin.ts";
import { configOf } from "../../../../bindings/node/cni/request.ts";
import { withGateways } from "../../../../bindings/node/cni/result.ts";
import { dropState, loadState, saveState } from "../../../../bindings/node/cni/state.ts";
import { readNodeSubnet } from "../../../../bindings/node/cni/subnet.ts";

let folder: string;
let subnetFile: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), "heddle-cni-"));
  subnetFile = join(folder, "subnet.env");
});
beforeEach(() => writeSubnet(...LINES));
after(() => rmSync(folder, { recursive: true }));

const LINES = [
  "FLANNEL_NETWORK=10.5.0.0/16",
  "FLANNEL_SUBNET=10.5.72.1/24",
  "FLANNEL_MTU=1450",
  "FLANNEL_IPMASQ=true",
];

function writeSubnet(...lines: readonly string[]): void {
  writeFileSync(subnetFile, `${lines.join("\n")}\n`);
}

const net = (more: object = {}): string => {
  const paths = { subnetFile, dataDir: join(folder, "data") };
  return JSON.stringify({ cniVersion: "1.0.0", name: "cbr0", type: "flannel", ...paths, ...more });
};

const ENV = {
  CNI_COMMAND: "ADD",
  CNI_CONTAINERID: "c1",
  CNI_NETNS: "/run/netns/c1",
  CNI_IFNAME: "eth0",
  CNI_PATH: "/nowhere",
};

async function delegateOf(more: object = {}): Promise<unknown> {
  return delegateConfig(configOf("ADD", net(more)), await readNodeSubnet(subnetFile));
}

async function refusal(input: string, env: object = {}): Promise<{ code: number; msg: string }> {
  const { output, status } = await answerCni({ ...ENV, ...env }, input);
  assert.equal(status, 1);
  const said = JSON.parse(output);
  assert.ok(said.cniVersion);
  return said;
}

test("the delegate is bridge with host-local on the node's subnet", async () => {
  assert.deepEqual(await delegateOf({ runtimeConfig: { portMappings: [] } }), {
    type: "bridge",
    name: "cbr0",
    cniVersion: "1.0.0",
    isGateway: true,
    ipMasq: false,
    mtu: 1450,
    runtimeConfig: { portMappings: [] },
    ipam: {
      type: "host-local",
      ranges: [[{ subnet: "10.5.72.0/24" }]],
      routes: [{ dst: "10.5.0.0/16" }],
    },
  });
});

test("what the config says of the delegate stays; masquerading is the inverse", async () => {
  writeSubnet(...LINES.slice(0, 3), "FLANNEL_IPMASQ=false");
  const ipam = { type: "other", routes: [{ dst: "0.0.0.0/0" }], ranges: "ignored", extra: 1 };
  assert.deepEqual(await delegateOf({ delegate: { type: "ipvlan", mtu: 1400 }, ipam }), {
    type: "ipvlan",
    name: "cbr0",
    cniVersion: "1.0.0",
    ipMasq: true,
    mtu: 1400,
    ipam: {
      type: "other",
      extra: 1,
      ranges: [[{ subnet: "10.5.72.0/24" }]],
      routes: [{ dst: "0.0.0.0/0" }, { dst: "10.5.0.0/16" }],
    },
  });
  const given = (await delegateOf({ delegate: { isGateway: false, ipMasq: false } })) as object;
  assert.deepEqual({ ...given, isGateway: false, ipMasq: false }, given);
});

test("both families, and lists of networks, make ranges and routes, IPv4 first", async () => {
  const six = ["FLANNEL_IPV6_NETWORK=fd00:5::/48", "FLANNEL_IPV6_SUBNET=fd00:5:0:7::1/64"];
  const lists = "FLANNEL_NETWORK=10.5.0.0/16,10.6.0.0/16,10.5.0.0/16";
  writeSubnet(...six, lists, ...LINES.slice(1));
  assert.deepEqual(await readNodeSubnet(subnetFile), {
    networks: ["10.5.0.0/16", "10.6.0.0/16", "fd00:5::/48"],
    subnets: ["10.5.72.0/24", "fd00:5:0:7::/64"],
    mtu: 1450,
    ipMasq: true,
  });
});

test("VERSION needs no config, and names what is supported", async () => {
  const { output, status } = await answerCni({ CNI_COMMAND: "VERSION" }, "");
  assert.equal(status, 0);
  const supportedVersions = ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"];
  assert.deepEqual(JSON.parse(output), { cniVersion: "1.1.0", supportedVersions });
});

test("a subnet file that is not there yet is a reason to try again, and a bad status", async () => {
  rmSync(subnetFile);
  assert.equal((await refusal(net())).code, 11);
  const status = { CNI_COMMAND: "STATUS" };
  assert.equal((await refusal(net({ cniVersion: "1.1.0" }), status)).code, 50);
});

test("a subnet file that says too little is told by name", async () => {
  writeSubnet("FLANNEL_NETWORK=10.5.0.0/16", "FLANNEL_MTU");
  assert.deepEqual(await refusal(net()), {
    cniVersion: "1.0.0",
    code: 5,
    msg:
      `${subnetFile} is missing FLANNEL_SUBNET, FLANNEL_IPV6_SUBNET, ` +
      "FLANNEL_MTU, FLANNEL_IPMASQ",
  });
  const senseless = ["FLANNEL_SUBNET=10.5.72.1/33", "FLANNEL_MTU=1450; reboot", "FLANNEL_NETWORK="];
  for (const line of senseless) {
    writeSubnet(...LINES, line);
    const { code, msg } = await refusal(net());
    assert.deepEqual([code, msg], [5, `${subnetFile}: ${line.split("=")[0]} makes no sense`]);
  }
});

test("an environment without what the command needs, or with no name, is refused", async () => {
  const wrong: readonly [object, RegExp][] = [
    [{ CNI_COMMAND: undefined }, /^CNI_COMMAND must be one of ADD/],
    [{ CNI_COMMAND: "add" }, /^CNI_COMMAND/],
    [{ CNI_NETNS: "", CNI_IFNAME: undefined }, /environment: CNI_NETNS, CNI_IFNAME$/],
    [{ CNI_CONTAINERID: "../c1" }, /^CNI_CONTAINERID/],
    [{ CNI_CONTAINERID: ".." }, /^CNI_CONTAINERID/],
    [{ CNI_CONTAINERID: "c1\n" }, /^CNI_CONTAINERID/],
    [{ CNI_COMMAND: "DEL", CNI_CONTAINERID: "/etc/passwd" }, /^CNI_CONTAINERID/],
    [{ CNI_IFNAME: "a/b" }, /^CNI_IFNAME/],
    [{ CNI_IFNAME: "sixteen-letters-" }, /^CNI_IFNAME/],
  ];
  for (const [env, message] of wrong) {
    const { code, msg } = await refusal(net(), env);
    assert.equal(code, 4);
    assert.match(msg, message);
  }
});

test("a config that is none, or of another shape, is refused by name", async () => {
  const texts: readonly [string, number][] = [
    ["", 6],
    ["{", 6],
    ["[]", 6],
    ["null", 6],
    [`{"name":"${"x".repeat(1 << 20)}"}`, 6],
    ["[".repeat(100_000), 6],
    [net({ name: "a/b" }), 7],
    [net({ name: undefined }), 7],
    [net({ cniVersion: 1 }), 7],
    [net({ cniVersion: "9.0.0" }), 1],
    [net({ dataDir: ["/"] }), 7],
    [net({ subnetFile: "a\0b" }), 7],
    [net({ delegate: "bridge" }), 7],
    [net({ delegate: { name: "x" } }), 7],
    [net({ delegate: { ipam: {} } }), 7],
    [net({ delegate: { type: 1 } }), 7],
    [net({ delegate: { type: "../../bin/sh" } }), 7],
    [net({ delegate: { type: "flannel" } }), 7],
    [net({ ipam: [] }), 7],
    [net({ ipam: { routes: "all" } }), 7],
    [net({ runtimeConfig: 1 }), 7],
  ];
  for (const [text, code] of texts) {
    assert.equal((await refusal(text)).code, code, text.slice(0, 90));
  }
  assert.equal((await refusal(net(), { CNI_COMMAND: "GC" })).code, 1, "GC came with 1.1.0");
});

test("a plugin that is not there leaves no state; one that prints anything is shown", async () => {
  const missing = await refusal(net());
  assert.deepEqual([missing.code, missing.msg], [102, "no plugin bridge in CNI_PATH"]);
  assert.deepEqual(readdirSync(join(folder, "data")), []);
  writeFileSync(join(folder, "odd"), "#!/bin/sh\necho not JSON\nexit 3\n");
  chmodSync(join(folder, "odd"), 0o755);
  const input = net({ delegate: { type: "odd" } });
  assert.deepEqual(await refusal(input, { CNI_PATH: `:/nowhere:${folder}` }), {
    cniVersion: "1.0.0",
    ...{ code: 101, msg: "odd ended (3)", details: "not JSON" },
  });
});

// No plugin of Debian knows these commands, so one that writes down what it is asked stands in.
test("GC forgets what no container has, and asks the delegate to; STATUS asks it too", async () => {
  const [asked, dataDir] = [join(folder, "asked"), join(folder, "gc")];
  writeFileSync(join(folder, "scribe"), `#!/bin/sh\necho "$CNI_COMMAND $(cat)" >> ${asked}\n`);
  chmodSync(join(folder, "scribe"), 0o755);
  await saveState(dataDir, "stays", { type: "scribe", name: "cbr0" });
  await saveState(dataDir, "goes", { type: "scribe", name: "cbr0" });
  await saveState(dataDir, "foreign", { type: "scribe", name: "other" });
  const attachments = {
    "cni.dev/valid-attachments": [{ containerID: "stays", ifname: "eth0" }, 1],
  };
  const input = net({ cniVersion: "1.1.0", dataDir, delegate: { type: "scribe" }, ...attachments });
  for (const command of ["GC", "STATUS"]) {
    const env = { CNI_COMMAND: command, CNI_PATH: folder, PATH: process.env.PATH };
    assert.deepEqual(await answerCni(env, input), { output: "", status: 0 });
  }
  assert.deepEqual(readdirSync(dataDir).sort(), ["foreign", "stays"]);
  const [gc = "", status = ""] = readFileSync(asked, "utf8").split("\n");
  assert.deepEqual(JSON.parse(gc.replace("GC ", ""))["cni.dev/valid-attachments"].length, 2);
  assert.equal(JSON.parse(status.replace("STATUS ", "")).name, "cbr0");
});

test("a container's state is the owner's alone, and what is no state is none", async () => {
  const dataDir = join(folder, "states");
  assert.equal(await loadState(dataDir, "c1"), null);
  await saveState(dataDir, "c1", { type: "bridge", name: "n" });
  const modes = [dataDir, join(dataDir, "c1")].map((path) => statSync(path).mode & 0o777);
  assert.deepEqual(modes, [0o700, 0o600]);
  assert.deepEqual(await loadState(dataDir, "c1"), { type: "bridge", name: "n" });
  for (const text of ["", "{", "[]", "{}", '{"type":1}']) {
    writeFileSync(join(dataDir, "c1"), text);
    assert.equal(await loadState(dataDir, "c1"), null);
  }
  await dropState(dataDir, "c1");
  await dropState(dataDir, "c1");
  assert.deepEqual(readdirSync(dataDir), []);
  writeFileSync(join(folder, "file"), "");
  await assert.rejects(saveState(join(folder, "file"), "c1", { type: "x" }), { code: 5 });
});

test("a route of a result without a gateway has its family's", () => {
  const ips = [{ gateway: "10.5.72.1" }, { gateway: "fd00::1" }, {}];
  const routes = [
    { dst: "10.5.0.0/16" },
    { dst: "fd00::/48" },
    { dst: "0.0.0.0/0", gw: "10.9.9.9" },
  ];
  assert.deepEqual(withGateways({ ips, routes }).routes, [
    { dst: "10.5.0.0/16", gw: "10.5.72.1" },
    { dst: "fd00::/48", gw: "fd00::1" },
    { dst: "0.0.0.0/0", gw: "10.9.9.9" },
  ]);
  const odd = { ips: "none", routes: [1] };
  assert.equal(withGateways(odd), odd);
});
