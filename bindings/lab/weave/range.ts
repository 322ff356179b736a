// Sets of IPv4 addresses as ranges: sorted, apart from each other, the end not included.
import { type Prefix, parsePrefix, printIpv4 } from "../../core/index.ts";

export interface AddressRange {
  readonly start: number;
  readonly end: number;
}

/** "10.32.0.0/12" as the range of its addresses. */
export function rangeOf(prefix: string): AddressRange {
  const { address, len }: Prefix = parsePrefix(prefix);
  return { start: address, end: address + 2 ** (32 - len) };
}

/** "10.44.0.0-10.47.255.255". */
export function printRange({ start, end }: AddressRange): string {
  return `${printIpv4(start)}-${printIpv4(end - 1)}`;
}

export function sizeOf(ranges: readonly AddressRange[]): number {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0);
}

export function contains(ranges: readonly AddressRange[], address: number): boolean {
  return ranges.some(({ start, end }) => start <= address && address < end);
}

/** What is in `ranges` and in `within`. */
export function clip(ranges: readonly AddressRange[], within: AddressRange): AddressRange[] {
  const clipped = ranges.map(({ start, end }) => ({
    start: Math.max(start, within.start),
    end: Math.min(end, within.end),
  }));
  return clipped.filter(({ start, end }) => start < end);
}

/** What is in `ranges` and is none of these addresses, which come in their order. */
export function without(
  ranges: readonly AddressRange[],
  addresses: readonly number[],
): AddressRange[] {
  const rest: AddressRange[] = [];
  for (const range of ranges) {
    let { start } = range;
    for (const address of addresses) {
      if (address < start || address >= range.end) continue;
      if (address > start) rest.push({ start, end: address });
      start = address + 1;
    }
    if (start < range.end) rest.push({ start, end: range.end });
  }
  return rest;
}

/** The biggest block that a prefix could name, the lowest of equals; null: there is nothing. */
export function biggestBlock(ranges: readonly AddressRange[]): AddressRange | null {
  let biggest: AddressRange | null = null;
  for (const block of ranges.flatMap((range) => [...blocksOf(range)])) {
    if (biggest === null || sizeOf([block]) > sizeOf([biggest])) biggest = block;
  }
  return biggest;
}

// A range cut into as few blocks as possible, from below.
function* blocksOf({ start, end }: AddressRange): Generator<AddressRange> {
  for (let at = start; at < end; ) {
    let size = 1;
    while (at % (size * 2) === 0 && at + size * 2 <= end) size *= 2;
    yield { start: at, end: at + size };
    at += size;
  }
}
