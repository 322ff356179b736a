// Packets of a namespace's own: what its programs and its kernel send.
import type { HopRef, Sending } from "../stack.ts";
import { askNeighbor, askRoute } from "./asked.ts";
import { deliver } from "./deliver.ts";
import type { Device } from "./device.ts";
import type { Outcome } from "./element.ts";
import { sendAll } from "./forward.ts";
import { dstMacOf, dstOf, isRunt, srcOf, ttlOf } from "./frame.ts";
import { type Passed, passOwn } from "./hooks.ts";
import type { Carried, Stop, Values } from "./journey.ts";
import type { Namespace } from "./namespace.ts";
import { reasonOf } from "./reason.ts";
import { route } from "./router.ts";
import { ownSpot, spotOf } from "./spot.ts";
import { transmit } from "./transmit.ts";

/** Sends a whole packet of the namespace's own. */
export function sendOwn(namespace: Namespace, packet: Uint8Array, sending: Sending): void {
  const { recorder } = namespace.lab;
  const made = recorder.depart(packet, "ipv4", sending);
  const first = recorder.stop(made, ownSpot(namespace), true);
  if (sending.app !== "kernel") first.crossings++;
  first.milestone = "sent";
  const entered = passOwn(namespace, made, first);
  if (entered === null) return;
  const { bytes } = entered.carried;
  if (isLoopback(dstOf(bytes))) {
    loopBack(namespace, entered, sending.app);
    return;
  }
  route({
    namespace,
    pushed: { bytes, link: "ipv4", port: null },
    stop: entered.stop,
    done: (outcome) => {
      const { verdict } = outcome.desc;
      if (verdict === "consumed") leave(namespace, entered, outcome, sending);
      else if (verdict === "forUs") loopBack(namespace, entered, sending.app);
      else refuse(namespace, entered.carried, entered.stop, outcome);
    },
  });
}

function isLoopback(address: string): boolean {
  return address.startsWith("127.");
}

function leave(
  namespace: Namespace,
  { carried, stop, crossing }: Passed,
  { outs }: Outcome,
  sending: Sending,
): void {
  const [first] = outs;
  const egress = namespace.byPort(first?.desc.port ?? -1);
  if (first === undefined || egress === undefined) throw new Error("a packet left by no device");
  const dst = dstOf(carried.bytes);
  const gateway = namespace.routes.find(dst)?.entry?.words.gateway ?? null;
  stop.spot = spotOf(egress);
  stop.asked.push(askRoute(namespace, dst));
  const values: Values = { app: sending.app, host: namespace.name, dst, dev: egress.name };
  if (egress.hasFrames) {
    stop.asked.push(askNeighbor(egress, gateway ?? dst, stop));
    if (egress.network !== null) values.net = egress.network;
    values.mac = dstMacOf(first);
  } else values.prefix = namespace.routes.find(dst)?.prefix ?? "";
  if (gateway !== null) Object.assign(values, { gw: gateway, nh: gateway });
  settle(namespace, stop, values, sending.because);
  sendAll(egress, stop, outs, crossing);
}

function settle(namespace: Namespace, stop: Stop, values: Values, because: HopRef | null): void {
  const { kind, label, to } = stop.journey.description;
  if (kind === "icmp-error") {
    stop.settle("icmp-error", { host: namespace.name, type: label, src: to });
  } else if (because !== null) stop.settle("reply", { ...values, ttl: ttlOf(stop.packet) });
  else stop.settle(values.gw === undefined ? "send-local" : "send", values);
}

/** What a namespace sends to itself goes by `lo`. */
function loopBack(namespace: Namespace, entered: Passed, app: string): void {
  const { carried, stop } = entered;
  const lo = namespace.deviceOr("lo");
  stop.spot = spotOf(lo);
  const dst = dstOf(carried.bytes);
  const values = { app, host: namespace.name, dst, dev: lo.name };
  settle(namespace, stop, values, carried.journey.because);
  const onward = stop.leave(carried.bytes, "ipv4");
  const { recorder, clock } = namespace.lab;
  recorder.see(onward, { place: lo.place, direction: "out" });
  clock.after(lo.namespace.lab.stepNs, () => {
    recorder.see(onward, { place: lo.place, direction: "in" });
    deliver(lo, { ...entered, carried: onward, stop: recorder.stop(onward, spotOf(lo)) });
  });
}

function refuse(namespace: Namespace, carried: Carried, stop: Stop, { desc }: Outcome): void {
  const packet = carried.bytes;
  const [src, dst] = [srcOf(packet), dstOf(packet)];
  const reason = reasonOf(desc.verdict);
  const entry = namespace.routes.find(dst)?.entry ?? null;
  stop.asked.push(askRoute(namespace, dst));
  const device = entry?.device ?? null;
  const ip = entry?.words.gateway ?? dst;
  const values: Values = { host: namespace.name, src, dst, dev: device?.name ?? "", ip };
  values.reason = desc.verdict;
  if (device?.hasFrames) stop.asked.push(askNeighbor(device, ip, stop));
  if (reason === "drop-mtu") {
    Object.assign(values, { n: packet.length, mtu: entry?.words.mtu ?? device?.mtu ?? 0 });
  }
  stop.settle(reason, values);
  namespace.programs?.failed(packet, FAILURES[reason] ?? "net-unreachable");
}

const FAILURES: Partial<Record<string, "host-unreachable" | "too-big">> = {
  "drop-no-neigh": "host-unreachable",
  "drop-mtu": "too-big",
};

/** Sends a frame as a program had written it to a device's socket, which takes no runt. */
export function sendFrame(device: Device, frame: Uint8Array): void {
  const { recorder } = device.namespace.lab;
  if (isRunt({ bytes: frame, link: "ethernet" })) {
    throw new RangeError(
      `${device.place} sends no frame of ${frame.length} bytes: a header has 14`,
    );
  }
  const carried = recorder.depart(frame, "ethernet", { line: "main", because: null });
  const stop = recorder.stop(carried, spotOf(device), true);
  stop.crossings++;
  stop.milestone = "sent";
  const { network, name } = device;
  const dst = carried.journey.description.to;
  stop.settle("send-local", { dst, net: network ?? name, mac: dstMacOf(carried) });
  transmit(device, stop.leave(frame, "ethernet"));
}
