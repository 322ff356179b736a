// ARP between the core's tables and the devices: questions that it asks, and messages that come.
import type { VerdictName } from "../../core/index.ts";
import type { Device } from "./device.ts";
import { arpSenderOf, arpTargetOf, isArpRequest, isCutArp, srcMacOf } from "./frame.ts";
import type { Carried, Stop } from "./journey.ts";
import { reasonOf } from "./reason.ts";
import { retry } from "./router.ts";
import { spotOf } from "./spot.ts";
import { transmit } from "./transmit.ts";

/** Sends a question that the core asks by `device`; `cause` waits for the answer. */
export function emitQuestion(device: Device, bytes: Uint8Array, cause: Stop | null): void {
  const { recorder } = device.namespace.lab;
  const because = cause?.ref ?? null;
  const carried = recorder.depart(bytes, "ethernet", { line: "side", because });
  const stop = recorder.stop(carried, spotOf(device), true);
  stop.settle("arp-ask", { dev: device.name, ip: arpTargetOf(carried) });
  transmit(device, stop.leave(bytes, "ethernet"));
}

/** Sends an answer that the core gives by `device` to what came to `asked`. */
export function emitAnswer(
  device: Device,
  bytes: Uint8Array,
  asked: Stop,
  how: "arp-answer" | "arp-proxy",
): Carried {
  const { recorder } = device.namespace.lab;
  const carried = recorder.depart(bytes, "ethernet", { line: "side", because: asked.ref });
  const stop = recorder.stop(carried, spotOf(device), true);
  const values = { dev: device.name, ip: arpSenderOf(carried) };
  stop.settle(how, how === "arp-proxy" ? { ...values, mac: device.mac ?? "" } : values);
  return stop.leave(bytes, "ethernet");
}

/** A message that reached the stack by `device`. */
export function hearArp(device: Device, carried: Carried): void {
  const { namespace } = device;
  const { recorder } = namespace.lab;
  const stop = recorder.stop(carried, spotOf(device));
  if (isCutArp(carried)) {
    stop.settle("drop-malformed", { host: namespace.name, dev: device.name });
    return;
  }
  const pushed = { bytes: carried.bytes, link: carried.link, port: device.port };
  const sender = arpSenderOf(carried);
  const { desc, outs } = recorder.during(stop, () => {
    const outcome = proxying(device, arpTargetOf(carried), () =>
      namespace.elements.run("resolve_burst", pushed),
    );
    if (outcome.outs.length > 0) namespace.neighbors.hear(device, sender, srcMacOf(carried));
    namespace.neighbors.refresh(device, sender);
    return outcome;
  });
  settle(device, carried, stop, desc.verdict);
  for (const { bytes } of outs) {
    const isOwn = namespace.routes.isLocal(arpTargetOf(carried));
    transmit(device, emitAnswer(device, bytes, stop, isOwn ? "arp-answer" : "arp-proxy"));
  }
  if (desc.verdict === "consumed") retry(namespace, device, sender, carried.journey);
}

// Linux's proxy_arp answers for what its default route leads to as well; the core does not.
function proxying<T>(device: Device, target: string, act: () => T): T {
  const { namespace, port } = device;
  if (namespace.sysctl("net.ipv4.conf.*.proxy_arp", device) === 0) return act();
  const { routes, hops } = namespace.node;
  const found = routes.lookup(target);
  const isDefault = found?.prefix === "0.0.0.0/0" && hops.get(found.hop)?.port !== port;
  if (!isDefault || found === undefined) return act();
  const prefix = `${target}/32`;
  routes.set({ prefix, hop: found.hop });
  try {
    return act();
  } finally {
    routes.remove({ prefix });
  }
}

function settle(device: Device, carried: Carried, stop: Stop, verdict: VerdictName): void {
  const host = device.namespace.name;
  const dev = device.name;
  if (verdict === "consumed") {
    stop.settle("deliver", { host, proto: isArpRequest(carried) ? "ARP request" : "ARP reply" });
  } else if (verdict === "NotForUs" || verdict === "Unsolicited") {
    stop.settle("arp-ignore", { dev, ip: arpTargetOf(carried) });
  } else {
    stop.settle(reasonOf(verdict), { host, dev, mac: device.mac ?? "", reason: verdict });
  }
}
