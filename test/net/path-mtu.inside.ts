// What path-mtu.test.ts does inside its namespace: a socket that refuses what is too long, and the
// core that hears of it.
import { type HeddleNode, openCore } from "../../bindings/core/index.ts";
import { libc } from "../../bindings/node/libc.ts";
import { PathMtus } from "../../bindings/node/path-mtu.ts";
import { Tally } from "../../bindings/node/tally.ts";
import { openUnderlaySocket, sockaddrIn } from "../../bindings/node/underlay.ts";

const PORT = 9; // discard

let node: HeddleNode | undefined;
let mtus: PathMtus | undefined;
let fd = -1;
let tally = new Tally();

export async function open(...remotes: string[]): Promise<void> {
  const core = await openCore({ memoryBytes: 4 << 20 });
  node = core.openNode({ seed: 1n, slots: 0 });
  for (const address of remotes) node.remotes.set({ address, flags: ["allowed"] });
  const options = { local: "0.0.0.0", port: 0, pathMtu: true, bufferBytes: 1 << 16 };
  fd = openUnderlaySocket(options).fd;
  tally = new Tally();
  mtus = new PathMtus(node, [fd], tally);
}

/** Sends `len` bytes; false when the system refuses them. */
export function send(address: string, len: number): boolean {
  const to = sockaddrIn(address, PORT);
  return libc.sendto(fd, new Uint8Array(len), len, 0, to, to.length) === len;
}

export function hear(nowMs: number): void {
  mtus?.hear(nowMs);
}

export function expire(nowMs: number): void {
  mtus?.expire(nowMs);
}

/** What the core knows of each path. */
export function paths(): Record<string, number> {
  return Object.fromEntries([...(node?.remotes ?? [])].map(({ address, mtu }) => [address, mtu]));
}

/** Sets a remote once more, as an agent does; with an MTU, as a config may say. */
export function again(address: string, mtu = 0): void {
  node?.remotes.set({ address, flags: ["allowed"], mtu });
}

export function errors(): Record<string, number> {
  return tally.errors;
}
