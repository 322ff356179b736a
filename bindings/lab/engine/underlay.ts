// The outer packets of a tunnel are their host's own: they go by its routes and its neighbors.
import { askNeighbor, askRoute } from "./asked.ts";
import type { Outcome } from "./element.ts";
import { sendAll } from "./forward.ts";
import { dstOf, srcOf } from "./frame.ts";
import { type Passed, passOuter } from "./hooks.ts";
import type { Stop, Values } from "./journey.ts";
import type { Namespace } from "./namespace.ts";
import { reasonOf } from "./reason.ts";
import { route } from "./router.ts";
import { spotOf } from "./spot.ts";

/** What is to be told of a wrapped packet that has left, once it has. */
export type Leaving = (frame: Uint8Array, out: string) => void;

/** Sends an outer packet from where the tunnel's socket is; `left` hears of it. */
export function sendOuter(
  namespace: Namespace,
  packet: Uint8Array,
  stop: Stop,
  left: Leaving,
): void {
  const passed = passOuter(namespace, packet, stop, () => left(packet, stop.spot.device));
  if (passed === null) return;
  const { bytes } = passed.carried;
  const isTranslated = passed.stop !== stop;
  route({
    namespace,
    pushed: { bytes, link: "ipv4", port: null },
    stop: passed.stop,
    done: (outcome) => {
      if (outcome.desc.verdict !== "consumed") refuse(namespace, bytes, passed.stop, outcome);
      else leave(namespace, passed, outcome, isTranslated ? () => resend(namespace, passed) : left);
    },
  });
}

/** What is to be told of an outer packet that a rule has sent elsewhere. */
function resend(namespace: Namespace, { carried, stop }: Passed): void {
  const dst = dstOf(carried.bytes);
  const answer = namespace.routes.find(dst);
  const device = answer?.entry?.device ?? null;
  if (device !== null) stop.spot = spotOf(device);
  const nh = answer?.entry?.words.gateway ?? null;
  const values: Values = { app: "kernel", host: namespace.name, dst, dev: stop.spot.device };
  stop.settle("send", { ...values, prefix: answer?.prefix ?? "", ...(nh !== null && { nh }) });
}

function leave(
  namespace: Namespace,
  { carried, stop, crossing }: Passed,
  { outs }: Outcome,
  left: Leaving,
): void {
  const [first] = outs;
  const egress = namespace.byPort(first?.desc.port ?? -1);
  if (first === undefined || egress === undefined) throw new Error("a packet left by no device");
  ask(namespace, carried.bytes, stop);
  stop.outDevice = egress.name;
  if (egress.kind === "nic") stop.milestone ??= "left-host";
  left(first.bytes, egress.name);
  sendAll(egress, stop, outs, crossing);
}

function refuse(namespace: Namespace, packet: Uint8Array, stop: Stop, { desc }: Outcome): void {
  const next = ask(namespace, packet, stop);
  const [src, dst] = [srcOf(packet), dstOf(packet)];
  const values: Values = { host: namespace.name, src, dst, reason: desc.verdict, ...next };
  const reason = reasonOf(desc.verdict);
  // Nobody tells the inner sender what the underlay thinks of an outer packet.
  stop.settle(reason === "drop-mtu" ? "drop-mtu-quiet" : reason, { ...values, n: packet.length });
}

function ask(namespace: Namespace, packet: Uint8Array, stop: Stop): Values {
  const dst = dstOf(packet);
  stop.asked.push(askRoute(namespace, dst));
  const entry = namespace.routes.find(dst)?.entry ?? null;
  const device = entry?.device ?? null;
  if (device === null) return {};
  const next = entry?.words.gateway ?? dst;
  if (device.hasFrames) stop.asked.push(askNeighbor(device, next, stop));
  return { dev: device.name, ip: next, mtu: entry?.words.mtu ?? device.mtu };
}
