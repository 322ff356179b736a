// The CNI plugin with Debian's real ones: bridge, host-local and portmap, on a host of its own with
// two containers, called as a runtime calls them.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import { need } from "../../need.ts";
import { join, type Namespace, openNamespace } from "../namespace.ts";

const PLUGIN = fileURLToPath(new URL("../../../bindings/node/cni/main.js", import.meta.url));
const DEBIAN = "/usr/lib/cni";
const INSIDE = new URL("./firewall.inside.js", import.meta.url);
const needs = need("root", "ip", "iptables", "cni", "ping");

let host: Namespace;
let containers: Namespace[] = [];
let folder: string;

beforeEach(async () => {
  if (needs.skip) return;
  folder = mkdtempSync(joinPath(tmpdir(), "heddle-cni-"));
  mkdirSync(joinPath(folder, "bin"));
  for (const name of readdirSync(DEBIAN)) {
    symlinkSync(joinPath(DEBIAN, name), joinPath(folder, "bin", name));
  }
  symlinkSync(PLUGIN, joinPath(folder, "bin", "flannel"));
  writeSubnet("10.5.72.1/24");
  host = await openNamespace("cni-host");
  containers = await Promise.all(["a", "b"].map((label) => openNamespace(`cni-${label}`)));
});

afterEach(async () => {
  if (needs.skip) return;
  for (const place of [host, ...containers]) await place.close();
  rmSync(folder, { recursive: true });
});

function writeSubnet(subnet: string): void {
  const lines = [
    "FLANNEL_NETWORK=10.5.0.0/16",
    `FLANNEL_SUBNET=${subnet}`,
    "FLANNEL_MTU=1450",
    "FLANNEL_IPMASQ=true",
  ];
  writeFileSync(joinPath(folder, "subnet.env"), `${lines.join("\n")}\n`);
}

interface Answer {
  readonly status: number;
  readonly json: Json;
}

interface Json {
  readonly [name: string]: unknown;
  readonly ips?: readonly { readonly address: string; readonly gateway: string }[];
  readonly msg?: string;
}

/** As kube-flannel's, with folders of the test's own. */
const config = (): Json => ({
  cniVersion: "1.0.0",
  name: "cbr0",
  type: "flannel",
  subnetFile: joinPath(folder, "subnet.env"),
  dataDir: joinPath(folder, "data"),
  ipam: { dataDir: joinPath(folder, "ipam") },
  delegate: { hairpinMode: true, isDefaultGateway: true },
});

interface Call {
  readonly plugin?: string;
  readonly netns?: string;
  readonly json?: Json;
}

/** Runs a plugin on the host for a container, as a runtime does. */
async function cni(command: string, container: Namespace, call: Call = {}): Promise<Answer> {
  const { plugin = "flannel", netns = `/run/netns/${container.name}`, json = config() } = call;
  const program = joinPath(folder, "bin", plugin);
  const child = spawn("ip", ["netns", "exec", host.name, program], {
    stdio: ["pipe", "pipe", "inherit"],
    env: {
      ...process.env,
      CNI_COMMAND: command,
      CNI_CONTAINERID: container.name,
      CNI_NETNS: netns,
      CNI_IFNAME: "eth0",
      CNI_PATH: joinPath(folder, "bin"),
    },
  });
  const ended = once(child, "close");
  child.stdin.end(JSON.stringify(json));
  const printed = await text(child.stdout);
  const [status] = await ended;
  return { status, json: printed === "" ? {} : JSON.parse(printed) };
}

async function added(container: Namespace, call: Call = {}): Promise<Json> {
  const { status, json } = await cni("ADD", container, call);
  assert.equal(status, 0, json.msg);
  return json;
}

const addressOf = (json: Json): string => json.ips?.[0]?.address.split("/")[0] ?? "";
const leases = (): string[] =>
  readdirSync(joinPath(folder, "ipam", "cbr0")).filter((name) => name.startsWith("10."));

function two(): [Namespace, Namespace] {
  const [a, b] = containers;
  assert.ok(a && b);
  return [a, b];
}

test("two containers get addresses of the subnet and reach each other", needs, async () => {
  const [a, b] = two();
  const [first, second] = [await added(a), await added(b)];
  assert.deepEqual(
    [first, second].map(({ ips }) => ips),
    [
      [{ interface: 2, address: "10.5.72.2/24", gateway: "10.5.72.1" }],
      [{ interface: 2, address: "10.5.72.3/24", gateway: "10.5.72.1" }],
    ],
  );
  await a.run("ping", "-c", "1", "-W", "20", addressOf(second));
  await a.run("ping", "-c", "1", "-W", "20", "10.5.72.1");
  assert.match(await a.ip("link", "show", "eth0"), / mtu 1450 /);
  const routes = await a.ip("route", "show");
  assert.match(routes, /^default via 10\.5\.72\.1 dev eth0/m);
  assert.match(routes, /^10\.5\.0\.0\/16 via 10\.5\.72\.1 dev eth0/m);
  const state = statSync(joinPath(folder, "data", a.name));
  assert.equal(state.mode & 0o777, 0o600);
});

test(
  "CHECK sees a container that is well, one that is not, and one that never was",
  needs,
  async () => {
    const [a, b] = two();
    const prevResult = await added(a);
    const json = { ...config(), prevResult };
    assert.deepEqual(await cni("CHECK", a, { json }), { status: 0, json: {} });
    await a.ip("address", "flush", "dev", "eth0");
    const broken = await cni("CHECK", a, { json });
    assert.equal(broken.status, 1);
    assert.match(broken.json.msg ?? "", /^bridge: /);
    const unknown = await cni("CHECK", b, { json });
    assert.deepEqual([unknown.status, unknown.json.code], [1, 3]);
  },
);

test("DEL takes all away, and again, and when the container has gone", needs, async () => {
  const [a, b] = two();
  await added(a);
  await added(b);
  assert.deepEqual(leases().sort(), ["10.5.72.2", "10.5.72.3"]);
  writeSubnet("10.5.99.1/24"); // the node has another subnet by now
  assert.deepEqual(await cni("DEL", a), { status: 0, json: {} });
  assert.deepEqual(leases(), ["10.5.72.3"]);
  assert.doesNotMatch(await a.ip("link", "show"), /eth0/);
  assert.deepEqual(await cni("DEL", a), { status: 0, json: {} });
  assert.deepEqual(await cni("DEL", b, { netns: "" }), { status: 0, json: {} });
  assert.deepEqual(leases(), []);
  assert.deepEqual(readdirSync(joinPath(folder, "data")), []);
});

test("portmap behind it opens a port of the host, by what it printed", needs, async () => {
  const [a] = two();
  const outside = await openNamespace("cni-outside");
  try {
    await join(host, "10.168.0.1/24", outside, "10.168.0.2/24");
    const portMappings = [{ hostPort: 8080, containerPort: 80, protocol: "udp" }];
    const prevResult = await added(a);
    const json = {
      ...{
        cniVersion: "1.0.0",
        name: "cbr0",
        type: "portmap",
        capabilities: { portMappings: true },
      },
      ...{ runtimeConfig: { portMappings }, prevResult },
    };
    await added(a, { plugin: "portmap", json });
    await a.call(INSIDE, "hear", 80);
    await outside.call(INSIDE, "say", "10.168.0.2", "10.168.0.1", 8080);
    assert.equal(await a.call(INSIDE, "source", 80), "10.168.0.2");
    assert.equal((await cni("DEL", a, { plugin: "portmap", json })).status, 0);
    assert.equal((await cni("DEL", a)).status, 0);
  } finally {
    await outside.close();
  }
});

test("what the delegate says of a failure is passed on, with its code", needs, async () => {
  const [a] = two();
  const refused = await cni("ADD", a, { netns: "/run/netns/nobody" });
  assert.equal(refused.status, 1);
  assert.match(refused.json.msg ?? "", /^bridge: failed to open netns/);
  const later = { ...config(), cniVersion: "1.1.0" };
  const { json } = await cni("ADD", a, { json: later });
  assert.equal(json.code, 1, "Debian's plugins are of 1.0.0");
  assert.equal((await cni("DEL", a)).status, 0);
  assert.ok(!existsSync(joinPath(folder, "data", a.name)));
});
