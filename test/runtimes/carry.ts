// What every runtime with module workers does with `heddle/web`: a node in a worker of its own,
// that encapsulates, refuses and counts. What comes out is plain data.
import { HeddleError } from "heddle";
import { type CarrierOptions, startCarrier } from "heddle/web";

const MISSING: string = "./no-such-worker.js";
const NOW_MS = 1000;
const PEER = { address: "192.0.2.7", mac: "02:00:00:00:00:07" };
const ORDER = { element: "vxlan_encap_burst", nowMs: NOW_MS, port: 0 } as const;

/** What one runtime found. */
export interface CarryFindings {
  readonly applied: readonly string[];
  readonly verdicts: readonly string[];
  readonly datagrams: readonly string[];
  readonly peers: readonly (string | null)[];
  readonly counters: Record<string, number>;
  readonly refused: readonly string[];
}

/** Runs everything. `options` say where a bundler left the worker and the binary. */
export async function carry(options: Partial<CarrierOptions> = {}): Promise<CarryFindings> {
  const node = { seed: 7n, slots: 64 };
  const carrier = await startCarrier({
    memoryBytes: 8 << 20,
    ...options,
    node,
    burst: { capacity: 4 },
  });
  const applied = await carrier.apply(
    [
      { table: "domains", op: "set", record: { index: 0, vni: 42 } },
      { table: "ports", op: "set", record: { index: 0, kind: "vxlan", domain: 0, vni: 42 } },
      { table: "remotes", op: "set", record: { index: 0, address: PEER.address } },
      { table: "fdb", op: "set", record: { domain: 0, mac: PEER.mac, port: 0, remote: 0 } },
      { table: "fdb", op: "set", record: { domain: 9999, mac: PEER.mac, port: 0, remote: 0 } },
    ],
    NOW_MS,
  );
  const [known, unknown] = [frameTo(7), frameTo(8)];
  const { verdicts, packets } = await carrier.run(ORDER, [
    { bytes: known },
    { bytes: unknown },
    { bytes: known.subarray(0, 60) },
  ]);
  const counters = Object.entries(await carrier.counters());
  const tooMany = Array.from({ length: 5 }, () => ({ bytes: known }));
  const refused = [await refusal(carrier.run(ORDER, tooMany))];
  refused.push(await refusal(carrier.run({ ...ORDER, nowMs: Number.NaN }, [])));
  carrier.close();
  refused.push(await refusal(carrier.counters()));
  refused.push(await refusal(startCarrier({ ...options, node: { seed: -1n } })));
  const worker = new URL(MISSING, import.meta.url);
  const lost = await refusal(startCarrier({ ...options, node, worker }));
  refused.push(lost.replace(/failed: .*$/s, "failed"));
  return {
    applied: applied.map(({ code }) => code),
    verdicts,
    datagrams: packets.map(({ bytes }) => `${bytes[4]} ${bytes[6]} ${bytes[13]} ${bytes.length}`),
    peers: packets.map(({ desc }) => desc.peer),
    counters: Object.fromEntries(counters.map(([name, count]) => [name, Number(count)])),
    refused,
  };
}

/** 74 bytes to 02:00:00:00:00:0X. */
function frameTo(station: number): Uint8Array {
  const frame = new Uint8Array(74);
  frame.set([2, 0, 0, 0, 0, station, 2, 0, 0, 0, 0, 3, 0x08, 0x00]);
  return frame;
}

function refusal(answer: Promise<unknown>): Promise<string> {
  return answer.then(
    () => "taken",
    (error: unknown) => (error instanceof HeddleError ? error.code : String(error)),
  );
}
