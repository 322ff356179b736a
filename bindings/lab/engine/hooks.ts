// Netfilter's hooks: where a packet meets the firewall on its way through a namespace. A hop of its
// own tells of each translation.
import type { VerdictName } from "../../core/index.ts";
import type { Hook, RuleRef, Walk } from "../netfilter/index.ts";
import { encodeIcmpError, encodeReset } from "../programs/index.ts";
import type { Asked } from "../trace/trace.ts";
import { WIRE } from "./asked.ts";
import type { Device } from "./device.ts";
import type { Crossing, Firewall, Place, Translated } from "./firewall.ts";
import { dstOf, dstPortOf, packetOf, srcOf, wholePacketOf } from "./frame.ts";
import type { Carried, Spot, Stop } from "./journey.ts";
import type { Namespace } from "./namespace.ts";
import { sendOwn } from "./output.ts";
import { reasonOf } from "./reason.ts";
import { ownSpot, ROUTING, spotOf } from "./spot.ts";

/** A packet that may go on, and the hop that is to decide about it. */
export interface Passed {
  readonly carried: Carried;
  readonly stop: Stop;
  /** null where there is no firewall. */
  readonly crossing: Crossing | null;
}

/** PREROUTING, of what came in by a device. null where it ended there. */
export function passIn(device: Device, carried: Carried, stop: Stop): Passed | null {
  const { firewall } = device.namespace;
  if (firewall.isIdle || wholePacketOf(carried) === null) return { carried, stop, crossing: null };
  if (carried.crossing !== undefined) return { carried, stop, crossing: carried.crossing };
  const crossing = firewall.begin(carried, device.name);
  const spot = spotOf(device);
  if (
    !ask(device.namespace, crossing, "PREROUTING", { packet: packetOf(carried), out: null }, stop)
  ) {
    return null;
  }
  return translate(device.namespace, { carried, stop, crossing, spot, port: device.port });
}

/** OUTPUT, of the namespace's own. null where it ended there. */
export function passOwn(namespace: Namespace, carried: Carried, stop: Stop): Passed | null {
  const { firewall } = namespace;
  if (firewall.isIdle) return { carried, stop, crossing: null };
  const crossing = firewall.begin(carried, null);
  const packet = packetOf(carried);
  const out = namespace.routes.find(dstOf(packet))?.entry?.device?.name ?? "lo";
  if (!ask(namespace, crossing, "OUTPUT", { packet, out }, stop)) return null;
  return translate(namespace, { carried, stop, crossing, spot: stop.spot, port: null });
}

/**
 * OUTPUT, of a packet that a tunnel's hop wraps around another. null where it ended there. Where it
 * was translated, the tunnel's hop is over: `wrapped` is to tell of it.
 */
export function passOuter(
  namespace: Namespace,
  packet: Uint8Array,
  stop: Stop,
  wrapped: () => void,
): Passed | null {
  const { firewall, lab } = namespace;
  const carried: Carried = { bytes: packet, link: "ipv4", journey: stop.journey, from: stop };
  if (firewall.isIdle) return { carried, stop, crossing: null };
  const crossing = firewall.begin(carried, null);
  const out = namespace.routes.find(dstOf(packet))?.entry?.device?.name ?? "lo";
  if (!ask(namespace, crossing, "OUTPUT", { packet, out }, stop)) return null;
  const made = firewall.translate(carried, null, false, stop);
  if (made.refusal !== null) {
    refuse(namespace, stop, packet, out, made.refusal);
    return null;
  }
  if (!made.isChanged) return { carried, stop, crossing };
  wrapped();
  const spot: Spot = { ...ownSpot(namespace), plane: "tunnel" };
  const translated = lab.recorder.stop(stop.leave(packet, carried.link), spot);
  settle(namespace, translated, crossing, made, false);
  const onward = translated.leave(made.bytes, carried.link);
  return { carried: onward, stop: lab.recorder.stop(onward, spot), crossing };
}

/** The rules of a hook alone. False where the packet ended there. */
export function passRules(
  namespace: Namespace,
  crossing: Crossing | null,
  hook: Hook,
  at: Place & { readonly packet: Uint8Array },
  stop: Stop,
): boolean {
  return crossing === null || ask(namespace, crossing, hook, at, stop);
}

/** POSTROUTING, of what leaves by a device. null where it ended there. */
export function passOut(
  egress: Device,
  carried: Carried,
  crossing: Crossing | null,
): Carried | null {
  const { namespace } = egress;
  const before = carried.from;
  if (crossing === null || before === null) return carried;
  const at = { packet: packetOf(carried), out: egress.name };
  if (!ask(namespace, crossing, "POSTROUTING", at, before)) {
    before.withdraw(carried);
    return null;
  }
  const made = namespace.firewall.translate(carried, egress.port, true, before);
  if (made.refusal !== null) {
    refuse(namespace, before, at.packet, egress.name, made.refusal);
    before.withdraw(carried);
    return null;
  }
  if (!made.isChanged) return carried;
  const stop = namespace.lab.recorder.stop(carried, { ...spotOf(egress), device: ROUTING });
  stop.outDevice = egress.name;
  stop.milestone = before.milestone === "left-host" ? "left-host" : null;
  if (stop.milestone !== null) before.milestone = null;
  settle(namespace, stop, crossing, made, true);
  return stop.leave(made.bytes, carried.link);
}

interface Translating {
  readonly carried: Carried;
  readonly stop: Stop;
  readonly crossing: Crossing;
  readonly spot: Spot;
  readonly port: number | null;
}

function translate(namespace: Namespace, at: Translating): Passed | null {
  const { carried, stop, crossing, spot, port } = at;
  const made = namespace.firewall.translate(carried, port, false, stop);
  if (made.refusal !== null) {
    refuse(namespace, stop, packetOf(carried), spot.device, made.refusal);
    return null;
  }
  if (!made.isChanged) return { carried, stop, crossing };
  stop.spot = { ...spot, device: ROUTING };
  settle(namespace, stop, crossing, made, false);
  const onward = stop.leave(made.bytes, carried.link);
  const next = namespace.lab.recorder.stop(onward, spot);
  return { carried: onward, stop: next, crossing };
}

function refuse(
  namespace: Namespace,
  stop: Stop,
  packet: Uint8Array,
  dev: string,
  verdict: VerdictName,
): void {
  const [src, dst] = [srcOf(packet), dstOf(packet)];
  stop.settle(reasonOf(verdict), { host: namespace.name, dev, src, dst, reason: verdict });
}

function settle(
  namespace: Namespace,
  stop: Stop,
  crossing: Crossing,
  made: Translated,
  isAfter: boolean,
): void {
  const [before, after] = [
    packetOf(stop.leaving),
    packetOf({ ...stop.leaving, bytes: made.bytes }),
  ];
  const end = isAfter ? srcOf : dstOf;
  const [a, b] = isAfter ? [end(before), end(after)] : [endOf(before), endOf(after)];
  const host = namespace.name;
  const gave = [isAfter ? WIRE.ipSrc : WIRE.ipDst];
  if (crossing.isReply) {
    stop.asked.push(askFlow(namespace, after, gave));
    stop.settle("unnat", { host, a: end(after), b: end(before) });
    return;
  }
  const rule = made.rule?.text ?? "";
  stop.asked.push(askRule(namespace, made.rule, a, gave));
  const p = dstPortOf(before) ?? 0;
  if (isAfter) stop.settle("snat", { host, rule, a, b });
  else stop.settle("dnat", { host, rule, p, a, b });
}

/** "10.168.0.2:8080". */
function endOf(packet: Uint8Array): string {
  const isPorted = packet[9] === 6 || packet[9] === 17;
  const port = isPorted ? dstPortOf(packet) : null;
  return port === null ? dstOf(packet) : `${dstOf(packet)}:${port}`;
}

function askFlow(namespace: Namespace, packet: Uint8Array, gave: readonly string[]): Asked {
  const table = namespace.tableId("conn", null);
  const row = namespace.firewall.flows.row(packet);
  return { table, key: dstOf(packet), row, lost: [], gave, arpFrames: 0 };
}

function askRule(
  namespace: Namespace,
  rule: RuleRef | null,
  key: string,
  gave: readonly string[],
): Asked {
  const table = namespace.tableId("rule", null);
  return { table, key, row: rule && rowOf(rule), lost: [], gave, arpFrames: 0 };
}

function rowOf({ table, text }: RuleRef): string {
  return table === "filter" ? text : `-t ${table} ${text}`;
}

// False where the rules end it: the stop is decided, and a refusal is on its way.
function ask(
  namespace: Namespace,
  crossing: Crossing,
  hook: Hook,
  { packet, ...place }: Place & { readonly packet: Uint8Array },
  stop: Stop,
): boolean {
  const firewall: Firewall = namespace.firewall;
  const walked = firewall.ask(crossing, hook, packet, place, stop);
  if (walked.verdict === "accept") return true;
  const { decided } = walked;
  stop.asked.push(askRule(namespace, decided, dstOf(packet), []));
  const rule = decided?.text ?? "";
  const values = { host: namespace.name, chain: decided?.chain ?? hook, n: decided?.number ?? 0 };
  stop.settle("drop-rule", { ...values, rule });
  if (walked.verdict === "reject") reject(namespace, packet, walked, stop);
  return false;
}

const REJECTIONS: Readonly<Record<string, number>> = {
  "icmp-net-unreachable": 0,
  "icmp-host-unreachable": 1,
  "icmp-proto-unreachable": 2,
  "icmp-net-prohibited": 9,
  "icmp-host-prohibited": 10,
  "icmp-admin-prohibited": 13,
};
const PORT_UNREACHABLE = 3;
const SAYING = { app: "kernel", line: "side" } as const;

function reject(namespace: Namespace, packet: Uint8Array, { rejection }: Walk, stop: Stop): void {
  const { lab } = namespace;
  if (rejection === "tcp-reset") {
    const reset = encodeReset(lab.core, packet);
    if (reset !== null) sendOwn(namespace, reset, { ...SAYING, because: stop.ref });
    return;
  }
  const code = REJECTIONS[rejection ?? ""] ?? PORT_UNREACHABLE;
  const towards = namespace.routes.find(srcOf(packet))?.entry?.device ?? null;
  const src = towards?.address ?? dstOf(packet);
  const init = { type: 3, code, src, id: lab.dice.u16() };
  const error = encodeIcmpError(lab.core, packet, init);
  if (error === null) return;
  sendOwn(namespace, error, { ...SAYING, because: stop.ref });
}
