// A packet that is for this namespace: a tunnel's, or a program's.
import type { Device } from "./device.ts";
import { dstPortOf, isFragment, protocolOf, wholePacketOf } from "./frame.ts";
import { type Passed, passRules } from "./hooks.ts";
import { openDatagram } from "./tunnels.ts";

const PROTOCOL_UDP = 17;
const PROTOCOL_IPIP = 4;

/** Decides about what has reached the stack by `device`. */
export function deliver(device: Device, { carried, stop, crossing }: Passed): void {
  const { namespace } = device;
  const packet = wholePacketOf(carried);
  if (packet === null) {
    stop.settle("drop-malformed", { host: namespace.name });
    return;
  }
  if (!passRules(namespace, crossing, "INPUT", { packet, out: null }, stop)) return;
  const protocol = protocolOf(packet);
  const isTunnelled = protocol === PROTOCOL_UDP || protocol === PROTOCOL_IPIP;
  const port = protocol === PROTOCOL_UDP ? dstPortOf(packet) : null;
  if (isTunnelled && !isFragment(packet) && openDatagram(device, carried, stop, port)) return;
  const { programs } = namespace;
  if (programs === null) throw new Error(`nobody lives in ${namespace.name}`);
  const { verdict, values } = programs.deliver(packet.slice(), stop.ref);
  stop.settle(verdict, { host: namespace.name, ...values });
  if (verdict !== "deliver") return;
  stop.milestone = "delivered";
  if (values.app !== "kernel") stop.crossings++;
}
