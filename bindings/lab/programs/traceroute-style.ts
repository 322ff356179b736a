// What differs between the traceroutes: the package's of Linux, and busybox's.
import type { TracerouteAction } from "../scenario.ts";
import { printMs } from "./ping-books.ts";

export interface ProbeAnswer {
  readonly from: string;
  readonly rttUs: number;
  /** Of an unreachable destination. */
  readonly code?: number;
  readonly mtu?: number;
  readonly isEcho?: boolean;
}

export interface TracerouteStyle {
  /** The first UDP probe goes so many ports behind the first one. */
  readonly portSkip: number;
  readonly unknownCode: number;
  readonly unroutable: string;
  command(action: TracerouteAction): string;
  banner(name: string, address: string, hopsMax: number): string;
  unknownName(name: string): string;
  data(sequence: number, ttl: number, by: TracerouteAction["by"]): Uint8Array;
  line(hop: number, answers: readonly (ProbeAnswer | null)[]): string;
}

const PORT_UNREACHABLE = 3;
const FRAGMENTATION_NEEDED = 4;
const MARKS: Readonly<Record<number, string>> = {
  ...{ 0: "N", 1: "H", 2: "P", 5: "S", 6: "N", 7: "H", 8: "I", 9: "N", 10: "H", 11: "T" },
  ...{ 12: "T", 13: "X", 14: "V", 15: "C" },
};

const PACKAGE_DATA_LEN = 32;
const BUSYBOX_DATA_LEN = 18;
const ICMP_HEADER_LEN = 8;
const HEADERS_LEN = 28;
const PROBES_USUAL = 3;

/** One probe at a time, without names: what else the package does, it says the same. */
const PACKAGE: TracerouteStyle = {
  portSkip: 0,
  unknownCode: 2,
  unroutable: "connect: Network is unreachable\n",
  command: (action) => ["traceroute", "-n", "-N 1", ...wordsOf(action)].join(" "),
  banner: (name, address, hopsMax) =>
    bannerOf(name, address, hopsMax, PACKAGE_DATA_LEN + HEADERS_LEN),
  unknownName: (name) =>
    `${name}: Name or service not known\nCannot handle "host" cmdline arg \`${name}' on position` +
    " 1 (argc 1)\n",
  data: (_sequence, _ttl, by) => {
    const length = PACKAGE_DATA_LEN;
    const first = by === "icmp" ? ICMP_HEADER_LEN : 0; // the pattern begins below the ICMP header
    return Uint8Array.from({ length }, (_, at) => 0x40 + ((first + at) & 0x3f));
  },
  line: (hop, answers) =>
    `${String(hop).padStart(2)} ${printAnswers(answers, " ", (from) => ` ${from}`)}\n`,
};

const BUSYBOX: TracerouteStyle = {
  portSkip: 1,
  unknownCode: 1,
  unroutable: "traceroute: sendto: Network is unreachable\n",
  command: (action) => ["traceroute", ...wordsOf(action)].join(" "),
  banner: (name, address, hopsMax) =>
    bannerOf(name, address, hopsMax, BUSYBOX_DATA_LEN + HEADERS_LEN),
  unknownName: (name) => `traceroute: bad address '${name}'\n`,
  data: (sequence, ttl) => {
    const data = new Uint8Array(BUSYBOX_DATA_LEN);
    data.set([sequence & 0xff, ttl]);
    return data;
  },
  line: (hop, answers) =>
    `${String(hop).padStart(2)}${printAnswers(answers, "  ", (from) => `  ${from} (${from})`)}\n`,
};

export const TRACEROUTE_STYLES: Readonly<Record<"package" | "busybox", TracerouteStyle>> = {
  package: PACKAGE,
  busybox: BUSYBOX,
};

function wordsOf({ to, by, probes = 1, hopsMax }: TracerouteAction): string[] {
  const words = by === "icmp" ? ["-I"] : [];
  if (probes !== PROBES_USUAL) words.push(`-q ${probes}`);
  if (hopsMax !== undefined) words.push(`-m ${hopsMax}`);
  return [...words, to];
}

function bannerOf(name: string, address: string, hopsMax: number, len: number): string {
  return `traceroute to ${name} (${address}), ${hopsMax} hops max, ${len} byte packets\n`;
}

// An address once for all probes that it answered in a row.
function printAnswers(
  answers: readonly (ProbeAnswer | null)[],
  gap: string,
  printFrom: (from: string) => string,
): string {
  const parts = answers.map((answer, at) => {
    if (answer === null) return `${gap}*`;
    const from = answers[at - 1]?.from === answer.from ? "" : printFrom(answer.from);
    return `${from}  ${printMs(answer.rttUs)} ms${printMark(answer)}`;
  });
  return parts.join("");
}

function printMark({ code, mtu }: ProbeAnswer): string {
  if (code === undefined || code === PORT_UNREACHABLE) return "";
  return code === FRAGMENTATION_NEEDED ? ` !F-${mtu}` : ` !${MARKS[code] ?? code}`;
}
