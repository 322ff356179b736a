// VTEPs. A frame that leaves by one is wrapped by the core and sent by the namespace of the socket,
// which need not be the device's own.

import { viewOf } from "../../packet/bytes.ts";
import type { VxlanSpec } from "../../spec/network.ts";
import { emitAnswer } from "../arp.ts";
import { askNeighbor, askStation, WIRE } from "../asked.ts";
import type { Device } from "../device.ts";
import type { Outcome } from "../element.ts";
import { arpTargetOf, dstMacOf, isArp, isCutArp, packetOf, srcMacOf, srcOf } from "../frame.ts";
import { receive } from "../input.ts";
import type { Carried, Stop, Values } from "../journey.ts";
import type { Namespace } from "../namespace.ts";
import { reasonOf } from "../reason.ts";
import { spotOf } from "../spot.ts";
import type { Stations } from "../tables/stations.ts";
import { sendOuter } from "../underlay.ts";

export const VXLAN_PORT = 8472;

const ETHERNET_LEN = 14;
const VNI_AT = 12; // behind the UDP header's first byte

export function specOf(device: Device): VxlanSpec {
  if (device.spec?.kind === "vxlan") return device.spec;
  throw new Error(`${device.place} is no VTEP`);
}

function stationsOf(device: Device): Stations {
  const stations = device.namespace.stations.get(device.name);
  if (stations === undefined) throw new Error(`${device.place} has no forwarding database`);
  return stations;
}

/** Where its socket is. */
function socketOf(device: Device): Namespace {
  const { lab } = device.namespace;
  const name = specOf(device).socketIn;
  return name === undefined ? device.namespace : lab.namespace(name);
}

export function encapVxlan(device: Device, carried: Carried): void {
  const { namespace } = device;
  const { recorder } = namespace.lab;
  const stop = recorder.stop(carried, spotOf(device));
  const { bytes, link, remote } = carried;
  const pushed = { bytes, link, port: device.port, ...(remote !== undefined && { remote }) };
  const outcome = namespace.elements.run("vxlan_encap_frame_burst", pushed, device.port);
  if (specOf(device).isProxy && isArp(carried) && !isCutArp(carried)) {
    answerArp(device, carried, stop, outcome);
    return;
  }
  const mac = dstMacOf(carried);
  stop.asked.push(askStation(stationsOf(device), mac, [WIRE.ipDst]));
  if (outcome.desc.verdict !== "consumed") {
    refuse(device, carried, stop, outcome);
    return;
  }
  const { port = VXLAN_PORT, vni } = specOf(device);
  const values: Values = { dev: device.name, mac, n0: bytes.length, port, vni };
  for (const { bytes: outer, desc } of outcome.outs) {
    const packet = outer.slice(ETHERNET_LEN);
    sendOuter(socketOf(device), packet, stop, (frame, out) => {
      const vtep = desc.peer ?? "";
      stop.settle("encap-vxlan", { ...values, vtep, out, n1: frame.length });
    });
  }
}

function refuse(device: Device, carried: Carried, stop: Stop, { desc }: Outcome): void {
  const mac = dstMacOf(carried);
  const reason = reasonOf(desc.verdict);
  const isMiss = reason === "drop-no-fdb" && specOf(device).hasL2miss;
  if (isMiss) stop.said.push(`miss dev ${device.name} lladdr ${mac} STALE`);
  const { length: n } = packetOf(carried);
  const at = { dev: device.name, host: device.namespace.name, mtu: device.mtu };
  const values = { ...at, mac, n, reason: desc.verdict };
  stop.settle(reason === "drop-mtu" ? "drop-mtu-quiet" : reason, values);
}

function answerArp(device: Device, carried: Carried, stop: Stop, { outs }: Outcome): void {
  const ip = arpTargetOf(carried);
  const values = { dev: device.name, ip };
  stop.asked.push(askNeighbor(device, ip, stop, ["arp.senderMac"]));
  const [answer] = outs;
  if (answer === undefined) {
    if (specOf(device).hasL3miss) stop.said.push(`miss ${ip} dev ${device.name} STALE`);
    stop.settle("arp-swallow", values);
    return;
  }
  stop.settle("arp-proxy", { ...values, mac: srcMacOf(answer) });
  const { lab } = device.namespace;
  const reply = emitAnswer(device, answer.bytes, stop, "arp-proxy");
  reply.from?.asked.push(askNeighbor(device, ip, stop, ["eth.src", "arp.senderMac"]));
  lab.clock.after(lab.stepNs, () => receive(device, reply));
}

/** The VTEP whose socket takes a datagram to `port`; of several the one with its VNI. */
export function vxlanFor(namespace: Namespace, carried: Carried, port: number): Device | undefined {
  const own = namespace.lab.vteps.filter(
    (device) => socketOf(device) === namespace && (specOf(device).port ?? VXLAN_PORT) === port,
  );
  const vni = vniOf(carried);
  return own.find((device) => specOf(device).vni === vni) ?? own[0];
}

function vniOf(carried: Carried): number {
  const packet = packetOf(carried);
  const at = ((packet[0] ?? 0) & 0xf) * 4 + VNI_AT;
  return packet.length < at + 4 ? -1 : viewOf(packet).getUint32(at) >>> 8;
}

export function decapVxlan(device: Device, carried: Carried, stop: Stop): void {
  const { namespace } = device;
  const { recorder, clock, stepNs } = namespace.lab;
  const { bytes, link } = carried;
  const pushed = { bytes, link, port: null };
  const { desc, outs } = recorder.during(stop, () => {
    const outcome = namespace.elements.run("vxlan_decap_frame_burst", pushed, device.port);
    const [inner] = outcome.outs;
    if (inner !== undefined) stationsOf(device).refresh(srcMacOf(inner));
    return outcome;
  });
  const { vni, port = VXLAN_PORT } = specOf(device);
  const dev = device.name;
  const [inner] = outs;
  if (inner === undefined) {
    const src = srcOf(packetOf(carried));
    const values = { dev, host: namespace.name, src, a: vniOf(carried), b: vni };
    stop.settle(reasonOf(desc.verdict), { ...values, reason: desc.verdict });
    return;
  }
  stop.outDevice = dev;
  stop.milestone = "entered-host";
  const n1 = inner.bytes.length;
  stop.settle("decap", { dev, port, vni, n0: bytes.length, n1 });
  const onward = stop.leave(inner.bytes, "ethernet");
  const remote = inner.desc.remote;
  const entered = remote === null ? onward : { ...onward, remote };
  clock.after(stepNs, () => receive(device, entered));
}
