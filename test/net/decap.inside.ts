// What decap.test.ts does inside its namespace: frames into the underlay's TAP, and out of Linux's
// VXLAN device.
import { packetSocket } from "../../bindings/node/capture.ts";
import { type Device, openDevice } from "../../bindings/node/device.ts";
import { addressOf, libc, must } from "../../bindings/node/libc.ts";
import { Message } from "../../bindings/node/recvmsg.ts";
import type { Socket } from "../../bindings/node/socket.ts";

const FRAME_LEN_MAX = 2048;
const PAUSE_MS = 2;
const PAUSES_MAX = 5000;

const message = new Message(FRAME_LEN_MAX, 64);
let device: Device | undefined;
let socket: Socket | undefined;

/** Makes the underlay's device. */
export function open(name: string): void {
  device = openDevice("tap", name);
}

/** Listens on the VXLAN device. */
export function listen(name: string): void {
  socket = packetSocket(name);
}

/**
 * What Linux delivers of `frame`: sends it, then `marker`, which it does deliver, and returns what
 * came before the marker's inner frame, `end`.
 */
export async function deliver(
  frame: Uint8Array,
  marker: Uint8Array,
  end: Uint8Array,
): Promise<Uint8Array[]> {
  send(frame);
  send(marker);
  const delivered: Uint8Array[] = [];
  for (let pauses = 0; pauses < PAUSES_MAX; ) {
    const len = socket?.recvMessage(message) ?? -1;
    if (len === -1) {
      pauses += 1;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      continue;
    }
    const bytes = message.bytes.slice(0, len);
    if (Buffer.compare(bytes, end) === 0) return delivered;
    delivered.push(bytes);
  }
  throw new Error("the marker did not come out of the VXLAN device");
}

function send(frame: Uint8Array): void {
  const bytes = new Uint8Array(new ArrayBuffer(frame.length));
  bytes.set(frame);
  must(libc.write(device?.fd ?? -1, addressOf(bytes), bytes.length), "write");
}
