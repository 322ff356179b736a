// The command line of the agent: flannel's, in all the forms that Go's flags have.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Command, CommanderError } from "commander";
import { STORE_FLAGS, UP_FLAGS, variableOf } from "../../../bindings/node/agent/flags.ts";
import {
  type AgentSettings,
  SettingsError,
  settingsOf,
  socketOf,
  type UpOptions,
} from "../../../bindings/node/agent/settings.ts";
import { addFlags } from "../../../bindings/node/cli/flags.ts";
import { fromGo } from "../../../bindings/node/cli/words.ts";

const CLI = fileURLToPath(new URL("../../../bindings/node/cli.js", import.meta.url));

function optionsOf(words: readonly string[], environment: Record<string, string> = {}): UpOptions {
  const quiet = { writeErr: () => {}, writeOut: () => {} };
  const command = new Command("up").exitOverride().configureOutput(quiet);
  // Commander looks for variables in the process's own environment.
  const before = { ...process.env };
  Object.assign(process.env, environment);
  try {
    addFlags(command, UP_FLAGS, environment);
    return command.parse(fromGo(["up", ...words]).slice(1), { from: "user" }).opts();
  } finally {
    process.env = before;
  }
}

function settings(...words: string[]): AgentSettings {
  return settingsOf(optionsOf(words));
}

function refuses(words: readonly string[], pattern: RegExp): void {
  assert.throws(
    () => settingsOf(optionsOf(words)),
    (error) => {
      assert.ok(error instanceof CommanderError || error instanceof SettingsError);
      return pattern.test(error.message);
    },
  );
}

test("flags have flannel's defaults", () => {
  const { store, ...rest } = settings();
  assert.equal(store.kind, "etcd");
  assert.deepEqual(store.endpoints, ["http://127.0.0.1:4001", "http://127.0.0.1:2379"]);
  assert.equal(store.prefix, "/coreos.com/network");
  assert.equal(rest.subnetFile, "/run/flannel/subnet.env");
  assert.equal(rest.renewMarginS, 3600);
  assert.equal(rest.masquerades, false);
  assert.equal(rest.isFullyRandom, true);
  assert.equal(rest.forwards, true);
  assert.equal(rest.blackholes, false);
  assert.equal(rest.resyncMs, 5000);
  assert.equal(rest.healthIp, "0.0.0.0");
  assert.equal(rest.healthPort, 0);
  assert.deepEqual([rest.interfaces, rest.publicIp, rest.canReach], [[], "", ""]);
});

test("heddle's own flags: the core carries, and only peers may send", () => {
  const { clampsMss, datapath, isStrict, releases, socket } = settings();
  assert.deepEqual([datapath, isStrict, clampsMss, releases], ["wasm", true, false, false]);
  assert.equal(socket, "/run/heddle/agent.sock");
  assert.equal(settings("--datapath", "kernel").datapath, "kernel");
  assert.equal(settings("-strict-peers=false").isStrict, false);
});

test("one dash or two, a value behind a blank or an equals sign", () => {
  for (const words of [
    ["-public-ip", "192.0.2.7"],
    ["-public-ip=192.0.2.7"],
    ["--public-ip", "192.0.2.7"],
    ["--public-ip=192.0.2.7"],
  ]) {
    assert.equal(settings(...words).publicIp, "192.0.2.7", words.join(" "));
  }
});

test("a switch stands alone or has its value behind an equals sign", () => {
  for (const words of ["-ip-masq", "--ip-masq", "-ip-masq=true", "--ip-masq=T", "--ip-masq=1"]) {
    assert.equal(settings(words).masquerades, true, words);
  }
  for (const words of ["-iptables-forward-rules=false", "--iptables-forward-rules=0"]) {
    assert.equal(settings(words).forwards, false, words);
  }
  refuses(["--ip-masq", "false"], /too many arguments/);
  refuses(["--ip-masq=no"], /true or false/);
  refuses(["--ip-masq="], /true or false/);
});

test("a value may look like a flag, and an equals sign may be in it", () => {
  assert.equal(settings("--etcd-password", "-secret=1").store.password, "-secret=1");
  assert.equal(settings("--etcd-password=-a=b=").store.password, "-a=b=");
  assert.equal(settings("-v", "5", "-ip-masq").verbosity, 5);
});

test("a flag that repeats adds up, others take their last value", () => {
  assert.deepEqual(settings("-iface=a", "--iface", "b").interfaces, ["a", "b"]);
  assert.deepEqual(settings("--iface-regex=^e", "--iface-regex=w$").interfacePatterns, [
    "^e",
    "w$",
  ]);
  assert.deepEqual(settings("--iface-regex=(?i)^ETH").interfacePatterns, ["(?i)^ETH"]);
  assert.equal(settings("-v=1", "-v=2").verbosity, 2);
});

test("the environment counts where the flag is not there, and when it is not empty", () => {
  const environment = {
    FLANNELD_IP_MASQ: "true",
    FLANNELD_ETCD_PREFIX: "/a",
    FLANNELD_IFACE: "x,y",
    FLANNELD_HEALTHZ_IP: "",
    HEDDLE_DATAPATH: "kernel",
  };
  const found = settingsOf(optionsOf(["--etcd-prefix=/b"], environment));
  assert.deepEqual([found.masquerades, found.store.prefix], [true, "/b"]);
  assert.deepEqual(found.interfaces, ["x,y"], "no commas in repeatable flags");
  assert.deepEqual([found.healthIp, found.datapath], ["0.0.0.0", "kernel"]);
});

test("each flag of flannel has its variable", () => {
  const names = Object.fromEntries(UP_FLAGS.map((flag) => [flag.name, variableOf(flag)]));
  assert.equal(names["subnet-lease-renew-margin"], "FLANNELD_SUBNET_LEASE_RENEW_MARGIN");
  assert.equal(names["etcd-endpoints"], "FLANNELD_ETCD_ENDPOINTS");
  assert.equal(names["strict-peers"], "HEDDLE_STRICT_PEERS");
  assert.equal(STORE_FLAGS.length, 7);
});

test("a bad value is refused, on the command line and in the environment alike", () => {
  refuses(["--subnet-lease-renew-margin=0"], /from 1 to 1439/);
  refuses(["--subnet-lease-renew-margin=1440"], /from 1 to 1439/);
  refuses(["--healthz-port=65536"], /from 0 to 65535/);
  refuses(["--iptables-resync=0"], /from 1/);
  refuses(["--public-ip=1.2.3"], /IPv4/);
  refuses(["--public-ipv6=fd00::1"], /IPv4/);
  refuses(["--etcd-endpoints=localhost"], /URL/);
  refuses(["--etcd-endpoints=http://a:1/x"], /URL/);
  refuses(["--etcd-keyfile=k"], /both/);
  refuses(["--iface-regex=("], /regular expression/);
  refuses(["--store=disk"], /expected etcd, memory or file:PATH/);
  refuses(["--store=file:"], /expected/);
  refuses(["--datapath=magic"], /wasm, kernel/);
  refuses(["--bogus"], /unknown option/);
  refuses(["eth0"], /too many arguments/);
  refuses(["--public-ip"], /argument missing/);
  assert.throws(() => optionsOf([], { FLANNELD_IP_MASQ: "maybe" }), /FLANNELD_IP_MASQ/);
});

test("Kubernetes is refused where it is asked for", () => {
  refuses(["-kube-subnet-mgr"], /not in Kubernetes/);
  refuses(["--kube-api-url=http://a"], /not in Kubernetes/);
  assert.equal(settings("--kube-subnet-mgr=false", "--vmodule=a=2").masquerades, false);
});

test("an agent for each prefix has a socket of its own", () => {
  assert.equal(socketOf("/coreos.com/network/"), "/run/heddle/agent.sock");
  assert.match(socketOf("/other"), /^\/run\/heddle\/agent-[0-9a-f]{8}\.sock$/);
  assert.equal(socketOf("/other"), socketOf("//other/"));
  assert.equal(settings("--store=file:/x/y:z").store.path, "/x/y:z");
});

test("a command line that makes no sense exits 2 and says why", () => {
  const run = (...words: string[]) => spawnSync(process.execPath, [CLI, ...words]);
  const bogus = run("up", "-bogus");
  assert.equal(bogus.status, 2);
  assert.match(String(bogus.stderr), /unknown option '--bogus'/);
  const version = run("up", "-version");
  assert.equal(version.status, 0);
  assert.match(String(version.stderr), /^\d+\.\d+\.\d+\n$/);
  const alone = run("status", "--socket", "/nonexistent/agent.sock");
  assert.equal(alone.status, 1);
  assert.match(String(alone.stderr), /no agent runs/);
});
