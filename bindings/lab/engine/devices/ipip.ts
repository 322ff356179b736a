// IP in IP: the route's next hop is where the outer packet goes.
import { askRoute, WIRE } from "../asked.ts";
import type { Device } from "../device.ts";
import { dstOf, packetOf, srcOf } from "../frame.ts";
import { receive } from "../input.ts";
import type { Carried, Stop } from "../journey.ts";
import type { Namespace } from "../namespace.ts";
import { reasonOf } from "../reason.ts";
import { spotOf } from "../spot.ts";
import { sendOuter } from "../underlay.ts";

const ETHERNET_LEN = 14;

export function encapIpip(device: Device, carried: Carried): void {
  const { namespace } = device;
  const stop = namespace.lab.recorder.stop(carried, spotOf(device));
  const { bytes, link } = carried;
  // The router has taken its one off the TTL, or it is our own: either way no more is due.
  const pushed = { bytes, link, port: device.port, isOriginated: true };
  const { desc, outs } = namespace.elements.run("ipip_encap_frame_burst", pushed, device.port);
  const dst = dstOf(bytes);
  stop.asked.push(askRoute(namespace, dst, [WIRE.ipDst]));
  const [wrapped] = outs.filter(({ link: kind }) => kind === "ethernet");
  if (desc.verdict !== "consumed" || wrapped === undefined) {
    const values = { host: namespace.name, dev: device.name, src: srcOf(bytes), dst };
    stop.settle(reasonOf(desc.verdict), {
      ...values,
      n: bytes.length,
      mtu: device.mtu,
      reason: desc.verdict,
    });
    return;
  }
  const nh = namespace.routes.find(dst)?.entry?.words.gateway ?? dst;
  const packet = wrapped.bytes.slice(ETHERNET_LEN);
  sendOuter(namespace, packet, stop, (frame, out) => {
    const lens = { n0: bytes.length, n1: frame.length };
    stop.settle("encap-ipip", { dev: device.name, nh, vtep: nh, out, ...lens });
  });
}

/** The tunnel that takes packets of protocol 4 here. */
export function ipipFor(namespace: Namespace): Device | undefined {
  return namespace.devices.find(({ kind, isUp }) => kind === "ipip" && isUp);
}

export function decapIpip(device: Device, carried: Carried, stop: Stop): void {
  const { namespace } = device;
  const { clock, stepNs } = namespace.lab;
  const { bytes, link } = carried;
  const pushed = { bytes, link, port: null };
  const { desc, outs } = namespace.elements.run("ipip_decap_frame_burst", pushed, device.port);
  const dev = device.name;
  const [inner] = outs;
  if (inner === undefined) {
    const src = srcOf(packetOf(carried));
    stop.settle(reasonOf(desc.verdict), { host: namespace.name, dev, src, reason: desc.verdict });
    return;
  }
  stop.outDevice = dev;
  stop.milestone = "entered-host";
  stop.settle("decap", { dev, n0: bytes.length, n1: inner.bytes.length });
  const onward = stop.leave(inner.bytes, "ipv4");
  clock.after(stepNs, () => receive(device, onward));
}
