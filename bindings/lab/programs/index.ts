// The programs of a namespace, above the wall.
import type { PingAction, TcpAction, TracerouteAction, UdpAction } from "../scenario.ts";
import type { Stack } from "../stack.ts";
import { startPing } from "./ping.ts";
import { startTcp } from "./tcp/client.ts";
import { startTraceroute } from "./traceroute.ts";
import { startUdp } from "./udp.ts";
import { Userland } from "./userland.ts";

/** What somebody starts in a namespace. */
export type ProgramAction = PingAction | TracerouteAction | UdpAction | TcpAction;

/** The programs of a namespace: its listeners listen. */
export function programsOf(stack: Stack): Userland {
  return new Userland(stack);
}

/** Starts a program; it sends through its stack and ends by printing there. */
export function start(programs: Userland, action: ProgramAction): void {
  if (action.do === "ping") startPing(programs, action);
  else if (action.do === "traceroute") startTraceroute(programs, action);
  else if (action.do === "udp") startUdp(programs, action);
  else startTcp(programs, action);
}

export { encodeIcmpError, type IcmpErrorInit } from "./icmp-error.ts";
export { encodeReset } from "./tcp/reset.ts";
export type { Userland } from "./userland.ts";
