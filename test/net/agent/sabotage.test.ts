// Leases and sabotage in random order on a real kernel: when all is quiet, what it holds is what
// the leases say, whatever happened on the way, and what others have put is still there.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import type { Lease } from "../../../bindings/agent/index.ts";
import { drawSeed } from "../../../fuzz/seed.ts";
import { vxlan, vxlanLease } from "../../host/agent/leases.ts";
import { need } from "../../need.ts";
import * as at from "./site.ts";
import { until } from "./until.ts";

const ROUNDS = Number(process.env.HEDDLE_ROUNDS ?? 6);
const STEPS = 12;
const { DEV } = at;

const needs = { ...need("root", "ip"), timeout: 180_000 + ROUNDS * 10_000 };
let site: at.Site;

before(async () => {
  if (needs.skip) return;
  site = await at.openSite("sabotage");
  await site.host.ip("route", "add", ...FOREIGN.split(" "));
  await site.start({ config: vxlan({ directRouting: true }), wish: at.WISH, lookMs: 150 });
  await site.call("update", []);
});
after(() => site?.close());

const FOREIGN = "10.5.200.0/24 via 192.168.64.2 proto static";

/** Few subnets, MACs and hosts, so that they meet; the second host is behind a gateway. */
const lease = fc
  .record({
    third: fc.integer({ min: 1, max: 4 }),
    mac: fc.integer({ min: 1, max: 4 }),
    host: fc.constantFrom("192.168.64.2", "203.0.113.7", "203.0.113.8"),
    revision: fc.bigInt({ min: 1n, max: 1000n }),
  })
  .map(({ third, mac, host, revision }) =>
    vxlanLease(`10.5.${third}.0/24`, host, `02:00:00:00:00:0${mac}`, revision),
  );

/** What somebody does behind the agent's back; some of it fails, where nothing is there. */
const deed = fc
  .tuple(
    fc.constantFrom(
      ...["ip route flush dev DEV", "ip neighbor flush dev DEV nud permanent", "ip link del DEV"],
      ...["ip link set DEV down", "ip address flush dev DEV", "ip link set DEV mtu 1300"],
      "ip route replace 10.5.N.0/24 via 192.168.64.9",
      "ip route replace 10.5.N.0/24 dev DEV",
      "ip route add 10.5.N.0/25 via 10.5.N.0 dev DEV onlink",
      "ip neighbor replace 10.5.N.0 lladdr 02:00:00:00:00:99 dev DEV nud permanent",
      "ip neighbor replace 10.5.N.0 lladdr 02:00:00:00:00:99 dev DEV nud reachable",
      "bridge fdb replace 02:00:00:00:00:0N dev DEV dst 192.0.2.1 self permanent",
      "bridge fdb append 02:00:00:00:00:0N dev DEV dst 192.0.2.2 self permanent",
      "bridge fdb del 02:00:00:00:00:0N dev DEV self",
    ),
    fc.integer({ min: 1, max: 4 }),
  )
  .map(([words, n]) => words.replaceAll("DEV", DEV).replaceAll("N", String(n)));

const step = fc.oneof(
  { weight: 2, arbitrary: fc.uniqueArray(lease, { selector: (one) => one.subnet, maxLength: 4 }) },
  { weight: 5, arbitrary: deed },
);

test("tables are a function of the leases, whatever happened to them", needs, async (t) => {
  const seed = drawSeed();
  t.diagnostic(`HEDDLE_SEED=${seed}`);
  const runs = fc.sample(fc.array(step, { minLength: STEPS, maxLength: STEPS }), {
    ...{ seed, numRuns: ROUNDS },
  });
  for (const steps of runs) await expectRound(steps);
});

async function expectRound(steps: readonly (string | Lease[])[]): Promise<void> {
  let leases: Lease[] = [];
  await site.call("tell", leases); // or those of the round before would still hold
  for (const one of steps) {
    if (typeof one !== "string") {
      leases = one;
      await site.call("tell", one);
    } else await commit(one);
  }
  const expected = expectedOf(leases);
  let seen: unknown;
  const isSo = async (): Promise<boolean> => {
    seen = await tables();
    return JSON.stringify(seen) === JSON.stringify(expected);
  };
  await until("the tables", isSo).catch(() => {
    const story = steps.map((one) => (typeof one === "string" ? one : printed(one)));
    assert.deepEqual(seen, expected, story.join("\n"));
  });
}

async function commit(words: string): Promise<void> {
  const [program = "", ...rest] = words.split(" ");
  await site.host.run(program, ...rest).catch(() => {});
}

/** Sorted text: the kernel's order is that of who came when. */
async function tables(): Promise<unknown> {
  try {
    const routes = await site.show("route", "show", "table", "main", "root", "10.5.0.0/16");
    const neighbors = await site.show("-4", "neighbor", "show", "dev", DEV, "nud", "permanent");
    const [link] = await site.show("-4", "address", "show", "dev", DEV);
    const addresses = (link?.addr_info ?? []) as { local: string }[];
    return {
      ...{ mtu: link?.mtu, addresses: addresses.map(({ local }) => local) },
      routes: routes.map((one) => `${one.dst} ${one.gateway} ${one.dev} ${one.flags}`).sort(),
      neighbors: neighbors.map((one) => `${one.dst} ${one.lladdr}`).sort(),
      fdb: (await site.fdb()).map((one) => `${one.mac} ${one.dst}`).sort(),
    };
  } catch (error) {
    return String(error); // no device, for the moment
  }
}

/** By the words of the specification, not by our own code. */
function expectedOf(leases: readonly Lease[]): unknown {
  const [routes, neighbors, fdb] = [["10.5.200.0/24 192.168.64.2 veth0 "], [], []] as string[][];
  const hosts = new Map<string, string>();
  for (const { subnet, attrs } of [...leases].sort(latestFirst)) {
    const mac = (attrs.backendData as { VtepMAC: string }).VtepMAC;
    const base = subnet.slice(0, -3);
    if (attrs.publicIp === at.PEER_IP) {
      routes?.push(`${subnet} ${at.PEER_IP} veth0 `);
      continue;
    }
    const host = hosts.get(mac) ?? attrs.publicIp;
    if (host !== attrs.publicIp) continue; // a later lease says where this MAC is
    if (!hosts.has(mac)) fdb?.push(`${mac} ${host}`);
    hosts.set(mac, host);
    routes?.push(`${subnet} ${base} ${DEV} onlink`);
    neighbors?.push(`${base} ${mac}`);
  }
  return {
    ...{ mtu: 1450, addresses: ["10.5.72.0"] },
    ...{ routes: routes?.sort(), neighbors: neighbors?.sort(), fdb: fdb?.sort() },
  };
}

function latestFirst(a: Lease, b: Lease): number {
  if (a.modRevision !== b.modRevision) return a.modRevision > b.modRevision ? -1 : 1;
  return a.key < b.key ? -1 : 1;
}

function printed(leases: readonly Lease[]): string {
  const list = leases.map(({ subnet, attrs, modRevision }) => {
    return `${subnet} ${attrs.publicIp} ${JSON.stringify(attrs.backendData)} ${modRevision}`;
  });
  return `leases: ${list.join(", ")}`;
}
