// The times of a pcapng interface: ticks of a length that the interface states, from a second that
// it states as well. They come out as nanoseconds since 1970, rounded down.

const NS_PER_S = 1_000_000_000n;
const BINARY_BIT = 0x80;
const MICROSECONDS = 6; // where an interface says nothing

export interface Clock {
  readonly ticksPerS: bigint;
  readonly offsetS: bigint;
}

/** `resolution` as the option if_tsresol has it: 6 is 10^-6 s, 0x80 + 10 is 2^-10 s. */
export function clockOf(resolution: number = MICROSECONDS, offsetS = 0n): Clock {
  const base = (resolution & BINARY_BIT) === 0 ? 10n : 2n;
  return { ticksPerS: base ** BigInt(resolution & ~BINARY_BIT), offsetS };
}

export function timeNsOf({ ticksPerS, offsetS }: Clock, high: number, low: number): bigint {
  const ticks = (BigInt(high) << 32n) | BigInt(low);
  return (ticks * NS_PER_S) / ticksPerS + offsetS * NS_PER_S;
}
