// The first scenario as it ran when the page was built. It stands in the page, and is shown until
// the engine is there, or instead of it where there is no WebAssembly.
import type { DecodedPacket } from "../../../core/index.ts";
import type { Span, Trace } from "../../../lab/trace/trace.ts";
import type { Entry } from "../state/catalogue.ts";
import type { Decode } from "../state/frame.ts";

export interface Recorded {
  readonly trace: Trace;
  readonly entry: Entry;
  /** Takes apart what is in the trace, and nothing else. */
  readonly decode: Decode;
}

/** What page.mjs writes. */
interface Written {
  readonly trace: Omit<Trace, "bytes">;
  /** In base64. */
  readonly bytes: string;
  readonly entry: Entry;
  readonly packets: readonly (readonly [Span, "ethernet" | "ipv4", DecodedPacket])[];
}

/** null: the page was not built, but is served as it is written. */
export function recorded(): Recorded | null {
  const text = document.getElementById("recorded")?.textContent;
  if (text == null) return null;
  const written: Written = JSON.parse(text);
  const bytes = Uint8Array.from(atob(written.bytes), (letter) => letter.charCodeAt(0));
  const known = new Map(
    written.packets.map(([{ offset, len }, link, packet]) => [
      keyOf(bytes.subarray(offset, offset + len), link),
      packet,
    ]),
  );
  const decode: Decode = (part, link) => {
    const packet = known.get(keyOf(part, link));
    if (packet === undefined) throw new RangeError("bytes: of the recorded trace");
    return packet;
  };
  return { trace: { ...written.trace, bytes }, entry: written.entry, decode };
}

function keyOf(bytes: Uint8Array, link: string): string {
  return `${link} ${bytes.join()}`;
}
