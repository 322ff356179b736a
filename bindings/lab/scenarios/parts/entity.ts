// Entities by name: what an assertion calls "node1:flannel.1", as the run had it.
import type { Run } from "../../scenario.ts";
import type { DevicePlace } from "../../trace/trace.ts";
import { addressIn } from "./site.ts";

/** The device of "node1:flannel.1". Throws Error where there is none. */
export function deviceAt(run: Run, place: string): DevicePlace {
  const [owner, name] = place.split(":");
  for (const host of run.trace.places.hosts) {
    const namespace = host.namespaces.find((each) => each.name === owner);
    const device = namespace?.devices.find((each) => each.name === name);
    if (device !== undefined) return device;
  }
  throw new Error(`no device ${place}`);
}

/** Its first IPv4 address, without the prefix length. */
export function addressAt(run: Run, place: string): string {
  const first = deviceAt(run, place).addresses[0];
  if (first === undefined) throw new Error(`${place} has no address`);
  return addressIn(first);
}

/** Its first IPv4 address with the prefix length. */
export function prefixedAt(run: Run, place: string): string {
  const first = deviceAt(run, place).addresses[0];
  if (first === undefined) throw new Error(`${place} has no address`);
  return first.split(" ")[0] ?? first;
}

export function macAt(run: Run, place: string): string {
  const { mac } = deviceAt(run, place);
  if (mac === null) throw new Error(`${place} has no MAC`);
  return mac;
}

/** An address as it is, or that of a place. */
export function addressOf(run: Run, who: string): string {
  return who.includes(":") ? addressAt(run, who) : who;
}
