// A packet that is for this namespace: a tunnel's, or a program's.
import type { Device } from "./device.ts";
import { dstPortOf, isFragment, protocolOf, wholePacketOf } from "./frame.ts";
import { type Passed, passRules } from "./hooks.ts";
import type { Carried } from "./journey.ts";
import type { Namespace } from "./namespace.ts";
import { openDatagram } from "./tunnels.ts";

const ETHERNET_LEN = 14;
const PROTOCOL_UDP = 17;
const PROTOCOL_IPIP = 4;

/** Decides about what has reached the stack by `device`. */
export function deliver(device: Device, { carried, stop, crossing }: Passed): void {
  const { namespace } = device;
  const whole = assemble(namespace, carried);
  const packet = whole === null ? null : wholePacketOf(whole);
  if (whole === null || packet === null) {
    // A fragment is kept until the rest is there.
    if (wholePacketOf(carried) === null) stop.settle("drop-malformed", { host: namespace.name });
    else stop.settle("deliver", { host: namespace.name, proto: "IP fragment" });
    return;
  }
  if (!passRules(namespace, crossing, "INPUT", { packet, out: null }, stop)) return;
  const protocol = protocolOf(packet);
  const isTunnelled = protocol === PROTOCOL_UDP || protocol === PROTOCOL_IPIP;
  const port = protocol === PROTOCOL_UDP ? dstPortOf(packet) : null;
  if (isTunnelled && openDatagram(device, whole, stop, port)) return;
  const { programs } = namespace;
  if (programs === null) throw new Error(`nobody lives in ${namespace.name}`);
  const { verdict, values } = programs.deliver(packet.slice(), stop.ref);
  stop.settle(verdict, { host: namespace.name, ...values });
  if (verdict !== "deliver") return;
  stop.milestone = "delivered";
  if (values.app !== "kernel") stop.crossings++;
}

/** What came, or the packet that it was the last missing part of; null: parts are missing. */
function assemble({ lab, reassembly }: Namespace, carried: Carried): Carried | null {
  const packet = wholePacketOf(carried);
  if (packet === null || !isFragment(packet)) return carried;
  const whole = reassembly.take(packet, lab.clock.nowNs);
  if (whole === null) return null;
  const header = carried.bytes.subarray(0, carried.link === "ethernet" ? ETHERNET_LEN : 0);
  const bytes = new Uint8Array(header.length + whole.length);
  bytes.set(header);
  bytes.set(whole, header.length);
  return { ...carried, bytes };
}
