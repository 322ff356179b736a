// Plans against kernels that hold anything: what the differences do to a plain twin of a kernel
// brings it to what the leases imply, at once, and touches nothing of anybody else's.
import { deepStrictEqual, ok } from "node:assert";
import fc from "fast-check";
import type { Lease } from "../bindings/agent/index.ts";
import { backendOf, type NetworkConfig, planPeers } from "../bindings/agent/index.ts";
import type { PeerPlan } from "../bindings/agent/plan.ts";
import {
  compare,
  findStale,
  isSameRoute,
  reconcileFdb,
  type Scope,
} from "../bindings/agent/reconcile.ts";
import {
  type ModelFdb,
  ModelKernel,
  type ModelNeighbor,
  type ModelRoute,
} from "../test/model/kernel-tables.ts";
import { law, type Suite } from "./law.ts";

const DEV = "flannel.1";
const OWN = "10.5.4.0/24";
const EXTERNAL = {
  ...{ name: "eth0", index: 2, mtu: 1500, address: "192.168.0.1", publicIp: "192.168.0.1" },
};
const LOOKS_MAX = 4;
const FAR = "192.168.0.9"; // the one peer that is behind a gateway

/** Few of each, so that they meet. */
const THIRD_OCTETS = [1, 2, 3, 4, 5];
const subnet = fc
  .tuple(fc.constantFrom(...THIRD_OCTETS), fc.constantFrom(24, 24, 24, 25))
  .map(([third, len]) => `10.5.${third}.0/${len}`);
const dst = fc.oneof(
  { arbitrary: subnet, weight: 6 },
  { arbitrary: fc.constantFrom("10.6.1.0/24", "0.0.0.0/0", "10.5.4.128/25"), weight: 1 },
);
const address = fc.constantFrom("192.168.0.7", "192.168.0.8", FAR);
const mac = fc.constantFrom(...THIRD_OCTETS.map((last) => `02:00:00:00:00:0${last}`));
const base = dst.map((text) => text.slice(0, text.indexOf("/")));

const route: fc.Arbitrary<ModelRoute> = fc
  .record({
    dst,
    type: fc.constantFrom("unicast", "unicast", "unicast", "blackhole"),
    via: fc.oneof(address, base, fc.constant(null)),
    dev: fc.constantFrom(DEV, DEV, "eth0", "docker0", "flannel.7"),
    isOnlink: fc.boolean(),
    protocol: fc.constantFrom("boot", "boot", "boot", "kernel", "bird"),
    metric: fc.constantFrom(0, 0, 0, 100),
  })
  .map((one) => ({ ...one, scope: one.via === null ? "link" : "global" }));

const neighbor: fc.Arbitrary<ModelNeighbor> = fc.record({
  dev: fc.constant(DEV),
  address: base,
  mac: fc.option(mac),
  isPermanent: fc.boolean(),
});

const fdbEntry: fc.Arbitrary<ModelFdb> = fc.record({
  ...{ dev: fc.constant(DEV), mac, dst: address, isPermanent: fc.boolean() },
});

const lease: fc.Arbitrary<Lease> = fc
  .record({ subnet, publicIp: address, mac, modRevision: fc.bigInt({ min: 1n, max: 4n }) })
  .map(({ subnet: text, publicIp, mac: vtepMac, modRevision }) => ({
    ...{ key: text, subnet: text, ipv6Subnet: null, modRevision, leaseId: null },
    attrs: {
      ...{ publicIp, publicIpv6: null, backendType: "vxlan" },
      backendData: { VNI: 1, VtepMAC: vtepMac },
    },
  }));

interface World {
  readonly leases: readonly Lease[];
  readonly routes: readonly ModelRoute[];
  readonly neighbors: readonly ModelNeighbor[];
  readonly fdb: readonly ModelFdb[];
  readonly directRouting: boolean;
}

const world: fc.Arbitrary<World> = fc.record({
  leases: fc.uniqueArray(lease, { selector: (one) => one.subnet, maxLength: 6 }),
  routes: fc.array(route, { maxLength: 12 }),
  neighbors: fc.uniqueArray(neighbor, { selector: (one) => one.address, maxLength: 5 }),
  fdb: fc.uniqueArray(fdbEntry, { selector: (one) => `${one.mac} ${one.dst}`, maxLength: 6 }),
  directRouting: fc.boolean(),
});

export async function openReconcile(): Promise<Suite> {
  return { name: "reconcile", share: 0.5, laws: [law("mended", world, expectMended)] };
}

function expectMended(given: World): void {
  const plans = plansOf(given);
  const kernel = kernelOf(given);
  const { conflicts, lacking } = compare(plans, kernel);
  const wanted = new Set(plans.flatMap((plan) => plan.routes.map((each) => each.dst)));
  const foreign = kernel.routes.filter((one) => {
    // Where a peer's route has to be, whatever `ip` has put gives way.
    const givesWay = one.protocol === "boot" && one.metric === 0 && wanted.has(one.dst);
    return isForeign(one) && !givesWay;
  });
  const untouched = kernel.neighbors.filter((one) => !one.isPermanent).map(textOf);
  const learned = kernel.fdb.filter((one) => !one.isPermanent);

  mend(kernel, plans, lacking);

  for (const one of conflicts) ok(kernel.routes.includes(one.route), `kept: ${textOf(one)}`);
  for (const one of foreign) ok(kernel.routes.includes(one), `foreign: ${textOf(one)}`);
  // Who lost a route to a removal that could not name it better may find somebody else's there now.
  const barred = new Set([...conflicts, ...compare(plans, kernel).conflicts].map((c) => c.subnet));
  expectStanding(
    plans.filter((plan) => !barred.has(plan.subnet)),
    kernel,
  );
  const wantedAddresses = new Set(plans.flatMap((plan) => plan.neighbors.map((n) => n.address)));
  for (const text of untouched) {
    const { address: at } = JSON.parse(text) as ModelNeighbor;
    const isThere = kernel.neighbors.map(textOf).includes(text);
    ok(isThere || wantedAddresses.has(at), `neighbor: ${text}`);
  }
  const wantedMacs = new Set(plans.flatMap((plan) => plan.fdb.map((entry) => entry.mac)));
  for (const one of learned) ok(kernel.fdb.includes(one) || wantedMacs.has(one.mac), "learned");
  // `ip` cannot say which it means of two routes that differ by a flag: that takes another look.
  for (let look = 1; look < LOOKS_MAX; look++) mend(kernel, plans, compare(plans, kernel).lacking);
  expectQuiet(kernel, plans);
  expectNothingElse(plans, kernel);
}

/** All of each plan is there, and nothing that could be ours beside it. */
function expectStanding(plans: readonly PeerPlan[], kernel: ModelKernel): void {
  for (const plan of plans) {
    for (const one of plan.routes) {
      ok(
        kernel.routes.some((found) => isSameRoute(one, found)),
        `route ${textOf(one)}`,
      );
    }
    for (const one of plan.neighbors) {
      const found = kernel.neighbors.find((each) => each.address === one.address);
      deepStrictEqual({ ...found }, { ...one, isPermanent: true });
    }
    for (const { mac: key, dst: to } of plan.fdb) {
      const found = kernel.fdb.filter((each) => each.mac === key && each.isPermanent);
      deepStrictEqual(
        found.map((each) => each.dst),
        [to],
      );
    }
  }
}

/** Of what only an agent puts, there is nothing that no plan has. */
function expectNothingElse(plans: readonly PeerPlan[], kernel: ModelKernel): void {
  const entries = <T>(pick: (plan: PeerPlan) => readonly T[]): T[] => plans.flatMap(pick);
  const addresses = entries(({ neighbors }) => neighbors.map((one) => one.address));
  const stations = entries(({ fdb }) => fdb.map((one) => `${one.mac} ${one.dst}`));
  const routes = entries((plan) => plan.routes.map((one) => `${one.dst} ${one.via}`));
  for (const one of kernel.neighbors) {
    ok(!one.isPermanent || addresses.includes(one.address), `left: ${textOf(one)}`);
  }
  for (const one of kernel.fdb) {
    ok(!one.isPermanent || stations.includes(`${one.mac} ${one.dst}`), `left: ${textOf(one)}`);
  }
  for (const one of kernel.routes) {
    const isOurs = one.dev === DEV && !isForeign(one);
    ok(!isOurs || routes.includes(`${one.dst} ${one.via}`), `left: ${textOf(one)}`);
  }
}

/** A second look finds nothing to do. */
function expectQuiet(kernel: ModelKernel, plans: readonly PeerPlan[]): void {
  deepStrictEqual(compare(plans, kernel).lacking, []);
  deepStrictEqual(findStale(plans, kernel, SCOPE), []);
  deepStrictEqual(reconcileFdb(plans, kernel.fdb), { missing: [], stale: [] });
}

const SCOPE: Scope = {
  ...{ network: "10.5.0.0/16", subnet: OWN, device: DEV, underlay: "eth0", routes: [] },
};

/** As an agent does it. */
function mend(kernel: ModelKernel, plans: readonly PeerPlan[], lacking: readonly PeerPlan[]): void {
  const fdb = reconcileFdb(plans, kernel.fdb);
  for (const one of lacking.flatMap(({ neighbors }) => neighbors)) kernel.putNeighbor(one);
  for (const one of fdb.missing) kernel.putFdb(one);
  for (const one of fdb.stale) kernel.removeFdb(one);
  for (const one of lacking.flatMap(({ routes }) => routes)) kernel.putRoute(one);
  for (const change of findStale(plans, kernel, SCOPE)) {
    if (change.kind === "route") kernel.removeRoute(change.entry);
    else if (change.kind === "neighbor") kernel.removeNeighbor(change.entry);
  }
  const hit = compare(plans, kernel).lacking; // by a removal that said too little
  for (const one of hit.flatMap(({ routes }) => routes)) kernel.putRoute(one);
}

function plansOf({ leases, directRouting }: World): PeerPlan[] {
  const config: NetworkConfig = {
    ...{ enableIpv4: true, enableIpv6: false, enableNftables: false, ipv6: null },
    ...{ network: "10.5.0.0/16", subnetLen: 24, subnetMin: "10.5.1.0", subnetMax: "10.5.255.0" },
    backend: {
      ...{ type: "vxlan", vni: 1, port: 0, mtu: 0, gbp: false, learning: false, directRouting },
    },
  };
  const own = { subnet: OWN, mac: "02:00:00:00:00:99" };
  const answers = planPeers(backendOf(config, EXTERNAL), leases, own, (to) => to !== FAR);
  return answers.flatMap((answer) => ("reason" in answer ? [] : [answer]));
}

function kernelOf({ routes, neighbors, fdb }: World): ModelKernel {
  const kernel = new ModelKernel(() => "eth0");
  kernel.routes = [...routes];
  kernel.neighbors = [...neighbors];
  kernel.fdb = [...fdb];
  return kernel;
}

/** What could not have been put by an agent, by the words of its documentation. */
function isForeign(one: ModelRoute): boolean {
  if (one.protocol !== "boot" || one.metric !== 0 || one.type !== "unicast") return true;
  const isOutside = !one.dst.startsWith("10.5.") || one.dst.startsWith("10.5.4.");
  const isElsewhere = one.dev === "docker0" && !(one.isOnlink && one.dst.startsWith(`${one.via}/`));
  return isOutside || isElsewhere;
}

function textOf(value: unknown): string {
  return JSON.stringify(value);
}
