// Captures that Wireshark's programs wrote, in every form that they write which is read here.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { CaptureError, PcapngWriter, readCapture } from "../../bindings/lab/index.ts";
import { need } from "../need.ts";

const run = promisify(execFile);
const NS = 1_700_000_000_123_456_789n;
const LENS = [42, 60, 61, 62, 63, 1514];

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "heddle-"));
});
after(() => rm(folder, { recursive: true }));

async function ours(name: string, linkType: "ethernet" | "ip"): Promise<string> {
  const chunks: Uint8Array[] = [];
  const writer = new PcapngWriter((chunk) => chunks.push(chunk));
  writer.addInterface({ name, linkType });
  LENS.forEach((len, at) => {
    const bytes = Uint8Array.from({ length: len }, (_, index) => index * 7 + len);
    writer.addPacket({ interface: 0, timeNs: NS + BigInt(at) * 1_000_001n, bytes, comment: name });
  });
  const file = join(folder, `${name}.pcapng`);
  await writeFile(file, Buffer.concat(chunks));
  return file;
}

async function factsOf(file: string) {
  return [...readCapture(await readFile(file))].map(({ timeNs, bytes, interface: place }) => ({
    timeNs,
    hex: Buffer.from(bytes).toString("hex"),
    linkType: place.linkType,
  }));
}

/** A capture in another form, by editcap. */
async function converted(file: string, form: string): Promise<string> {
  const into = join(folder, form);
  await run("editcap", ["-F", form, file, into]);
  return into;
}

const withTshark = need("tshark");

test("pcap of micro- and nanoseconds, and pcapng, as editcap writes them", withTshark, async () => {
  const file = await ours("eth0", "ethernet");
  const facts = await factsOf(file);
  assert.equal(facts.length, LENS.length);
  assert.deepEqual(await factsOf(await converted(file, "nsecpcap")), facts);
  assert.deepEqual(await factsOf(await converted(file, "pcapng")), facts);
  const micro = facts.map((fact) => ({ ...fact, timeNs: fact.timeNs && inMicros(fact.timeNs) }));
  assert.deepEqual(await factsOf(await converted(file, "pcap")), micro);
});

function inMicros(timeNs: bigint): bigint {
  return (timeNs / 1000n) * 1000n;
}

test(
  "packets that editcap cut, and two captures that mergecap put into one",
  withTshark,
  async () => {
    const [one, two] = [await ours("one", "ethernet"), await ours("two", "ip")];
    const cut = join(folder, "cut.pcapng");
    await run("editcap", ["-s", "50", one, cut]);
    const packets = [...readCapture(await readFile(cut))];
    assert.deepEqual(
      packets.map(({ bytes, originalLen }) => [bytes.length, originalLen]),
      LENS.map((len) => [Math.min(len, 50), len]),
    );
    const both = join(folder, "both.pcapng");
    await run("mergecap", ["-w", both, one, two]);
    const places = [...readCapture(await readFile(both))].map(({ interface: place, comments }) => {
      return [place.name, place.linkType, ...comments].join(" ");
    });
    assert.equal(places.length, 2 * LENS.length);
    assert.deepEqual([...new Set(places)].toSorted(), ["one ethernet one", "two ip two"]);
  },
);

test("captures behind one another in one file: each is a section", withTshark, async () => {
  const [one, two] = [await ours("one", "ethernet"), await ours("two", "ip")];
  const whole = [await readFile(one), await readFile(await converted(two, "pcapng"))];
  const places = [...readCapture(whole)].map((packet) => packet.interface);
  const kinds = new Set(places.map(({ index, linkType }) => `${index} ${linkType}`));
  assert.deepEqual([...kinds], ["0 ethernet", "1 ip"]);
});

test("forms that are not read are refused at their first byte", withTshark, async () => {
  const file = await ours("eth0", "ethernet");
  for (const form of ["snoop", "modpcap", "5views"]) {
    const bytes = await readFile(await converted(file, form));
    const isRefused = (error: unknown): boolean => error instanceof CaptureError && error.at === 0;
    assert.throws(() => [...readCapture(bytes)], isRefused, form);
  }
});
