// Two namespaces on one link: an agent's node, and one that is programmed by hand exactly as
// flannel leaves it.

import assert from "node:assert/strict";
import type { InterfaceWish } from "../../../bindings/node/agent/interface.ts";
import { join, type Namespace, openNamespace } from "../namespace.ts";
import type { NodeInit } from "./node.inside.ts";
import { until } from "./until.ts";

const INSIDE = new URL("./node.inside.js", import.meta.url);

/** The device that `join` made. */
export const WISH: InterfaceWish = {
  ...{ interfaces: ["veth0"], interfacePatterns: [], canReach: "", publicIp: "" },
};

/** For `until`: less than an agent waits between two looks that nothing asked for. */
export const SOON: { readonly ms: number } = { ms: 8000 };

export const DEV = "flannel.1";
export const OWN = "10.5.72.0/24";
export const OWN_IP = "192.168.64.1";
export const PEER = "10.5.90.0/24";
export const PEER_IP = "192.168.64.2";
export const PEER_MAC = "02:00:00:00:00:90";

type Json = Record<string, unknown>;

export interface Site {
  readonly host: Namespace;
  readonly peer: Namespace;
  /** Gives what the lease of the node says. */
  start(init: Omit<NodeInit, "subnet">): Promise<{ backendData?: { VtepMAC: string } }>;
  call<T>(name: string, ...args: unknown[]): Promise<T>;
  /** `ip -j ARGS` on the host, parsed. */
  show(...args: string[]): Promise<Json[]>;
  fdb(): Promise<Json[]>;
  /** Waits until the node's peers are these, with their states and reasons. */
  peersAre(expected: readonly Json[]): Promise<unknown>;
  close(): Promise<void>;
}

export async function openSite(label: string): Promise<Site> {
  const host = await openNamespace(label);
  const peer = await openNamespace(`${label}-peer`);
  await join(host, `${OWN_IP}/24`, peer, `${PEER_IP}/24`);
  return {
    host,
    peer,
    start: (init) => host.call(INSIDE, "start", { subnet: OWN, ...init }),
    call: (name, ...args) => host.call(INSIDE, name, ...args),
    show: async (...args) => JSON.parse((await host.ip("-j", ...args)) || "[]"),
    fdb: async () => JSON.parse(await host.run("bridge", "-j", "fdb", "show", "dev", DEV)),
    peersAre: (expected) =>
      until("the peers", async () => {
        const { peers } = await host.call<{ peers: unknown }>(INSIDE, "peers");
        assert.deepEqual(peers, expected);
        return true;
      }),
    close: async () => {
      await host.close();
      await peer.close();
    },
  };
}

/** What flannel leaves behind on its node, for one whose device has this MAC. */
export async function programByHand({ peer }: Site, mac: string): Promise<void> {
  const device = ["link", "add", "name", DEV, "address", PEER_MAC, "mtu", "1450"];
  const tunnel = ["type", "vxlan", "id", "1", "dev", "veth0", "local", PEER_IP];
  await peer.ip(...device, ...tunnel, "dstport", "8472", "nolearning");
  await peer.ip("address", "add", "10.5.90.0/32", "dev", DEV);
  await peer.ip("link", "set", DEV, "up");
  await peer.ip("neighbor", "replace", "10.5.72.0", "lladdr", mac, "nud", "permanent", "dev", DEV);
  await peer.run("bridge", "fdb", "replace", mac, "dev", DEV, "dst", OWN_IP, "self");
  await peer.ip("route", "replace", OWN, "via", "10.5.72.0", "dev", DEV, "onlink");
}
