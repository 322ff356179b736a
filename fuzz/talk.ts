// Frames through tables that change: one that comes out of a tunnel and is learned from, and one
// that goes to everybody.
import { strictEqual } from "node:assert";
import type { ModelNode } from "../test/model/node.ts";
import { ethernet, vxlan } from "../test/model/packet.ts";
import { vxlanEncap } from "../test/model/vxlan.ts";
import { expectFates } from "./fate.ts";
import { type Feed, HEADROOM_LEN, lay, PACKET_FIRST, run } from "./feed.ts";
import { freePlaces } from "./registry.ts";
import type { Subject } from "./subject.ts";
import { remoteLayout } from "../bindings/core/tables/remotes.ts";
import { named } from "./subject.ts";

const TYPE = 0x88cc; // neither IP nor ARP

function frameFrom(src: string): Uint8Array {
  return ethernet({ dst: "ff:ff:ff:ff:ff:ff", src, etherType: TYPE }, new Uint8Array(4));
}

function put(subject: Subject, bytes: Uint8Array): { ptr: number; len: number } {
  const ptr = subject.slot(PACKET_FIRST) + HEADROOM_LEN;
  subject.twins.write(ptr, bytes);
  return { ptr, len: bytes.length };
}

/** A frame from `mac` comes from `peer`, who need not be known. */
export function learn(
  told: { readonly port: number; readonly peer: string; readonly mac: string },
  model: ModelNode,
  subject: Subject,
): void {
  const port = model.ports.get(told.port);
  const bytes = vxlan({ vni: port?.vni ?? 0 }, frameFrom(told.mac));
  const packets = [{ ...put(subject, bytes), peer: told.peer }];
  const feed: Feed = { element: "vxlan_decap_burst", port: told.port, nowMs: 0, packets };
  lay(subject, feed);
  const { answer, ins, outs } = run(subject, feed);
  if (port?.kind !== "vxlan") return strictEqual(named(answer), "BadPort");
  const verdict = ins[0]?.verdict;
  if (port.domain === null) return strictEqual(verdict, "UnknownVni");
  const remote = takeRemote(told.peer, model, subject);
  if (verdict === "consumed") strictEqual(outs[0]?.desc.remote, remote);
  if (remote === null) return strictEqual(verdict, "consumed");
  const learned = model.fdb.learn(port.domain, told.mac, { port: told.port, remote });
  strictEqual(verdict, learned === "Exists" ? "Pinned" : "consumed");
}

// The remote at `address`: the core chose a place for it if it was new.
function takeRemote(address: string, model: ModelNode, subject: Subject): number | null {
  const known = model.remoteWith(address);
  const found = named(subject.one("remote_find", remoteLayout.key("address"), { address }));
  if (known !== undefined) {
    strictEqual(found, known.index);
    return known.index;
  }
  const places = freePlaces(model);
  if (typeof places === "string") {
    strictEqual(found, "NotFound");
    return null;
  }
  const index = Number(found);
  if (!places.includes(index)) throw new Error(`${found}, not one of ${places.join(" ")}`);
  model.remotes.delete(index);
  const none = { udpPort: 0, dstMac: null, srcMac: null, ownAddress: null, learnLimit: 0 };
  model.remotes.set(index, { index, address, flags: ["learned"], ...none });
  return index;
}

/** A frame to everybody goes to the flood list, in the order of setting. */
export function send(
  told: { readonly port: number; readonly mac: string },
  model: ModelNode,
  subject: Subject,
): void {
  const bytes = frameFrom(told.mac);
  const fields = { port: null, remote: null, peer: null, vni: 0, tos: 0, gsoSize: 0 };
  const packets = [{ ...put(subject, bytes), ...fields }];
  const feed: Feed = { element: "vxlan_encap_burst", port: told.port, nowMs: 0, packets };
  lay(subject, feed);
  const fed = run(subject, feed);
  const port = model.ports.get(told.port);
  if (port?.kind !== "vxlan") return strictEqual(named(fed.answer), "BadPort");
  const packet = { bytes, flags: [], ...fields, isInside: () => true };
  expectFates(fed, [vxlanEncap(model, port, packet, false)]);
}
