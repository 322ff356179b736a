// A packet that came in by a device, through the core's router.
import { askNeighbor, askRoute } from "./asked.ts";
import type { Device } from "./device.ts";
import type { Outcome, Passed as Piece } from "./element.ts";
import type { Crossing } from "./firewall.ts";
import { dstMacOf, dstOf, packetOf, srcOf, ttlOf } from "./frame.ts";
import { type Passed, passOut, passOwn, passRules } from "./hooks.ts";
import type { Carried, Stop, Values } from "./journey.ts";
import { asLinuxSays } from "./linux-error.ts";
import { reasonOf } from "./reason.ts";
import { route } from "./router.ts";
import { routingSpot, spotOf } from "./spot.ts";
import { transmit } from "./transmit.ts";

/** Routes what came in; `local` hears whether it is for this namespace itself. */
export function forward(device: Device, entered: Passed, local: (isLocal: boolean) => void): void {
  const { namespace } = device;
  const { bytes, link } = entered.carried;
  if (!mayForward(device, entered)) return;
  route({
    namespace,
    pushed: { bytes, link, port: device.port },
    stop: entered.stop,
    done: (outcome) => {
      const { verdict } = outcome.desc;
      if (verdict === "consumed") leave(device, entered, outcome);
      else if (verdict !== "forUs") refuse(device, entered.carried, entered.stop, outcome);
      local(verdict === "forUs");
    },
  });
}

// Rules are asked where the routes lead on; who has no route, or no TTL, meets none.
function mayForward({ namespace }: Device, { carried, stop, crossing }: Passed): boolean {
  const packet = packetOf(carried);
  if (crossing === null || ttlOf(packet) <= 1) return true;
  const egress = namespace.routes.find(dstOf(packet))?.entry?.device ?? null;
  if (egress === null) return true;
  return passRules(namespace, crossing, "FORWARD", { packet, out: egress.name }, stop);
}

function leave(device: Device, { carried, stop, crossing }: Passed, { outs }: Outcome): void {
  const { namespace } = device;
  const onward = outs.filter(({ desc }) => !desc.flags.includes("originated"));
  const [first] = onward;
  const egress = namespace.byPort(first?.desc.port ?? -1);
  if (first === undefined || egress === undefined) throw new Error("a packet left by no device");
  const packet = packetOf(carried);
  const dst = dstOf(packet);
  stop.spot = routingSpot(device, egress);
  stop.outDevice = egress.name;
  stop.asked.push(askRoute(namespace, dst));
  const gateway = namespace.routes.find(dst)?.entry?.words.gateway ?? null;
  if (egress.hasFrames) {
    stop.asked.push(askNeighbor(egress, gateway ?? dst, stop));
  }
  stop.settle("route", {
    host: namespace.name,
    prefix: namespace.routes.find(dst)?.prefix ?? "",
    dst,
    dev: egress.name,
    ...(gateway !== null && { nh: gateway }),
    ttl0: ttlOf(packet),
    ttl1: ttlOf(packetOf(first)),
    // Back out by where it came in: Linux would tell the sender of the nearer router.
    ...(egress === device && { redirect: gateway ?? dst }),
  });
  if (egress.kind === "nic") stop.milestone = "left-host";
  else if (device.kind === "nic") stop.milestone ??= "entered-host";
  sendAll(egress, stop, onward, crossing);
}

/** Sends what the router made of a packet: it, or its fragments. */
export function sendAll(
  egress: Device,
  stop: Stop,
  outs: readonly Piece[],
  crossing: Crossing | null,
): void {
  for (const { bytes, link } of outs) {
    const left = passOut(egress, stop.leave(bytes, link), crossing);
    if (left !== null) transmit(egress, left);
  }
}

function refuse(device: Device, carried: Carried, stop: Stop, { desc, outs }: Outcome): void {
  const { namespace } = device;
  const packet = packetOf(carried);
  const reason = reasonOf(desc.verdict);
  const isFrame = carried.link === "ethernet";
  const values: Values = { host: namespace.name, dev: device.name, reason: desc.verdict };
  if (isFrame) values.mac = dstMacOf(carried);
  if (reason !== "drop-mac" && packet.length >= 20) {
    Object.assign(values, { src: srcOf(packet), dst: dstOf(packet) });
    explain(device, stop, dstOf(packet), values);
  }
  if (reason === "drop-mtu") values.n = packet.length;
  stop.settle(reason, values);
  for (const out of outs) report(device, out, stop);
}

// Which rows a refusal came from.
function explain(device: Device, stop: Stop, dst: string, values: Values): void {
  const { namespace } = device;
  stop.asked.push(askRoute(namespace, dst));
  const entry = namespace.routes.find(dst)?.entry ?? null;
  const egress = entry?.device ?? null;
  if (egress === null) return;
  const next = entry?.words.gateway ?? dst;
  Object.assign(values, { dev: egress.name, ip: next, mtu: entry?.words.mtu ?? egress.mtu });
  if (egress.hasFrames) stop.asked.push(askNeighbor(egress, next, stop));
}

/** Sends what the core tells the sender of a packet that goes no further. */
export function report(device: Device, { bytes: made, link }: Piece, stop: Stop): void {
  const { recorder } = device.namespace.lab;
  const bytes = asLinuxSays(made, link, stop.verdict === "drop-no-neigh");
  const carried = recorder.depart(bytes, link, { line: "side", because: stop.ref });
  const { namespace } = device;
  const passed = passOwn(namespace, carried, recorder.stop(carried, spotOf(device), true));
  if (passed === null) return;
  const packet = packetOf(passed.carried);
  const [type, code] = [packet[20] ?? 0, packet[21] ?? 0];
  const src = dstOf(packet);
  passed.stop.settle("icmp-error", { host: namespace.name, type: `ICMP ${type}/${code}`, src });
  transmit(device, passed.stop.leave(passed.carried.bytes, link));
}
