// What the demo does where it may not, and with a command line that makes no sense.
import assert from "node:assert/strict";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { need } from "../need.ts";
import { heddle } from "./demo.ts";

// A user without rights, but for reading a checkout that is closed to other users.
const READS_ALL = "+dac_read_search";
const AS_NOBODY = [
  ...["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"],
  ...["--inh-caps", READS_ALL, "--ambient-caps", READS_ALL],
];

test("a normal user gets the same network in memory", need("root", "ip"), async () => {
  const { status, stdout, stderr } = await heddle(["demo", "--json"], { through: AS_NOBODY });
  assert.equal(stderr, "");
  assert.equal(status, 0);
  const report = JSON.parse(stdout);
  assert.equal(report.mode, "memory");
  assert.match(report.missing.join("\n"), /not root, without CAP_NET_ADMIN/);
  assert.deepEqual(
    report.pings.map(({ sent, received }: { sent: number; received: number }) => [sent, received]),
    [
      [20, 20],
      [20, 20],
    ],
  );
  assert.equal(report.mtu, 1450);
});

test("root without capabilities is told which are missing", need("root", "ip"), async () => {
  const through = ["setpriv", "--bounding-set", "-net_admin,-sys_admin"];
  const { status, stdout } = await heddle(["demo"], { through });
  assert.equal(status, 0);
  assert.match(stdout, /root without CAP_NET_ADMIN, CAP_SYS_ADMIN/);
  assert.match(stdout, /in memory/);
  assert.match(stdout, /20 of 20 answered/);
});

// What a container with all capabilities may still be refused.
const REFUSALS: readonly (readonly [string, string, RegExp])[] = [
  ["to mount", "--map-root-user", /right to make network namespaces: ip: mount .*not permitted/],
  ["/proc/sys", "--mount", /write access to \/proc\/sys\/net/],
];

for (const [what, share, words] of REFUSALS) {
  test(`root that is refused ${what} is told`, need("root", "tun", "ip"), async () => {
    const readOnly = "mount --bind /proc/sys /proc/sys && mount -o remount,bind,ro /proc/sys";
    const script = share === "--mount" ? `${readOnly} && exec "$@"` : 'exec "$@"';
    const through = ["unshare", share, "sh", "-c", script, "sh"];
    const { status, stdout, stderr } = await heddle(["demo"], { through });
    assert.equal(stderr, "");
    assert.equal(status, 0);
    assert.match(stdout, words);
    assert.match(stdout, /20 of 20 answered/);
  });
}

test("without `ip` the apt line is named, for both backends", async () => {
  const empty = await mkdtemp(join(tmpdir(), "heddle-"));
  for (const backend of ["vxlan", "udp"]) {
    const args = ["demo", "--backend", backend];
    const { status, stdout, stderr } = await heddle(args, { env: { PATH: empty } });
    assert.equal(stderr, "");
    assert.equal(status, 0);
    assert.match(stdout, /`ip`: apt-get install iproute2/);
    assert.match(stdout, /20 of 20 answered/);
  }
  await rm(empty, { recursive: true });
});

test("--mode netns forbids memory", async () => {
  const { status, stdout, stderr } = await heddle(["demo", "--mode", "netns", "--json"], {
    env: { PATH: "/nonexistent" },
  });
  assert.equal(status, 1);
  assert.equal(stdout, "");
  assert.match(stderr, /missing: the program `ip`: apt-get install iproute2/);
});

test("--mode memory asks for nothing", async () => {
  const { status, stdout } = await heddle(["demo", "--mode", "memory", "--json"]);
  assert.equal(status, 0);
  assert.deepEqual(JSON.parse(stdout).missing, []);
});

test("a capture of the network in memory is written", async () => {
  const folder = await mkdtemp(join(tmpdir(), "heddle-"));
  const file = join(folder, "memory.pcapng");
  const { status } = await heddle(["demo", "--mode", "memory", "--pcap", file]);
  assert.equal(status, 0);
  assert.ok((await stat(file)).size > 10_000);
  await rm(folder, { recursive: true });
});

const NONSENSE: readonly (readonly [string[], RegExp])[] = [
  [["demo", "--bogus"], /unknown option '--bogus'/],
  [["demo", "--backend", "gre"], /Allowed choices are vxlan, udp, host-gw/],
  [["demo", "--store", "disk"], /must be memory, file:PATH or etcd/],
  [["demo", "--backend", "host-gw", "--mode", "memory"], /takes devices/],
  [["demo", "--datapath", "kernel", "--backend", "udp"], /the kernel has no other/],
  [["demo", "--seconds", "0"], /a number from 0\.1 to 3600/],
  [["demo", "--seconds", "fast"], /a number from 0\.1 to 3600/],
  [["demo", "--pings", "1.5"], /a whole number from 1 to 10000/],
  [["demo", "--pings", "0"], /a whole number from 1 to 10000/],
  [["demo", "--pcap"], /argument missing/],
  [["demo", "--pcap", ""], /must name a file/],
  [["demo", "now"], /too many arguments/],
  [["demo", "--peer", "kernel", "--backend", "udp"], /the kernel has no other/],
  [["dmeo"], /unknown command 'dmeo'/],
  [[], /Usage: heddle/],
];

for (const [args, words] of NONSENSE) {
  test(`heddle ${args.join(" ")} makes no sense`, async () => {
    const { status, stdout, stderr } = await heddle(args);
    assert.equal(status, 2);
    assert.equal(stdout, "");
    assert.match(stderr, words);
  });
}

test("help and version are no mistakes", async () => {
  assert.equal((await heddle(["--version"])).status, 0);
  assert.match((await heddle(["demo", "--help"])).stdout, /--backend <name>/);
});
