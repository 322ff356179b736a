// flannel's UDP backend: packets rise through a TUN to flanneld and fall back through a socket, and
// the other way round. Each border between kernel and user is one crossing.
import type { TunSpec } from "../../spec/network.ts";
import type { Device } from "../device.ts";
import type { Outcome } from "../element.ts";
import { dstOf, packetOf, srcOf } from "../frame.ts";
import { receive } from "../input.ts";
import type { Carried, Spot, Stop } from "../journey.ts";
import type { Namespace } from "../namespace.ts";
import { reasonOf } from "../reason.ts";
import { spotOf } from "../spot.ts";
import { sendOuter } from "../underlay.ts";
import { FLANNEL_PORT, type Flanneld } from "./flanneld.ts";

const ETHERNET_LEN = 14;
const DAEMON = "flanneld";

function specOf(device: Device): TunSpec {
  if (device.spec?.kind === "tun") return device.spec;
  throw new Error(`${device.place} is no TUN`);
}

function daemonOf(device: Device): Flanneld {
  const daemon = device.namespace.daemons.get(device.name);
  if (daemon === undefined) throw new Error(`nobody reads ${device.place}`);
  return daemon;
}

function userSpot(device: Device): Spot {
  return { ...spotOf(device), device: DAEMON, plane: "user" };
}

/** What the kernel sends by the TUN: flanneld reads it. */
export function riseTun(device: Device, carried: Carried): void {
  const { recorder, clock, stepNs } = device.namespace.lab;
  const stop = recorder.stop(carried, spotOf(device));
  stop.crossings++;
  stop.outDevice = DAEMON;
  stop.settle("tun-up", { tun: device.name });
  const onward = stop.leave(carried.bytes, carried.link);
  clock.after(stepNs, () => encapUdp(device, onward));
}

function encapUdp(device: Device, carried: Carried): void {
  const { namespace } = device;
  const { recorder } = namespace.lab;
  const daemon = daemonOf(device);
  const stop = recorder.stop(carried, userSpot(device));
  const { bytes, link } = carried;
  const { asked, lease } = daemon.look(dstOf(bytes));
  stop.asked.push(asked);
  const pushed = { bytes, link, port: daemon.port };
  const outcome = daemon.elements.run("udp_encap_frame_burst", pushed, daemon.port);
  if (lease !== null) recorder.during(stop, () => daemon.remember(lease));
  const [wrapped] = outcome.outs.filter(({ link: kind }) => kind === "ethernet");
  if (wrapped === undefined || lease === null) {
    refuse(device, carried, stop, outcome);
    return;
  }
  stop.crossings++;
  const packet = wrapped.bytes.slice(ETHERNET_LEN);
  const { port = FLANNEL_PORT } = specOf(device);
  sendOuter(namespace, packet, stop, (frame, out) => {
    const lens = { n0: bytes.length, n1: frame.length };
    const { subnet, owner: vtep } = lease;
    stop.settle("encap-udp", { subnet, vtep, port, dev: DAEMON, out, ...lens });
  });
}

// flanneld may write an ICMP error to the TUN; whether its kernel takes it is another question.
function refuse(device: Device, carried: Carried, stop: Stop, { desc, outs }: Outcome): void {
  const { bytes } = carried;
  const reason = reasonOf(desc.verdict);
  const isQuiet = outs.length === 0;
  const ends = { src: srcOf(bytes), dst: dstOf(bytes) };
  const values = { host: DAEMON, dev: DAEMON, ...ends, reason: desc.verdict };
  const mtu = { n: bytes.length, mtu: device.mtu };
  if (reason === "drop-ttl" && isQuiet) stop.settle("drop-ttl-quiet", values);
  else if (reason === "drop-mtu" && isQuiet) stop.settle("drop-mtu-quiet", { ...values, ...mtu });
  else stop.settle(reason, { ...values, ...mtu });
  const { recorder } = device.namespace.lab;
  for (const { bytes: error, link } of outs) {
    const told = recorder.depart(error, link, { line: "side", because: stop.ref });
    const own = recorder.stop(told, userSpot(device), true);
    const { label, to: src } = told.journey.description;
    own.settle("icmp-error", { host: DAEMON, type: label, src });
    fallTun(device, own.leave(error, link));
  }
}

/** What flanneld writes to the TUN comes in by it. */
function fallTun(device: Device, carried: Carried): void {
  const { recorder, clock, stepNs } = device.namespace.lab;
  clock.after(stepNs, () => {
    const stop = recorder.stop(carried, userSpot(device));
    stop.crossings++;
    stop.outDevice = device.name;
    stop.settle("tun-down", { tun: device.name });
    const onward = stop.leave(carried.bytes, "ipv4");
    clock.after(stepNs, () => receive(device, onward));
  });
}

/** The TUN whose flanneld listens at a port. */
export function tunFor(namespace: Namespace, port: number): Device | undefined {
  return namespace.devices.find(
    ({ spec }) => spec?.kind === "tun" && (spec.port ?? FLANNEL_PORT) === port,
  );
}

export function decapUdp(device: Device, carried: Carried, stop: Stop): void {
  const { bytes, link } = carried;
  const daemon = daemonOf(device);
  const pushed = { bytes, link, port: null };
  const { desc, outs } = daemon.elements.run("udp_decap_frame_burst", pushed, daemon.port);
  const [inner] = outs;
  stop.crossings++;
  if (inner === undefined) {
    const reason = reasonOf(desc.verdict);
    const src = srcOf(packetOf(carried));
    const values = { host: DAEMON, dev: DAEMON, src, reason: desc.verdict };
    stop.settle(reason === "drop-ttl" ? "drop-ttl-quiet" : reason, values);
    return;
  }
  stop.outDevice = DAEMON;
  stop.milestone = "entered-host";
  const { port = FLANNEL_PORT } = specOf(device);
  stop.settle("decap", { dev: DAEMON, port, n0: bytes.length, n1: inner.bytes.length });
  fallTun(device, stop.leave(inner.bytes, "ipv4"));
}
