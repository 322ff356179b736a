// Times of packets, with all their nanoseconds.

const NS_PER_S = 1_000_000_000n;
const DATE_S_MAX = 253_402_300_800n; // the year 10000

/** "2026-01-02T03:04:05.000000006Z"; the seconds alone where a calendar has no date for them. */
export function printDate(timeNs: bigint): string {
  const { seconds, fraction } = split(timeNs);
  if (seconds < 0n || seconds >= DATE_S_MAX) return `${printSeconds(timeNs)} s`;
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, -5); // without ".000Z"
  return `${whole}.${fraction}Z`;
}

/** "1767323045.000000006", since 1970. */
export function printSeconds(timeNs: bigint): string {
  const isBefore = timeNs < 0n;
  const { seconds, fraction } = split(isBefore ? -timeNs : timeNs);
  return `${isBefore ? "-" : ""}${seconds}.${fraction}`;
}

function split(timeNs: bigint): { seconds: bigint; fraction: string } {
  const fraction = ((timeNs % NS_PER_S) + NS_PER_S) % NS_PER_S;
  return {
    seconds: (timeNs - fraction) / NS_PER_S,
    fraction: fraction.toString().padStart(9, "0"),
  };
}
