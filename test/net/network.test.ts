// The demo's network itself: what stands in the hosts' tables, and that its instruments tell the
// truth where the kernel is at both ends.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { planNetwork } from "../../bindings/lab/index.ts";
import { compare } from "../../bindings/node/compare.ts";
import {
  attempt,
  bridgeBatch,
  ipBatch,
  Namespaces,
  namespaces,
  run,
} from "../../bindings/node/netns.ts";
import { Network } from "../../bindings/node/network.ts";
import { pingAcross, probeMtu } from "../../bindings/node/probes.ts";
import type { Peer } from "../../bindings/node/sides.ts";
import { need } from "../need.ts";

async function withNetwork(
  tunnels: readonly [Peer, Peer],
  hasSides: boolean,
  use: (network: Network) => Promise<void>,
): Promise<void> {
  const plan = planNetwork("vxlan");
  const { signal } = new AbortController();
  const network = new Network({ plan, tunnels, store: "memory", hasSides, signal });
  try {
    await network.build();
    await use(network);
  } finally {
    assert.deepEqual(await network.remove(), []);
  }
}

/** Lines of `ip` as people write them: one space, none at the end. */
async function lines(namespace: string, ...words: string[]): Promise<string[]> {
  const printed = await run("ip", ["-n", namespace, ...words]);
  return printed
    .split("\n")
    .filter(Boolean)
    .map((line) => line.trim().replaceAll(/ +/g, " "));
}

test("host1 has flannel's route and neighbor, one each", need("root", "tun", "ip"), async () => {
  await withNetwork(["heddle", "heddle"], false, async ({ hosts: [{ namespace }] }) => {
    assert.deepEqual(await lines(namespace, "-4", "route"), [
      "10.1.15.0/24 dev docker0 proto kernel scope link src 10.1.15.1",
      "10.1.16.0/24 via 10.1.16.0 dev flannel.1 onlink",
      "10.168.0.0/24 dev eth0 proto kernel scope link src 10.168.0.2",
    ]);
    assert.deepEqual(await lines(namespace, "neigh", "show", "dev", "flannel.1"), [
      "10.1.16.0 lladdr 5e:f8:4f:00:e3:37 PERMANENT",
    ]);
    const [link] = await lines(namespace, "-br", "link", "show", "flannel.1");
    assert.match(link ?? "", /5e:f8:4f:00:e3:11/);
    // A TAP that was there before its agent has a carrier that came: then it is UP.
    const addresses = await lines(namespace, "-br", "-4", "address", "show", "flannel.1");
    assert.deepEqual(addresses, ["flannel.1 UP 10.1.15.0/32"]);
  });
});

test(
  "between two kernels the instruments see what is known of them",
  need("root", "ip", "ethtool"),
  async () => {
    await withNetwork(["kernel", "kernel"], true, async (network) => {
      const [one, two] = network.hosts;
      const fdb = await run("bridge", ["-n", one.namespace, "fdb", "show", "dev", "flannel.1"]);
      assert.equal(fdb.trim(), "5e:f8:4f:00:e3:37 dst 10.168.0.3 self permanent");
      const { received, ttlAtDestination } = await pingAcross(one, two, 5);
      assert.deepEqual([received, ttlAtDestination], [5, 62]);
      assert.deepEqual(await probeMtu(network), {
        fits: { len: 1450, isAnswered: true },
        tooLong: { len: 1451, isAnswered: false, saidMtu: 1450 },
      });
      const { paths } = await compare(network, { rounds: 1, seconds: 0.3 });
      assert.deepEqual(
        paths.map(({ name }) => name),
        ["heddle", "kernel VXLAN", "plain veth"],
      );
      for (const { medianGbitPerS } of paths) assert.ok(medianGbitPerS > 0.01);
    });
  },
);

test(
  "a target that nobody can reach is an error, not a silence",
  need("root", "ip", "ethtool"),
  async () => {
    await withNetwork(
      ["kernel", "kernel"],
      false,
      async ({ hosts: [{ container, namespace }] }) => {
        await ipBatch(namespace, ["route add unreachable 10.9.9.0/24"]);
        const attempt = { target: "10.9.9.9", timeoutMs: 20_000 };
        assert.equal((await container.call("tryConnect", attempt)).code, "EHOSTUNREACH");
        const { error } = await container.call("tryDatagram", attempt);
        assert.deepEqual([error?.icmpType, error?.icmpCode, error?.from], [3, 1, "10.1.15.1"]);
      },
    );
  },
);

test("a line that `ip` or `bridge` refuses is named", need("root", "ip"), async () => {
  const owned = new Namespaces();
  const name = await owned.add("netns");
  try {
    assert.ok(namespaces().includes(name));
    const good = "link set lo up";
    await assert.rejects(
      ipBatch(name, [good, "link set nothing up"]),
      /\(ip link set nothing up\)/,
    );
    await assert.rejects(bridgeBatch(name, ["fdb show dev nothing"]), /fdb show dev nothing/);
    await assert.rejects(ipBatch(name, ["link set lo up\nlink set lo down"]), /not plain words/);
  } finally {
    assert.deepEqual(await owned.remove(), []);
  }
  assert.ok(!namespaces().includes(name));
});

test("a program that a group's signal ended before it began is begun again", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "heddle-attempt-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const first = "test -e been || { touch been; kill -INT $$; }";
  const { status, printed } = await attempt("sh", ["-c", `cd ${folder}; ${first}; echo done`]);
  assert.deepEqual([status, printed], [0, "done\n"]);
  const never = await attempt("sh", ["-c", "kill -TERM $$"]);
  assert.equal(never.status, "SIGTERM", "but not for ever");
});
