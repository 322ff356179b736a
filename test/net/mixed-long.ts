// The load of mixed.test.ts for as long as one likes, both ways, to heddle and to the kernel: what
// came of every byte, and whether memory grew. Exits 1 when something is not as it was sent.
import { parseArgs } from "node:util";
import { MIXED, openTunnel, type Report, sendMixed } from "./mixed.ts";
import { type Host, Pair } from "./pair.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    megabytes: { type: "string", default: "1000" },
  },
});
const seconds = Number(values.seconds);
const bytes = Number(values.megabytes) * 1e6;
if (!(seconds > 0 && bytes > 0)) throw new RangeError("--seconds and --megabytes: above 0");

const STREAMS = 4;
const GROWTH_MAX = 32e6; // of a process that also makes, hashes and holds what it sends

const pair = await Pair.open();
try {
  for (const peer of ["heddle", "kernel"] as const) {
    await openTunnel(pair, peer);
    for (const [from, to] of pair.ways) {
      await run(`${from === pair.a ? "to" : "from"} ${peer}`, from, to);
    }
    await pair.a.close();
    if (peer === "heddle") await pair.b.close();
  }
} finally {
  await pair.close();
}

async function run(name: string, from: Host, to: Host): Promise<void> {
  await sendMixed(from, to, { seconds: seconds / 10, bytes, streams: STREAMS }); // to warm up
  const before = await memory(from, to);
  const report = await sendMixed(from, to, { seconds, bytes, streams: STREAMS });
  const after = await memory(from, to);
  const faults = faultsOf(report);
  if (after - before > GROWTH_MAX) faults.push("memory grew");
  print(name, report, before, after, faults);
  if (faults.length > 0) process.exitCode = 1;
}

async function memory(...hosts: Host[]): Promise<number> {
  const all = await Promise.all(hosts.map(({ ns }) => ns.call<number>(MIXED, "rss")));
  return Math.max(...all);
}

function faultsOf({ streams, datagrams, pings, badChecksums }: Report): string[] {
  const faults: string[] = [];
  if (datagrams.count === 0) faults.push("no datagram came");
  if (pings[1] < pings[0] / 2) faults.push("half of the pings got no answer");
  if (streams.some(({ sent, taken }) => taken?.bytes !== sent.bytes)) faults.push("bytes differ");
  if (datagrams.bad > 0) faults.push("a datagram differs");
  if (datagrams.late > 0) faults.push("datagrams changed places");
  if (badChecksums > 0) faults.push("bad checksums");
  return faults;
}

function print(
  name: string,
  { streams, datagrams, datagramsSent, pings, badChecksums, reorderings }: Report,
  before: number,
  after: number,
  faults: readonly string[],
): void {
  const total = streams.reduce((sum, { taken }) => sum + (taken?.bytes ?? 0), 0);
  const words = [
    `TCP ${(total / 1e6).toFixed(0)} MB, hashes equal`,
    `UDP ${datagrams.count} of ${datagramsSent}, ${datagrams.late} late, ${datagrams.bad} bad`,
    `ping ${pings[1]} of ${pings[0]}`,
    `${badChecksums} bad checksums`,
    `TCP saw ${reorderings} reorderings`,
    `memory ${(before / 1e6).toFixed(0)} -> ${(after / 1e6).toFixed(0)} MB`,
  ];
  console.log(`${name}: ${words.join("; ")}; ${faults.join(", ") || "as it was sent"}`);
}
