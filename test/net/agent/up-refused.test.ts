// Where `heddle up` cannot be: without rights, without a port, with a config that it does not have.
// It says what is missing, in one line, and exits 1; and with few rights it works where it can.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { need } from "../../need.ts";

const rights = { ...need("root", "tun", "ip"), timeout: 120_000 };
const CLI = fileURLToPath(new URL("../../../bindings/node/cli.js", import.meta.url));
const UNDERLAY = [
  "ip link set lo up",
  "ip link add name eth0 type bridge",
  "ip address add 192.168.9.2/24 dev eth0",
  "ip link set eth0 up",
  // Who is there, and never answers: a connection to it is neither refused nor made.
  "ip neighbor add 192.168.9.9 lladdr 02:00:00:00:00:09 dev eth0",
];
/** Nobody, but for reading a checkout that is closed to others. */
const NOBODY =
  "setpriv --reuid 65534 --regid 65534 --clear-groups " +
  "--inh-caps +dac_read_search --ambient-caps +dac_read_search";
const LIMIT_MS = 60_000; // of one run: what was to be refused may be taken

/** A TUN driver's file with these rights for everybody else. */
function tunOf(mode: string): string {
  return `mknod "$F/tun" c 10 200; chmod ${mode} "$F/tun"; mount --bind "$F/tun" /dev/net/tun`;
}

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

interface Attempt {
  readonly config: object;
  readonly flags?: readonly string[];
  /** In front of the underlay's lines. */
  readonly before?: readonly string[];
  /** What the user and network namespace is made by. */
  readonly through?: string;
  /** In front of heddle. */
  readonly as?: string;
  /** Ends it when it has said so. */
  readonly until?: RegExp;
}

/** Runs `heddle up` in a network namespace of its own, which goes with it. */
async function up(attempt: Attempt): Promise<{ status: number | null; log: string; env: string }> {
  const { as = "", before = [], config, flags = [], through = "unshare -n" } = attempt;
  const folder = mkdtempSync(join(tmpdir(), "heddle-up-"));
  folders.push(folder);
  chmodSync(folder, 0o777);
  writeFileSync(join(folder, "conf.json"), JSON.stringify(config));
  const words = [
    `"${process.execPath}" "${CLI}" up --iface eth0 --store "file:$F/store"`,
    '--net-config-path "$F/conf.json" --subnet-file "$F/subnet.env" --socket "$F/run/agent.sock"',
    ...flags,
  ];
  const inner = [...UNDERLAY, `exec ${as} ${words.join(" ")}`].join("; ");
  const script = ["set -e", ...before, `exec ${through} sh -ec '${inner}'`].join("; ");
  const env = { ...process.env, F: folder };
  const child = spawn("unshare", ["-m", "sh", "-c", script], {
    env,
    stdio: ["ignore", "ignore", "pipe"],
    timeout: LIMIT_MS,
  });
  let said = "";
  child.stderr.on("data", (chunk) => {
    said += chunk;
    // Once: a second one would end it at once, with the signal's status.
    if (attempt.until?.test(said) && !child.killed) child.kill("SIGTERM");
  });
  const [log] = await Promise.all([text(child.stderr), once(child, "exit")]);
  const file = join(folder, "subnet.env");
  return { status: child.exitCode, log, env: existsSync(file) ? readFileSync(file, "utf8") : "" };
}

const VXLAN = { Network: "10.5.0.0/16", Backend: { Type: "vxlan" } };

test("without root, with a TUN device of its own, it joins by the core", rights, async () => {
  const before = [tunOf("666")];
  const through = `${NOBODY} unshare -Urn`;
  const { env, log, status } = await up({ config: VXLAN, before, through, until: /ready: all/ });
  assert.equal(status, 0, log);
  assert.match(env, /^FLANNEL_SUBNET=10\.5\.\d+\.1\/24$/m);
});

test("without root, the kernel's datapath needs no TUN at all", rights, async () => {
  const through = `${NOBODY} unshare -Urn`;
  const flags = ["--datapath=kernel"];
  const { log, status } = await up({ config: VXLAN, through, flags, until: /ready: all/ });
  assert.equal(status, 0, log);
});

test("without access to the TUN driver it says that this is what is missing", rights, async () => {
  const through = `${NOBODY} unshare -Urn`;
  const { log, status } = await up({ config: VXLAN, before: [tunOf("600")], through });
  assert.equal(status, 1);
  assert.match(log, /open \/dev\/net\/tun: EACCES: this user may not read and write it/);
});

test("without CAP_NET_ADMIN it says so", rights, async () => {
  const as = "setpriv --bounding-set -net_admin";
  const { log, status } = await up({ config: VXLAN, as });
  assert.equal(status, 1, log);
  assert.match(log, /TUNSETIFF flannel\.1: EPERM: needs CAP_NET_ADMIN in this network namespace/);
});

const REFUSED: readonly (readonly [what: string, config: object, flags: string[], RegExp])[] = [
  [
    "EnableIPv6",
    { ...VXLAN, EnableIPv6: true, IPv6Network: "fd00::/48" },
    [],
    /EnableIPv6 is true/,
  ],
  ["an unknown backend", { ...VXLAN, Backend: { Type: "gre" } }, [], /gre/],
  [
    "a health address that is not ours",
    VXLAN,
    ["--healthz-ip=192.0.2.1", "--healthz-port=80"],
    /cannot listen at 192\.0\.2\.1:80: EADDRNOTAVAIL/,
  ],
  [
    "host-gw behind NAT",
    { ...VXLAN, Backend: { Type: "host-gw" } },
    ["--public-ip=192.0.2.1"],
    /host-gw needs no NAT/,
  ],
];

for (const [what, config, flags, words] of REFUSED) {
  test(`${what} ends it with status 1 and a reason`, rights, async () => {
    const { log, status } = await up({ config, flags });
    assert.equal(status, 1, log);
    assert.match(log, words);
  });
}

test("while etcd says nothing, a signal ends it at once", rights, async () => {
  const flags = ["--store etcd --etcd-endpoints http://192.168.9.9:2379"];
  const until = /Couldn't fetch network config/;
  const began = performance.now();
  const { status, log } = await up({ config: VXLAN, flags, until });
  assert.equal(status, 0, log);
  assert.ok(performance.now() - began < 60_000, log); // and not for as long as TCP tries
});
