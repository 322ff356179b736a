import type { Action } from "../scenario.ts";
import type { NetworkSpec } from "../spec/network.ts";
import type { Form } from "./variant.ts";

const MTU = 1500;
const HEADERS_LEN = 128;
const IPV4_LEN_MAX = 65535;

/** Bytes of the longest packet that the actions and devices of a scenario can make. */
export function longestOf({ network, actions }: Form): number {
  return Math.max(longestIn(network), ...actions.map((action) => lenOf(action) + HEADERS_LEN));
}

/** The same of a network alone. */
export function longestIn({ hosts }: NetworkSpec): number {
  const mtus = hosts.flatMap(({ namespaces }) =>
    namespaces.flatMap(({ devices }) => devices.map(({ mtu }) => mtu ?? MTU)),
  );
  return Math.max(MTU, ...mtus) + HEADERS_LEN;
}

function lenOf(action: Action): number {
  switch (action.do) {
    case "ping":
      return action.dataLen ?? 0;
    case "udp":
    case "tcp":
      // As many bytes as a letter of UTF-8 has; a stream fills packets of any length, on `lo`.
      return Math.min(action.text.length * 4, IPV4_LEN_MAX - HEADERS_LEN);
    default:
      return 0;
  }
}
