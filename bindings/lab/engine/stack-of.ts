// What a namespace offers to its programs: see the wall.
import type { Stack } from "../stack.ts";
import type { Namespace } from "./namespace.ts";
import { sendOwn } from "./output.ts";

export function stackOf(namespace: Namespace): Stack {
  const { lab, spec, routes } = namespace;
  const learned = new Map<string, number>();
  return {
    namespace: namespace.name,
    flavour: spec.flavour ?? (spec.kind === "container" ? "busybox" : "iproute2"),
    core: lab.core,
    clock: lab.clock,
    dice: lab.dice,
    listeners: spec.listeners ?? [],
    sourceFor: (target) => sourceFor(namespace, target),
    mtuTo: (target) => {
      const entry = routes.find(target)?.entry ?? null;
      const device = entry?.device ?? namespace.deviceOr("lo");
      return Math.min(entry?.words.mtu ?? device.mtu, learned.get(target) ?? Infinity);
    },
    learnMtu: (target, mtu) => void learned.set(target, mtu),
    lookup: (name) => spec.names?.[name] ?? null,
    send: (packet, sending) => sendOwn(namespace, packet, sending),
    print: (command, text, exitCode) => {
      const { name, lab } = namespace;
      const timeNs = lab.clock.nowNs;
      lab.recorder.outputs.push({ timeNs, namespace: name, command, text, exitCode });
    },
  };
}

/** The address that a packet to `target` leaves with; null: no route leads there. */
function sourceFor(namespace: Namespace, target: string): string | null {
  if (target.startsWith("127.")) return "127.0.0.1";
  const answer = namespace.routes.find(target);
  if (answer === null) return null;
  if (answer.isLocal) return target;
  const { words, device } = answer.entry ?? {};
  const others = namespace.devices.map(({ address }) => address);
  return words?.src ?? device?.address ?? others.find((address) => address !== null) ?? null;
}
