// What bridge.test.ts does inside its namespace: frames into the ports of Linux's own bridge, and
// out of the others.
import { type Device, openDevice } from "../../bindings/node/device.ts";
import { addressOf, libc, must } from "../../bindings/node/libc.ts";
import { ethernet, hexOf } from "../model/packet.ts";

const PAUSE_MS = 2;
const PAUSES_MAX = 5000;
const FRAME_LEN = 64;
const MARKER = 0x88b6;

const devices: Device[] = [];
let markers = 0;

/** Makes the devices of the ports. */
export function open(...names: string[]): void {
  for (const name of names) devices.push(openDevice("tap", name));
}

/**
 * The ports that `frame` goes out by when it comes in by `from`. Behind it goes a broadcast from
 * the same port, and one from another: a port has had all there is when its last one is there.
 */
export async function deliver(from: number, frame: Uint8Array): Promise<number[]> {
  const other = (from + 1) % devices.length;
  const first = marker(from);
  const last = marker(other);
  for (const [port, bytes] of [
    [from, frame],
    [from, first],
    [other, last],
  ] as const) {
    write(port, bytes);
  }
  const heard = await Promise.all(
    devices.map((_, port) => readUntil(port, port === other ? first : last)),
  );
  const wanted = hexOf(frame);
  const strays = heard.flat().filter((hex) => hex !== wanted && hex !== hexOf(first));
  if (strays.length > 0) throw new Error(`unexpected frames: ${strays.join(" ")}`);
  return heard.flatMap((frames, port) => frames.filter((hex) => hex === wanted).map(() => port));
}

function marker(port: number): Uint8Array {
  markers += 1;
  const payload = new Uint8Array(FRAME_LEN - 14);
  new DataView(payload.buffer).setUint32(0, markers);
  const macs = { dst: "ff:ff:ff:ff:ff:ff", src: `02:ff:00:00:00:0${port}` };
  return ethernet({ ...macs, etherType: MARKER }, payload);
}

function write(port: number, frame: Uint8Array): void {
  const bytes = new Uint8Array(new ArrayBuffer(frame.length));
  bytes.set(frame);
  must(libc.write(devices[port]?.fd ?? -1, addressOf(bytes), bytes.length), "write");
}

// What comes before `end`, in hex.
async function readUntil(port: number, end: Uint8Array): Promise<string[]> {
  const bytes = new Uint8Array(new ArrayBuffer(2048));
  const heard: string[] = [];
  for (let pauses = 0; pauses < PAUSES_MAX; ) {
    const len = libc.read(devices[port]?.fd ?? -1, addressOf(bytes), bytes.length);
    if (len === -1) {
      pauses += 1;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      continue;
    }
    const hex = hexOf(bytes.subarray(0, len));
    if (hex === hexOf(end)) return heard;
    heard.push(hex);
  }
  throw new Error(`the marker did not come out of port ${port}`);
}
