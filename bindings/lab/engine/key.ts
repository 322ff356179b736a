import type { Edit } from "../scenario.ts";

const OFFSET = 0xcbf29ce484222325n;
const PRIME = 0x100000001b3n;
const MASK = 0xffffffffffffffffn;

/** What a trace follows from, as one number: FNV-1a, 64 bits. */
export function keyOf(
  slug: string,
  variant: string | undefined,
  seed: bigint,
  edits: readonly Edit[],
): string {
  const text = JSON.stringify([slug, variant ?? null, seed.toString(), edits]);
  let hash = OFFSET;
  for (let at = 0; at < text.length; at++) {
    hash = ((hash ^ BigInt(text.charCodeAt(at))) * PRIME) & MASK;
  }
  return hash.toString(16).padStart(16, "0");
}
