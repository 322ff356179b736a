// A capture file as the page shows it: read piece by piece, so that a large one does not stop it.
import { CaptureError } from "../../../lab/capture/error.ts";
import { readCaptureStream } from "../../../lab/capture/reader.ts";
import type { Capture, CapturedPacket } from "../state/state.ts";

export const FILE_LEN_MAX: number = 64 << 20;

/** A name for what a file is that is no capture, by its first bytes. */
const OTHERS: readonly (readonly [string, string])[] = [
  ["89504e47", "PNG"],
  ["ffd8ff", "JPEG"],
  ["25504446", "PDF"],
  ["504b0304", "ZIP"],
  ["1f8b", "gzip"],
  ["7b", "JSON"],
];

/** Rejects where nothing of it could be read; what is cut is read up to the cut. */
export async function readFile(file: File): Promise<Capture> {
  if (file.size > FILE_LEN_MAX) throw new RangeError(`${file.size} bytes: at most 64 MB are read`);
  const packets: CapturedPacket[] = [];
  const chunks: Uint8Array[] = [];
  let len = 0;
  let cut: string | null = null;
  try {
    for await (const packet of readCaptureStream(partsOf(file))) {
      const { linkType } = packet.interface;
      if (linkType === null) continue;
      packets.push({
        timeNs: packet.timeNs ?? 0n,
        link: linkType === "ethernet" ? "ethernet" : "ipv4",
        span: { offset: len, len: packet.bytes.length },
      });
      chunks.push(packet.bytes);
      len += packet.bytes.length;
    }
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    if (packets.length === 0) throw new TypeError(await whyNot(file, error));
    cut = error.message;
  }
  return { name: file.name, packets, bytes: joined(chunks, len), cut };
}

/** Streams cannot be iterated in every browser yet. */
async function* partsOf(file: File): AsyncGenerator<Uint8Array> {
  const reader = file.stream().getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

function joined(chunks: readonly Uint8Array[], len: number): Uint8Array {
  const bytes = new Uint8Array(len);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

async function whyNot(file: File, error: CaptureError): Promise<string> {
  const head = new Uint8Array(await file.slice(0, 4).arrayBuffer());
  const digits = [...head].map((byte) => byte.toString(16).padStart(2, "0"));
  const [, kind] = OTHERS.find(([magic]) => digits.join("").startsWith(magic)) ?? [];
  const what = kind === undefined ? "" : ` (${kind})`;
  if (error.message.includes("magic")) {
    return `not a pcap or pcapng: starts with ${digits.join(" ")}${what}`;
  }
  return error.message;
}
