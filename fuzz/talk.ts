// Frames through tables that change: one that comes out of a tunnel and is learned from, and one
// that goes to everybody.
import { strictEqual } from "node:assert";
import { remoteLayout } from "../bindings/core/tables/remotes.ts";
import type { ModelNode, ModelPort } from "../test/model/node.ts";
import { ethernet, vxlan } from "../test/model/packet.ts";
import { vxlanEncap } from "../test/model/vxlan.ts";
import { expectFates } from "./fate.ts";
import { type Fed, type Feed, HEADROOM_LEN, lay, PACKET_FIRST, run } from "./feed.ts";
import { expectOneOf, freePlaces } from "./registry.ts";
import { named, type Subject } from "./subject.ts";

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
  const fed = run(subject, feed);
  if (port?.kind === "vxlan") expectLesson(told, port, fed, model, subject);
  else strictEqual(named(fed.answer), "BadPort");
}

function expectLesson(
  told: { readonly peer: string; readonly mac: string },
  port: ModelPort,
  { ins, outs }: Fed,
  model: ModelNode,
  subject: Subject,
): void {
  const remote = port.domain === null ? undefined : takeRemote(told.peer, model, subject);
  let expected = "consumed";
  if (port.domain === null) expected = "UnknownVni";
  else if (remote !== undefined) {
    const learned = model.fdb.learn(port.domain, told.mac, { port: port.index, remote });
    if (learned === "Exists") expected = "Pinned";
  }
  strictEqual(ins[0]?.verdict, expected);
  if (expected === "consumed") strictEqual(outs[0]?.desc.remote, remote ?? null);
}

// The remote at `address`: the core chose a place for it if it was new, and had room.
function takeRemote(address: string, model: ModelNode, subject: Subject): number | undefined {
  const known = model.remoteWith(address);
  const found = named(subject.one("remote_find", remoteLayout.key("address"), { address }));
  if (known !== undefined) return expectOneOf(found, [known.index]);
  const places = freePlaces(model);
  const index = expectOneOf(found, places === "NoRoom" ? "NotFound" : places);
  if (index === undefined) return undefined;
  const macs = { dstMac: null, srcMac: null };
  const none = { udpPort: 0, ownAddress: null, learnLimit: 0, mtu: 0, ...macs };
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
  const packet = { bytes, flags: [], ...fields, isInside: () => true };
  if (port?.kind === "vxlan") expectFates(fed, [vxlanEncap(model, port, packet, false)]);
  else strictEqual(named(fed.answer), "BadPort");
}
