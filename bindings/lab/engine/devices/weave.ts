// Weave's router: a port of the weave bridge behind which the other peers are. It learns behind
// whom a MAC lives, as a switch does, and asks nobody.

import { macAt } from "../../packet/bytes.ts";
import type { WeaveSpec } from "../../spec/network.ts";
import { decapFastdp, encapFastdp, shortIdOf } from "../../weave/fastdp.ts";
import { FASTDP_PORT, WEAVE_PORT } from "../../weave/link.ts";
import { decodeSleeve, encapSleeve } from "../../weave/sleeve.ts";
import { askStation, WIRE } from "../asked.ts";
import type { Device } from "../device.ts";
import { dstMacOf, headerLenOf, isGroup, isRunt, srcOf, wholePacketOf } from "../frame.ts";
import { receive } from "../input.ts";
import type { Carried, Stop } from "../journey.ts";
import type { Namespace } from "../namespace.ts";
import { spotOf } from "../spot.ts";
import type { Stations } from "../tables/stations.ts";
import { sendOuter } from "../underlay.ts";

const UDP_LEN = 8;
const EPHEMERAL_MIN = 32768; // net.ipv4.ip_local_port_range
const EPHEMERAL_COUNT = 28232;
const CROSSINGS = 2; // of sleeve: captured into user space, and sent from there

/** Another router: by its name, and where it is. */
interface Peer {
  readonly name: string;
  readonly address: string;
}

function specOf(device: Device): WeaveSpec {
  if (device.spec?.kind === "weave") return device.spec;
  throw new Error(`${device.place} is no weave router`);
}

function stationsOf(device: Device): Stations {
  const stations = device.namespace.stations.get(device.name);
  if (stations === undefined) throw new Error(`${device.place} has no forwarding database`);
  return stations;
}

function peersOf(device: Device): Peer[] {
  return specOf(device).peers.map((text) => {
    const [name = "", address = ""] = text.split(/\s+/);
    return { name, address };
  });
}

export function encapWeave(device: Device, carried: Carried): void {
  const { namespace } = device;
  const stop = namespace.lab.recorder.stop(carried, spotOf(device));
  const stations = stationsOf(device);
  const mac = dstMacOf(carried);
  stop.asked.push(askStation(stations, mac, [WIRE.ipDst]));
  const remote = isGroup(carried) ? null : (stations.find(mac)?.remote ?? null);
  const known = remote === null ? null : namespace.remotes.addressOf(remote);
  const peers = peersOf(device).filter(({ address }) => known === null || address === known);
  const { mode } = specOf(device);
  if (mode === "sleeve") stop.crossings += CROSSINGS;
  const port = mode === "sleeve" ? WEAVE_PORT : FASTDP_PORT;
  if (peers.length === 0) stop.settle("drop-no-fdb", { dev: device.name, mac });
  for (const peer of peers) {
    const packet = wrap(device, carried.bytes, peer);
    sendOuter(namespace, packet, stop, (frame, out) => {
      const lens = { n0: carried.bytes.length, n1: frame.length };
      const heard = known === undefined ? {} : { peer: peer.name };
      const values = { dev: device.name, mac, vtep: peer.address, port, out, ...heard };
      stop.settle("encap-weave", { ...values, ...lens });
    });
  }
}

function wrap(device: Device, frame: Uint8Array, peer: Peer): Uint8Array {
  const { lab } = device.namespace;
  const { mode, local } = specOf(device);
  const link = { sender: device.mac ?? "", target: peer.name, local, remote: peer.address };
  const id = lab.dice.u16();
  if (mode === "sleeve") return encapSleeve(lab.core, link, frame, id);
  const sourcePort = EPHEMERAL_MIN + (hashOf(frame) % EPHEMERAL_COUNT);
  return encapFastdp(link, frame, { sourcePort, id });
}

/** One number for one flow, by its MACs and addresses. */
function hashOf(frame: Uint8Array): number {
  const flow = [...frame.subarray(0, 14), ...frame.subarray(26, 34)];
  return flow.reduce((hash, byte) => (Math.imul(hash, 31) + byte) >>> 0, 7);
}

/** The router that listens at a port. */
export function weaveFor(namespace: Namespace, port: number): Device | undefined {
  return namespace.devices.find(({ spec }) => {
    if (spec?.kind !== "weave") return false;
    return port === (spec.mode === "sleeve" ? WEAVE_PORT : FASTDP_PORT);
  });
}

export function decapWeave(device: Device, carried: Carried, stop: Stop): void {
  const { namespace } = device;
  const { recorder, clock, stepNs } = namespace.lab;
  const packet = wholePacketOf(carried) ?? new Uint8Array();
  const src = srcOf(packet);
  const peer = peersOf(device).find(({ address }) => address === src);
  const { mode } = specOf(device);
  const dev = device.name;
  const frames = unwrap(device, packet.subarray(headerLenOf(packet) + UDP_LEN), peer);
  if (peer === undefined || frames === null) {
    stop.settle(peer === undefined ? "drop-peer" : "drop-malformed", {
      host: namespace.name,
      dev,
      src,
    });
    return;
  }
  if (mode === "sleeve") stop.crossings += CROSSINGS;
  stop.outDevice = dev;
  stop.milestone = "entered-host";
  const port = mode === "sleeve" ? WEAVE_PORT : FASTDP_PORT;
  const n1 = frames[0]?.length ?? 0;
  stop.settle("decap", { dev, port, n0: carried.bytes.length, n1 });
  const remote = namespace.remotes.indexOf(src);
  for (const frame of frames) {
    recorder.during(stop, () => {
      stationsOf(device).set({
        mac: macAt(frame, 6),
        port: device.port,
        remote,
        flags: ["learned"],
      });
    });
    const onward = stop.leave(frame, "ethernet");
    clock.after(stepNs, () => receive(device, onward));
  }
}

/** The frames inside; null for what is none, or comes from somebody else. */
function unwrap(device: Device, datagram: Uint8Array, peer: Peer | undefined): Uint8Array[] | null {
  if (specOf(device).mode === "sleeve") {
    const message = decodeSleeve(datagram);
    if (message === null || message.sender !== peer?.name) return null;
    const frames = message.frames.map(({ frame }) => frame.slice());
    return frames.some((bytes) => isRunt({ bytes, link: "ethernet" })) ? null : frames;
  }
  const inner = decapFastdp(device.namespace.lab.core, datagram);
  if (inner === null || peer === undefined || inner.sourceId !== shortIdOf(peer.name)) return null;
  const frame = inner.frame.slice();
  return isRunt({ bytes: frame, link: "ethernet" }) ? null : [frame];
}
