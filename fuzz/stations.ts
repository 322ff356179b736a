// The tables around the FDB, in the core and in the model, and how the two are compared.
import { deepStrictEqual, strictEqual } from "node:assert";
import { NodeInfoAt } from "../bindings/core/index.ts";
import { domainLayout } from "../bindings/core/tables/domains.ts";
import { fdbLayout } from "../bindings/core/tables/fdb.ts";
import { portLayout } from "../bindings/core/tables/ports.ts";
import { remoteLayout } from "../bindings/core/tables/remotes.ts";
import type { ModelStation } from "../test/model/fdb.ts";
import { ModelNode, type ModelPort } from "../test/model/node.ts";
import { expectOk, SMALL, type Subject } from "./subject.ts";

const DOMAINS = [
  { index: 0, vni: 5, ageS: 10 },
  { index: 1, vni: 6, ageS: 0 },
];

const REMOTES = [
  { index: 0, address: "192.0.2.10", learnLimit: 0 },
  { index: 1, address: "192.0.2.11", learnLimit: 2 },
  { index: 2, address: "192.0.2.12", learnLimit: 0 },
];

const PORTS = [0, 1, 2];

export function settle(subject: Subject): void {
  for (const one of DOMAINS) expectOk(subject.one("domain_set", domainLayout, one));
  for (const at of PORTS) expectOk(subject.one("port_set", portLayout, portOf(at, 0, false)));
  for (const one of REMOTES) expectOk(subject.one("remote_set", remoteLayout, one));
}

/** The same as a model. */
export function describe(): ModelNode {
  const model = new ModelNode();
  model.fdb.capacity = SMALL.fdb;
  for (const one of DOMAINS) model.domains.set(one.index, one);
  for (const at of PORTS) model.ports.set(at, portOf(at, 0, false));
  for (const one of REMOTES) {
    const rest = { udpPort: 0, flags: [], dstMac: null, srcMac: null, ownAddress: null };
    model.remotes.set(one.index, { ...rest, mtu: 0, ...one });
  }
  return model;
}

/** Ports 0 and 1 are tunnels that learn, into domains 0 and 1. */
export function portOf(index: number, learnLimit: number, isSticky: boolean): ModelPort {
  return {
    index,
    kind: index === 2 ? "ethernet" : "vxlan",
    domain: index === 1 ? 1 : 0,
    mac: null,
    ipv4: null,
    mtu: 0,
    flags: isSticky ? ["learn", "sticky"] : ["learn"],
    vni: index === 1 ? 6 : 5,
    learnLimit,
    localIpv4: null,
    udpPort: 8472,
    ttl: 0,
    tosMode: "fixed",
    tos: 0,
  };
}

/** Every entry that is believed, in the order of domain and MAC. */
export function walk(subject: Subject): ModelStation[] {
  const { twins, node, scratch } = subject;
  const stations: ModelStation[] = [];
  for (let cursor = 0; ; ) {
    cursor = expectOk(twins.call("fdb_next", node, cursor, scratch));
    if (cursor === 0) return stations.sort(inOrder);
    stations.push(subject.told(fdbLayout));
  }
}

export function inOrder(a: ModelStation, b: ModelStation): number {
  return a.domain - b.domain || (a.mac < b.mac ? -1 : 1);
}

/** The same entries, as many as the node says, and as many learned as ports and remotes say. */
export function expectSame(model: ModelNode, subject: Subject): void {
  const { twins, node, scratch } = subject;
  deepStrictEqual(walk(subject), model.fdb.believed().sort(inOrder));
  expectOk(twins.call("node_info", node, scratch));
  strictEqual(twins.view.getUint32(scratch + NodeInfoAt.Fdb, true), model.fdb.entries().length);
  const learned = model.fdb.learned();
  for (const index of model.ports.keys()) {
    expectOk(subject.one("port_get", portLayout.key("index"), { index }));
    const atPort = learned.filter((one) => one.port === index).length;
    strictEqual(subject.told(portLayout).learned, atPort);
  }
  for (const index of model.remotes.keys()) {
    expectOk(subject.one("remote_get", remoteLayout.key("index"), { index }));
    const behind = learned.filter((one) => one.remote === index).length;
    strictEqual(subject.told(remoteLayout).learned, behind);
  }
}
