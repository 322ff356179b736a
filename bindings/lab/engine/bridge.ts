// A bridge: frames of its ports and of its own, through the core's learning bridge.
import { askStation } from "./asked.ts";
import { passBridge } from "./bridge-hooks.ts";
import type { Device } from "./device.ts";
import type { Outcome, Passed } from "./element.ts";
import { dstMacOf, isGroup, srcMacOf } from "./frame.ts";
import { enter } from "./input.ts";
import type { Carried, Stop, Values } from "./journey.ts";
import { reasonOf } from "./reason.ts";
import { spotOf } from "./spot.ts";
import { transmit } from "./transmit.ts";

/** A frame that came in by one of the bridge's ports; by null: its own stack's. */
export function bridgeFrame(bridge: Device, from: Device | null, carried: Carried): void {
  const { namespace } = bridge;
  const { recorder } = namespace.lab;
  if (from !== null) recorder.see(carried, { place: bridge.place, direction: "in" });
  const stop = recorder.stop(carried, spotOf(bridge));
  const stations = namespace.stations.get(bridge.name);
  if (stations === undefined) throw new Error(`${bridge.place} has no forwarding database`);
  const { bytes, link } = carried;
  const port = from?.slavePort ?? bridge.port;
  const outcome = recorder.during(stop, () => {
    const mac = srcMacOf(carried);
    const isNew = stations.find(mac) === undefined;
    const passed = namespace.elements.run("bridge_burst", { bytes, link, port });
    if (isNew && bridge.spec?.kind === "bridge") stations.limit(bridge.spec.fdbMaxLearned, mac);
    stations.refresh(mac);
    return passed;
  });
  stop.asked.push(askStation(stations, dstMacOf(carried)));
  settle(bridge, from, carried, stop, outcome);
  const crossing = passBridge({ bridge, from, carried, stop, outs: outcome.outs });
  if (crossing === null) return;
  for (const out of outcome.outs) send(bridge, out, stop, { ...carried, ...crossing });
}

function settle(
  bridge: Device,
  from: Device | null,
  carried: Carried,
  stop: Stop,
  { desc, outs }: Outcome,
): void {
  const mac = dstMacOf(carried);
  const port = from?.name ?? bridge.name;
  const values: Values = { br: bridge.name, dev: bridge.name, mac, port };
  if (desc.verdict !== "consumed") {
    const reason = reasonOf(desc.verdict);
    stop.settle(reason === "drop-mtu" ? "drop-mtu-quiet" : reason, {
      ...values,
      ...mtuOf(carried),
      reason: desc.verdict,
    });
    return;
  }
  const [first] = outs;
  const isUp = outs.length === 1 && first?.desc.port === bridge.port;
  const isKnown = stop.asked[0]?.row !== null;
  if (isUp) stop.settle("bridge-up", values);
  else if (isGroup(carried) || !isKnown) {
    const ways = outs.filter((out) => out.desc.port !== bridge.port);
    stop.settle("flood", { ...values, n: ways.length });
  } else {
    const to = bridge.namespace.byPort(first?.desc.port ?? -1)?.name ?? "";
    stop.outDevice = to;
    stop.settle("bridge", { ...values, port: to });
  }
}

function mtuOf({ bytes }: Carried): Values {
  return { n: bytes.length };
}

function send(bridge: Device, { desc }: Passed, stop: Stop, frame: Carried): void {
  const { namespace } = bridge;
  const left = stop.leave(frame.bytes, "ethernet"); // a bridge changes nothing
  const onward = frame.crossing === undefined ? left : { ...left, crossing: frame.crossing };
  if (desc.port === bridge.port) {
    namespace.lab.clock.after(namespace.lab.stepNs, () => enter(bridge, onward));
    return;
  }
  const device = namespace.byPort(desc.port ?? -1);
  if (device !== undefined) transmit(device, left);
}
