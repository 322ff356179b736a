// `heddle up` as its users see it: what it writes into etcd and on the host, what it answers, and
// what is left when it goes.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import type { StatusDocument, SubnetDocument } from "../../../bindings/node/agent/answers.ts";
import type { HeldNeighbor, HeldRoute, HeldStation } from "../../../bindings/node/agent/held.ts";
import { need } from "../../need.ts";
import { type AgentHost, openHost } from "./host.ts";
import { PREFIX, Wire } from "./wire.ts";

const rights = { ...need("root", "tun", "ip", "etcd", "iptables", "ping"), timeout: 180_000 };
const INSIDE = new URL("./up.inside.js", import.meta.url);
const HEALTH_PORT = 8471;
const HEALTH = `http://127.0.0.1:${HEALTH_PORT}`;
const VXLAN = { Network: "10.5.0.0/16", Backend: { Type: "vxlan" } };

let wire: Wire;
let one: AgentHost;
let two: AgentHost;
const hosts: AgentHost[] = [];

before(async () => {
  if (rights.skip !== false) return;
  wire = await Wire.open("up");
  one = await host("up-one", 81);
  two = await host("up-two", 82);
});

after(async () => {
  for (const each of hosts) await each.close();
  await wire?.close();
});

async function host(label: string, station: number): Promise<AgentHost> {
  const opened = await openHost(wire, label, station);
  hosts.push(opened);
  return opened;
}

function get(on: AgentHost, path: string): Promise<[status: number, body: string]> {
  return on.ns.call(INSIDE, "get", `${HEALTH}${path}`);
}

async function answer<T>(on: AgentHost, question: string): Promise<T> {
  return JSON.parse(await on.heddle(question, "--json", "--socket", on.socket));
}

test(
  "before etcd is there: alive, not ready; then ready, and so are its peers",
  rights,
  async () => {
    one.start(`--healthz-port=${HEALTH_PORT}`, "--ip-masq");
    await one.until("healthz answers", async () => (await get(one, "/healthz"))[0] === 200);
    assert.deepEqual(await get(one, "/healthz"), [200, "flanneld is running"]);
    assert.deepEqual(await get(one, "/readyz"), [503, "flanneld is not ready yet"]);
    assert.equal((await get(one, "/else"))[0], 404);
    assert.equal((await answer<StatusDocument>(one, "status")).phase, "starting");
    await wire.startEtcd(VXLAN);
    await one.ready();
    assert.deepEqual(await get(one, "/readyz"), [200, "flanneld is ready"]);
    assert.match(one.log, /traffic between the hosts is NOT encrypted/);
    two.start("--datapath=kernel");
    await two.ready();
    await one.untilStatus("one peer", ({ peers }) => peers.programmed === 1);
  },
);

test("keys and values in etcd are flannel's to the byte, leases last a day", rights, async () => {
  for (const each of [one, two]) {
    const { device, lease } = await each.status();
    const entry = (await wire.leases()).find(({ key }) => key === lease?.key);
    assert.equal(entry?.key, `${PREFIX}/subnets/${lease?.subnet.replace("/", "-")}`);
    const data = `"BackendData":{"VNI":1,"VtepMAC":"${device?.mac}"}`;
    const ends = `"PublicIP":"${each.address}","PublicIPv6":null`;
    assert.equal(entry?.value, `{${ends},"BackendType":"vxlan",${data}}`);
    assert.notEqual(entry?.leaseId, "0");
    const expiresInS = lease?.expiresInS ?? 0;
    assert.ok(expiresInS > 86_000 && expiresInS <= 86_400, String(expiresInS));
  }
});

test("subnet.env has flannel's lines, and nothing stands half written", rights, async () => {
  const subnet = await one.subnet();
  const expected = [
    "FLANNEL_NETWORK=10.5.0.0/16",
    `FLANNEL_SUBNET=${subnet.replace(".0/24", ".1/24")}`,
    "FLANNEL_MTU=1450",
    "FLANNEL_IPMASQ=true",
    "",
  ];
  assert.equal(readFileSync(one.subnetFile, "utf8"), expected.join("\n"));
  assert.equal(statSync(one.subnetFile).mode & 0o777, 0o644);
  assert.deepEqual(readdirSync(dirname(one.subnetFile)).toSorted(), [
    "agent.sock",
    "agent.sock.json",
    "agent.sock.lock",
    "subnet.env",
  ]);
  assert.match(readFileSync(two.subnetFile, "utf8"), /FLANNEL_IPMASQ=false\n$/);
});

test("status and its kin tell what the tables hold, of either datapath", rights, async () => {
  const [mine, theirs] = [await one.status(), await two.status()];
  assert.deepEqual([mine.datapath, theirs.datapath], ["wasm", "kernel"]);
  assert.equal(mine.isEncrypted, false);
  const subnets = await answer<SubnetDocument[]>(one, "subnets");
  assert.deepEqual(
    subnets.map(({ subnet, publicIp, state }) => [subnet, publicIp, state]),
    [
      [mine.lease?.subnet, one.address, "own"],
      [theirs.lease?.subnet, two.address, "programmed"],
    ],
  );
  for (const [on, from, to] of [
    [one, mine, theirs],
    [two, theirs, mine],
  ] as const) {
    const base = to.lease?.subnet.replace("/24", "");
    const routes = await answer<HeldRoute[]>(on, "routes");
    const main = routes.find(({ dst, table }) => dst === to.lease?.subnet && table === "main");
    assert.deepEqual([main?.via, main?.dev], [base, "flannel.1"]);
    const [neighbor] = await answer<HeldNeighbor[]>(on, "neighbors");
    assert.deepEqual([neighbor?.address, neighbor?.mac], [base, to.device?.mac]);
    const [station] = await answer<HeldStation[]>(on, "fdb");
    assert.deepEqual(station, {
      mac: to.device?.mac ?? "",
      host: to.network?.publicIp ?? "",
      isPermanent: true,
    });
    assert.ok(from.rssBytes > 1e7);
  }
  assert.equal(await answer(two, "drops"), null);
  const words = await one.heddle("status", "--socket", one.socket);
  assert.match(words, /^agent +running, ready/m);
  assert.match(words, /^peers +1 programmed, 0 pending, 0 refused$/m);
});

test("containers reach each other, and metrics and a capture tell of it", rights, async () => {
  const file = join(wire.folder, "one.pcapng");
  const from = await one.addContainer();
  const to = await two.addContainer();
  const words = ["capture", file, "--seconds", "1", "--socket", one.socket];
  const ping = (): Promise<string> => from.ns.run("ping", "-c", "1", "-W", "2", to.address);
  await one.until("a ping is answered", async () => /, 1 received/.test(await ping()));
  let isOver = false;
  const capture = one.heddle(...words).finally(() => {
    isOver = true;
  });
  while (!isOver) await ping();
  const [, metrics] = await get(one, "/metrics");
  assert.match(metrics, /^heddle_ready 1$/m);
  assert.match(metrics, /^heddle_peers\{state="programmed"\} 1$/m);
  assert.match(metrics, /^heddle_packets_total\{direction="tunnelOut"\} [1-9]/m);
  assert.match(metrics, /^heddle_lease_expiry_seconds 8[56]\d{3}/m);
  assert.match(metrics, /^heddle_store_calls_total\{call="create",outcome="Ok"\} 1$/m);
  assert.match(metrics, /^process_resident_memory_bytes \d+$/m);
  await capture;
  const decoded = JSON.parse(await one.heddle("decode", file, "--json"));
  assert.ok(decoded.length >= 4, `${decoded.length} packets`);
});

test("a second agent for the same network is refused", rights, async () => {
  const words = ["up", `--socket=${one.socket}`, `--etcd-endpoints=${wire.endpoint}`];
  await assert.rejects(one.heddle(...words), /another agent runs/);
  assert.ok(one.isRunning);
});

test(
  "SIGTERM leaves the data path, and the next agent has subnet and MAC again",
  rights,
  async () => {
    for (const each of [one, two]) {
      const before = await each.status();
      const leases = await wire.leases();
      assert.deepEqual(await each.stop(), { code: 0, signal: null });
      assert.equal((await each.show("address", "show", "dev", "flannel.1")).length, 1);
      assert.equal((await each.show("route", "show", "dev", "flannel.1")).length, 1);
      assert.ok(existsSync(each.subnetFile));
      assert.equal(existsSync(each.socket), false);
      assert.deepEqual(await wire.leases(), leases);
      each.start(each === one ? `--healthz-port=${HEALTH_PORT}` : "--datapath=kernel");
      const now = await each.ready();
      assert.equal(now.lease?.subnet, before.lease?.subnet);
      assert.equal(now.device?.mac, before.device?.mac);
    }
    assert.match(one.log, /traffic stops/);
  },
);

test("an underlay that changes is told to the others within the same lease", rights, async () => {
  const before = await two.status();
  await two.ns.ip("address", "del", "192.168.11.82/24", "dev", "eth0");
  await two.ns.ip("address", "add", "192.168.11.92/24", "dev", "eth0");
  await two.ns.ip("route", "add", "default", "via", "192.168.11.254");
  const now = await two.untilStatus("at its new address", ({ network }) => {
    return network?.publicIp === "192.168.11.92";
  });
  assert.equal(now.lease?.subnet, before.lease?.subnet);
  assert.equal(now.device?.mac, before.device?.mac);
  await one.until("the other knows", async () => {
    const [station] = await answer<HeldStation[]>(one, "fdb");
    return station?.host === "192.168.11.92";
  });
});

test("down leaves nothing, with --release not even the lease", rights, async () => {
  for (const each of [one, two]) {
    const key = (await each.status()).lease?.key;
    const isRunning = each === two;
    if (!isRunning) await each.stop("SIGKILL");
    const flags = [`--etcd-endpoints=${wire.endpoint}`, `--socket=${each.socket}`];
    await each.heddle("down", "--release", ...flags);
    if (isRunning) assert.deepEqual(await each.ended(), { code: 0, signal: null });
    assert.deepEqual(readdirSync(dirname(each.socket)), []);
    const links = await each.show("link", "show");
    assert.equal(
      links.some(({ ifname }) => ifname === "flannel.1"),
      false,
    );
    const routes = await each.show("route", "show");
    assert.equal(
      routes.some(({ gateway }) => String(gateway).startsWith("10.5.")),
      false,
    );
    assert.doesNotMatch(await each.ns.run("iptables-save"), /FLANNEL/);
    assert.equal(
      (await wire.leases()).some((lease) => lease.key === key),
      false,
    );
  }
});

test(
  "alloc: a lease of the shortest value, subnet.env, and nothing in the kernel",
  rights,
  async () => {
    await wire.put(`${PREFIX}/config`, JSON.stringify({ ...VXLAN, Backend: { Type: "alloc" } }));
    one.start();
    const { device, lease } = await one.ready();
    assert.equal(device, null);
    const [entry] = await wire.leases();
    assert.equal(entry?.key, lease?.key);
    assert.equal(entry?.value, `{"PublicIP":"${one.address}","PublicIPv6":null}`);
    assert.equal(one.env("FLANNEL_MTU"), "1500");
    const devices = (await one.show("route", "show")).map(({ dev }) => String(dev));
    assert.deepEqual(devices.toSorted(), ["cni0", "eth0", "eth0"], "as it was without heddle");
    assert.deepEqual(await one.stop(), { code: 0, signal: null });
  },
);
