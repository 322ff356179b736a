// The UDP port that peers send to: somebody has to listen there, and the right one.
import { type Case, deviceOf } from "./case.ts";
import type { SocketFact } from "./facts.ts";
import { type Finding, wrong } from "./finding.ts";

const DEFAULT_PORTS: Readonly<Record<"vxlan" | "udp", number>> = { vxlan: 8472, udp: 8285 };

/** Where this node listens; null where it has no tunnel. */
export function tunnelPort(it: Case): number | null {
  const plan = it.backend.device;
  return plan === null ? null : plan.port || DEFAULT_PORTS[plan.kind];
}

export function socketFindings(it: Case): Finding[] {
  const port = tunnelPort(it);
  const found = deviceOf(it);
  if (port === null || found === null || found[1] === null) return [];
  const [plan, link] = found;
  const sockets = it.host.sockets.filter((socket) => socket.port === port);
  if (link.kind !== "tun") return sockets.flatMap((socket) => taken(plan.name, socket));
  if (sockets.length > 0) return [];
  const message = `nobody listens on UDP port ${port}: the agent that serves ${plan.name} is gone`;
  return [wrong("port-missing", `UDP ${port}`, message, it.host.restart)];
}

/** The kernel's own VXLAN device listens by itself, and what has its port keeps it from that. */
function taken(device: string, { port, address, owner }: SocketFact): Finding[] {
  if (owner === null) return [];
  const who = `${owner.name} (pid ${owner.pid})`;
  const message = `UDP port ${port} of ${device} is taken at ${address} by ${who}`;
  const command = `kill ${owner.pid} && tail --pid=${owner.pid} -f /dev/null`; // until it is gone
  return [wrong("port-taken", `UDP ${port}`, message, command)];
}
