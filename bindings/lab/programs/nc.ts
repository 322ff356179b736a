// The words of nc: busybox's, and netcat-openbsd's with -v, which else says nothing.
import type { TcpAction, UdpAction } from "../scenario.ts";
import type { Flavour, ListenerSpec } from "../spec/network.ts";
import { BREAKDOWNS, type Breakdown } from "./tcp/breakdown.ts";

type NcAction = TcpAction | UdpAction;

/** `echo "hello world!" | nc hello 8888`. */
export function printNcCommand(flavour: Flavour, action: NcAction): string {
  const words = [flavour === "iproute2" ? "nc -vN" : "nc"];
  if (action.do === "udp") words.push("-u", "-w 1");
  if (action.sourcePort !== undefined) words.push(`-p ${action.sourcePort}`);
  return `echo "${action.text}" | ${[...words, action.to, action.port].join(" ")}`;
}

export function printListenCommand(
  flavour: Flavour,
  { app, protocol, port }: ListenerSpec,
): string {
  if (app !== "nc") return app;
  const udp = protocol === "udp" ? "-u " : "";
  return flavour === "iproute2" ? `nc ${udp}-l ${port}` : `nc ${udp}-lp ${port}`;
}

export function printUnknownName(flavour: Flavour, { to, port }: NcAction): string {
  if (flavour !== "iproute2") return `nc: bad address '${to}'\n`;
  return `nc: getaddrinfo for host "${to}" port ${port}: Name or service not known\n`;
}

/** A connection that did not come about. */
export function printNoConnection(
  flavour: Flavour,
  action: NcAction,
  address: string,
  why: Breakdown,
): string {
  const words = BREAKDOWNS[why];
  if (flavour !== "iproute2") return `nc: can't connect to remote host (${address}): ${words}\n`;
  return `nc: connect to ${action.to} port ${action.port} (${action.do}) failed: ${words}\n`;
}

/** One that ended before its time. */
export function printBroken(why: Breakdown): string {
  return `nc: read: ${BREAKDOWNS[why]}\n`;
}

export function printConnected(flavour: Flavour, { to, port, do: protocol }: NcAction): string {
  if (flavour !== "iproute2") return "";
  return `Connection to ${to} ${port} port [${protocol}/*] succeeded!\n`;
}
