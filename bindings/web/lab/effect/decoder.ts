// The core on the page's own thread: it takes bytes apart, and no more.
import { decode, openCore } from "../../../core/index.ts";
import type { Decode } from "../state/frame.ts";

const MEMORY_BYTES = 2 << 20;

/** What takes packets apart. */
export async function openDecoder(): Promise<Decode> {
  const core = await openCore({ memoryBytes: MEMORY_BYTES, simd: true });
  return (bytes, link) => decode(core, bytes, { link: link === "ethernet" ? "ethernet" : "ip" });
}
