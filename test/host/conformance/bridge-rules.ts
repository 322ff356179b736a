// The rules of a bridge as steps that a bridge of any make can walk: the core's in
// bridge.test.ts, this machine's own in test/net/bridge.test.ts. It has three ports.
import { bytesOf, ethernet } from "../../model/packet.ts";
import type { BridgeRow } from "./rows.ts";

export const PORTS = [0, 1, 2] as const;
export const BROADCAST = "ff:ff:ff:ff:ff:ff";

export type Step =
  | { readonly from: number; readonly frame: Uint8Array; readonly to: readonly number[] }
  /** Places a station by hand. */
  | { readonly mac: string; readonly port: number; readonly isSticky: boolean }
  /** Waits until this part of the ageing time is over, counted from the last frame. */
  | { readonly aged: number };

const A = "02:00:00:00:00:0a";
const B = "02:00:00:00:00:0b";

/** A frame that came in by a port, and where it goes out. */
function send(from: number, src: string, dst: string, to: readonly number[]): Step {
  const payload = bytesOf("6865 6464 6c65").slice();
  return { from, frame: ethernet({ dst, src, etherType: 0x88b5 }, pad(payload)), to };
}

// As long as Ethernet wants it, so that nobody pads it on the way.
function pad(payload: Uint8Array): Uint8Array {
  const padded = new Uint8Array(46);
  padded.set(payload);
  return padded;
}

function settle(port: number, isSticky: boolean): Step {
  return { mac: A, port, isSticky };
}

const reserved = Array.from({ length: 16 }, (_, last) => {
  return `01:80:c2:00:00:0${last.toString(16)}`;
});

export const RULES: Readonly<Record<BridgeRow, readonly Step[]>> = {
  "learns unicast source": [send(0, A, BROADCAST, [1, 2]), send(1, B, A, [0]), send(2, B, A, [0])],
  "does not learn multicast, nor zero": [
    send(0, "03:00:00:00:00:0a", BROADCAST, []),
    send(0, "00:00:00:00:00:00", BROADCAST, []),
    send(1, B, "03:00:00:00:00:0a", [0, 2]),
    send(1, B, "00:00:00:00:00:00", [0, 2]),
  ],
  "moves on new port at once": [
    send(0, A, BROADCAST, [1, 2]),
    send(1, A, BROADCAST, [0, 2]),
    send(2, B, A, [1]),
  ],
  "floods unknown": [send(0, A, B, [1, 2]), send(1, B, "02:00:00:00:00:0c", [0, 2])],
  "never back to ingress (hairpin off)": [
    send(0, A, BROADCAST, [1, 2]),
    send(0, B, A, []),
    send(0, B, "02:00:00:00:00:0c", [1, 2]),
  ],
  "a static entry is moved by learning": [
    settle(0, false),
    send(1, B, A, [0]),
    send(2, A, BROADCAST, [0, 1]),
    send(1, B, A, [2]),
  ],
  "a sticky entry is not moved by learning": [
    settle(0, true),
    send(1, B, A, [0]),
    send(2, A, BROADCAST, [0, 1]),
    send(1, B, A, [0]),
  ],
  "01:80:c2:00:00:00 is forwarded while STP is off, other 01:80:c2:00:00:0x are not": [
    ...reserved.map((dst, last) => send(0, A, dst, last === 0 ? [1, 2] : [])),
    send(0, A, "01:80:c2:00:00:10", [1, 2]),
  ],
  "entry alive at 0.8 x the ageing time, gone by 2 x": [
    send(0, A, BROADCAST, [1, 2]),
    { aged: 0.8 },
    send(1, B, A, [0]),
    { aged: 2 },
    send(1, B, A, [0, 2]),
  ],
};
