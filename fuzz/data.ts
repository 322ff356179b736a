// Inputs as text, so that a failure can be printed, kept and run again. JSON, and an object with
// one key that begins with "$" for what JSON lacks.

type Tagged = { $bytes: string } | { $bigint: string } | { $number: string };

/** Pair: parseData. */
export function printData(value: unknown): string {
  return JSON.stringify(value, (_, part) => tag(part));
}

/** Pair: printData. */
export function parseData(text: string): unknown {
  return JSON.parse(text, (_, part) => untag(part));
}

function tag(part: unknown): unknown {
  if (part instanceof Uint8Array) return { $bytes: Buffer.from(part).toString("hex") };
  if (typeof part === "bigint") return { $bigint: part.toString() };
  if (typeof part === "number" && !Number.isFinite(part)) return { $number: String(part) };
  if (Object.is(part, -0)) return { $number: "-0" };
  return part;
}

function untag(part: unknown): unknown {
  if (typeof part !== "object" || part === null) return part;
  const tagged = part as Partial<Record<keyof (Tagged & object), string>> & Record<string, string>;
  if (tagged.$bytes !== undefined) return Uint8Array.from(Buffer.from(tagged.$bytes, "hex"));
  if (tagged.$bigint !== undefined) return BigInt(tagged.$bigint);
  if (tagged.$number !== undefined) return Number(tagged.$number);
  return part;
}
