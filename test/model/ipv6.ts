// IPv6 text, by the letter of RFC 4291 and RFC 5952, one rule after the other.

/** The address that a text means; undefined when it means none. */
export function ipv6Number(text: string): bigint | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const groups = halves.map((half) => (half === "" ? [] : half.split(":")));
  const last = groups.at(-1);
  const dotted = last?.at(-1);
  if (last !== undefined && dotted?.includes(".")) {
    if (text === dotted) return undefined;
    const octets = dotted.split(".");
    const isOctet = (one: string): boolean => String(Number(one)) === one && Number(one) < 256;
    if (octets.length !== 4 || !octets.every(isOctet)) return undefined;
    const [a = 0, b = 0, c = 0, d = 0] = octets.map(Number);
    last.splice(-1, 1, (a * 256 + b).toString(16), (c * 256 + d).toString(16));
  }
  const [head = [], tail = []] = groups;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const all = halves.length === 1 ? head : [...head, ...Array(missing).fill("0"), ...tail];
  if (!all.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return all.reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n);
}

/** An address as RFC 5952 writes it. */
export function ipv6Text(address: bigint): string {
  const parts = Array.from({ length: 8 }, (_, at) => (address >> BigInt(112 - 16 * at)) & 0xffffn);
  let best = { from: 0, count: 1 };
  for (let from = 0; from < 8; from++) {
    let count = 0;
    while (from + count < 8 && parts[from + count] === 0n) count++;
    if (count > best.count) best = { from, count };
  }
  const hex = parts.map((part) => part.toString(16));
  if (best.count === 1) return hex.join(":");
  return `${hex.slice(0, best.from).join(":")}::${hex.slice(best.from + best.count).join(":")}`;
}

/** "fd00::/56" without host bits, as RFC 5952 writes it; undefined for what is no prefix. */
export function ipv6Prefix(text: string): string | undefined {
  const parts = text.split("/");
  const address = ipv6Number(parts[0] ?? "");
  const len = Number(parts[1]);
  if (parts.length !== 2 || address === undefined) return undefined;
  if (!/^\d+$/.test(parts[1] ?? "") || len > 128) return undefined;
  return `${ipv6Text(address - (address % 2n ** BigInt(128 - len)))}/${len}`;
}
