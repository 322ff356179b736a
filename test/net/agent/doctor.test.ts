// `heddle doctor` on a host that flannel could have made. Each thing is broken once; the doctor
// names it, its commands mend it, and then the doctor is content.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import type { DoctorCommand } from "../../../bindings/node/doctor/command.ts";
import type { DoctorReport } from "../../../bindings/node/doctor/report.ts";
import { need } from "../../need.ts";
import { pathWithEtcdctl } from "./etcdctl.ts";
import { FlannelHost } from "./flannel-host.ts";
import { until } from "./until.ts";
import { keepChild, PREFIX, Wire } from "./wire.ts";

const run = promisify(execFile);
const MODULE = new URL("../../../bindings/node/doctor/command.js", import.meta.url);
const ROUNDS_MAX = 3;
const GONE = { subnet: "10.5.99.0/24", mac: "02:00:00:00:05:99", address: "192.168.11.99" };

const needs = need("root", "ip", "ping", "etcd", "iptables", "nft", "ethtool");
let wire: Wire;
let here: FlannelHost;
let there: FlannelHost;
let path = "";

before(async () => {
  if (needs.skip) return;
  wire = await Wire.open("doctor");
  path = pathWithEtcdctl(wire.folder);
  await wire.startEtcd({ Network: "10.5.0.0/16", Backend: { Type: "vxlan" } });
  here = await FlannelHost.open(wire, "here", 81);
  there = await FlannelHost.open(wire, "there", 82);
  await here.addPeer(there.words);
  await there.addPeer(here.words);
  await here.host.addContainer();
  await sh("ethtool -K flannel.1 tx-checksum-ip-generic off");
});
after(async () => {
  for (const one of [here?.host, there?.host, wire]) await one?.close();
});

/** A line for a shell, on the host. */
async function sh(line: string): Promise<string> {
  const words = ["netns", "exec", here.host.ns.name, "sh", "-c", line];
  return (await run("ip", words, { env: { ...process.env, PATH: path } })).stdout;
}

/** What the doctor says, in the namespace, in a process that stays. */
async function examine(over: Partial<DoctorCommand> = {}): Promise<DoctorReport> {
  const { subnetFile, socket, ns } = here.host;
  const files = { keyFile: "", certFile: "", caFile: "", username: "", password: "", path: "" };
  const store = { kind: "etcd", endpoints: [wire.endpoint], prefix: PREFIX, configFile: "" };
  return ns.call(MODULE, "examineHost", {
    ...{ store: { ...store, ...files }, subnetFile, socket, publicIp: null, iface: null },
    ...{ probedPeers: 0, printsJson: true },
    ...over,
  });
}

async function codes(over?: Partial<DoctorCommand>): Promise<string[]> {
  return (await examine(over)).findings.map(({ code }) => code);
}

/**
 * Breaks something, and has it mended by what the doctor prints. Gives what it found at first: what
 * comes to light when that is mended is mended as well.
 */
async function mended(line: string, over?: Partial<DoctorCommand>): Promise<string[]> {
  await sh(line);
  const first = await examine(over);
  assert.equal(first.isWell, !first.findings.some(({ isWrong }) => isWrong));
  let report = first;
  for (let round = 0; report.findings.length > 0; round++) {
    assert.ok(round < ROUNDS_MAX, `after ${line}: ${JSON.stringify(report.findings, null, 1)}`);
    for (const { commands } of report.findings) for (const command of commands) await sh(command);
    report = await examine(over);
  }
  return first.findings.map(({ code }) => code);
}

/** Each case broken and mended; the words behind a line are what the doctor finds. */
async function eachMended(...cases: readonly (readonly [string, ...string[]])[]): Promise<void> {
  for (const [line, ...expected] of cases) assert.deepEqual(await mended(line), expected, line);
}

test("nothing is wrong with a host as flannel leaves it", needs, async () => {
  assert.deepEqual(await examine({ probedPeers: 8 }), { isWell: true, findings: [] });
});

test("entries: missing, wrong and stale", needs, async () => {
  const { mac, base, subnet } = there;
  const other = "02:00:00:00:00:aa nud permanent dev flannel.1";
  await eachMended(
    [`ip route del ${subnet}`, "route-missing"],
    [`ip route replace ${subnet} via 192.168.11.254`, "route-wrong"],
    [`ip route add 10.5.82.128/25 dev eth0`, "route-stale"],
    [`ip neighbor del ${base} dev flannel.1`, "neighbor-missing"],
    [`ip neighbor replace ${base} lladdr ${other}`, "neighbor-wrong"],
    [`bridge fdb del ${mac} dev flannel.1 dst 192.168.11.82`, "fdb-missing"],
    [`bridge fdb replace ${mac} dev flannel.1 dst 192.168.11.9 self permanent`, "fdb-wrong"],
  );
  await here.addPeer(GONE);
  await eachMended(["true", "route-stale", "neighbor-stale", "fdb-stale"]);
});

test("the device: gone, down, another shape, another MTU, MAC, address", needs, async () => {
  const entries = ["neighbor-missing", "fdb-missing", "route-missing"] as const;
  await eachMended(
    ["ip link del flannel.1", "device-missing", ...entries],
    ["ip link set flannel.1 mtu 1400", "device-mtu"],
    ["ip link set flannel.1 address 02:00:00:00:00:bb", "device-mac", "neighbor-missing"],
    ["ip address add 10.5.7.0/32 dev flannel.1", "address-stale"],
    ["ethtool -K flannel.1 tx-checksum-ip-generic on", "checksum-offload"],
  );
  // A device that is down, or without an address, loses what leads to peers as well.
  assert.equal((await mended("ip link set flannel.1 down"))[0], "device-down");
  const bare = "ip address del 10.5.81.0/32 dev flannel.1";
  assert.equal((await mended(bare))[0], "address-missing");
  await sh("ip link del flannel.1");
  await here.makeDevice(4789);
  await here.addPeer(there.words);
  assert.deepEqual(await mended("true"), ["device-wrong"]);
});

test("a process has the tunnel's port", needs, async () => {
  await sh("ip link set flannel.1 down");
  const program = 'require("dgram").createSocket("udp4").bind(8472)';
  const words = ["netns", "exec", here.host.ns.name, process.execPath, "-e", program];
  const thief = keepChild(spawn("ip", words, { stdio: "ignore" }));
  await until("it has the port", async () => (await sh("ss -Hlun")).includes(":8472"));
  assert.equal((await mended("true"))[0], "port-taken");
  await until("it is killed", () => thief.signalCode !== null);
});

test("the bridge: of another subnet, too wide", needs, async () => {
  const move = "ip address add 172.17.0.1/16 dev cni0; ip address del 10.5.81.1/24 dev cni0";
  await eachMended(
    [move, "bridge-address"],
    ["ip address add 10.5.7.1/24 dev cni0", "bridge-address"],
    ["ip link set cni0 mtu 1500", "bridge-mtu"],
  );
});

test("settings: forwarding, strict sources", needs, async () => {
  await eachMended(
    ["echo 0 > /proc/sys/net/ipv4/ip_forward", "forwarding-off"],
    ["echo 0 > /proc/sys/net/ipv4/conf/cni0/forwarding", "forwarding-off"],
    ["echo 1 > /proc/sys/net/ipv4/conf/flannel.1/rp_filter", "source-filter"],
  );
});

test("subnet.env: gone, of another lease", needs, async () => {
  const { subnetFile } = here.host;
  await eachMended(
    [`rm ${subnetFile}`, "subnet-file-missing"],
    [`sed -i s/10.5.81/10.5.7/ ${subnetFile}`, "subnet-file-wrong"],
    [`sed -i s/1450/1500/ ${subnetFile}`, "subnet-file-wrong"],
  );
});

test("packet filters: policy DROP, nft, the port, docker's MASQUERADE", needs, async () => {
  const nft = "nft add table inet fw; nft add chain inet fw transit";
  await eachMended(
    ["iptables -P FORWARD DROP", "forward-blocked"],
    [`${nft} '{ type filter hook forward priority 5; policy drop; }'`, "forward-blocked"],
    ["iptables -A INPUT -p udp --dport 8472 -j DROP", "port-blocked"],
    [
      "iptables -t nat -A POSTROUTING -s 10.5.81.0/24 ! -o docker0 -j MASQUERADE",
      "source-rewritten",
    ],
  );
});

test("each of flannel's masquerade rules", needs, async () => {
  here.writeEnv(true);
  await sh("iptables -t nat -F");
  await here.masquerade();
  assert.deepEqual(await codes(), []);
  const rules = ["POSTROUTING 1", ...[1, 2, 3, 4, 5, 6].map((at) => `FLANNEL-POSTRTG ${at}`)];
  for (const rule of rules) await eachMended([`iptables -t nat -D ${rule}`, "masquerade-missing"]);
  here.writeEnv(false);
});

test("the store: malformed, twice the same, no config", needs, async () => {
  const put = (name: string, value: string): Promise<void> =>
    wire.put(`${PREFIX}/subnets/${name}`, value);
  const lease = (await wire.leases()).find(({ key }) => key.endsWith("10.5.82.0-24"))?.value ?? "";
  await put("nonsense; exit 7", lease);
  await put("10.5.7.0-24", "{");
  await eachMended(["true", "lease-malformed", "lease-malformed"]);
  await put("10.5.8.0-24", lease.replace(there.mac, "02:00:00:00:05:08"));
  await there.publish(); // later
  assert.equal((await mended("true"))[0], "lease-public-ip");
  await wire.put(`${PREFIX}/config`, '{"Network":"10.5.0.0"}');
  await eachMended(["true", "config-malformed"]);
});

test("the own lease: near its end, and gone", needs, async () => {
  await here.publish(600);
  const { findings } = await examine();
  assert.deepEqual(
    findings.map(({ code, commands }) => [code, ...commands]),
    [["own-lease-expires", "systemctl restart flanneld"]],
  );
  await wire.remove(wire.keyOf(here.subnet));
  assert.deepEqual(await codes(), ["own-lease-missing"]);
  await here.publish();
  assert.deepEqual(await codes(), []);
});

test("the way to a peer loses long packets", needs, async () => {
  await wire.ns.ip("link", "set", "to82", "mtu", "1400");
  const [finding] = (await examine({ probedPeers: 1 })).findings;
  assert.deepEqual([finding?.code, finding?.subject], ["path-mtu", there.host.address]);
  assert.match(finding?.commands[0] ?? "", /"MTU":1400/);
  await sh(finding?.commands[0] ?? "");
  await eachMended(["true", "subnet-file-wrong", "device-mtu", "bridge-mtu"]);
  assert.deepEqual(await codes({ probedPeers: 1 }), []);
});

test("the command: exit status, JSON, misuse, no store", needs, async () => {
  const flags = [`--etcd-endpoints=${wire.endpoint}`, `--subnet-file=${here.host.subnetFile}`];
  assert.equal(await here.host.heddle("doctor", ...flags), "nothing wrong, no risks\n");
  assert.deepEqual(JSON.parse(await here.host.heddle("doctor", "--json", ...flags)), {
    isWell: true,
    findings: [],
  });
  await sh(`ip route del ${there.subnet}`);
  const sick = await here.host.heddle("doctor", ...flags).catch((error) => error);
  assert.equal(sick.code, 1);
  assert.match(
    sick.stdout,
    /^wrong {2}route-missing: .*\n {7}ip route replace .*\n1 wrong, no risks/,
  );
  const misuse = await here.host.heddle("doctor", "--store=memory").catch((error) => error);
  assert.equal(misuse.code, 2);
  const path = `${wire.folder}/nothing`;
  const none = await here.host.heddle("doctor", `--store=file:${path}`).catch((error) => error);
  assert.deepEqual([none.code, none.stderr], [1, `heddle doctor: ${path}: there is no store\n`]);
  await wire.killEtcd();
  const alone = await here.host.heddle("doctor", ...flags).catch((error) => error);
  assert.equal(alone.code, 1);
  assert.match(alone.stderr, /^heddle doctor: .*192\.168\.11\.254/);
});
