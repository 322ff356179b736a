// How fast the core wraps frames in this browser: bursts of 64 through its VXLAN element, in slices
// short enough that the page stays alive.
import { type HeddleNode, openCore } from "../../../core/index.ts";

export interface BenchResult {
  readonly frameLen: number;
  readonly packetsPerSecond: number;
}

export const FRAME_LENS: readonly number[] = [64, 128, 256, 512, 1024, 1400];

const BURST_LEN = 64;
const SLICE_MS = 25;
const SLICES = 8;
const NOW_MS = 1000;
const MEMORY_BYTES = 4 << 20;

/** Gives each result as soon as it is there. */
export async function* bench(now: () => number): AsyncGenerator<BenchResult> {
  const core = await openCore({ memoryBytes: MEMORY_BYTES });
  const node = core.openNode({ seed: 0x5eedn, fdb: 256, remotes: 4, slots: 512, scratch: 1 << 16 });
  settle(node);
  for (const frameLen of FRAME_LENS) {
    const run = loadedBurst(node, frameLen);
    let [count, spentMs] = [0, 0];
    for (let slice = 0; slice < SLICES; slice++) {
      const start = now();
      let end = start;
      while (end - start < SLICE_MS) {
        count += run();
        end = now();
      }
      spentMs += end - start;
      await breath();
    }
    yield { frameLen, packetsPerSecond: (count * 1000) / spentMs };
  }
}

function settle(node: HeddleNode): void {
  node.domains.set({ index: 0, vni: 1, ageS: 300 });
  node.ports.set({
    index: 0,
    kind: "vxlan",
    domain: 0,
    mtu: 1500,
    vni: 1,
    localIpv4: "10.168.0.2",
    udpPort: 8472,
  });
  const macs = { dstMac: "02:00:0a:a8:00:03", srcMac: "02:00:0a:a8:00:02" };
  node.remotes.set({ index: 0, address: "10.168.0.3", ...macs });
  node.fdb.set([{ domain: 0, mac: macOf(STATION), port: 0, remote: 0 }], NOW_MS);
}

const STATION: readonly number[] = [0x5e, 0xf8, 0x4f, 0x00, 0xe3, 0x37];

function macOf(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(":");
}

/** A full burst, and what sends it through the element once. Returns how many came out. */
function loadedBurst(node: HeddleNode, frameLen: number): () => number {
  const burst = node.openBurst({ capacity: BURST_LEN, slots: BURST_LEN, spareBytes: 1024 });
  for (let at = 0; at < BURST_LEN; at++) burst.push({ bytes: frameOf(frameLen, at) });
  const descs = node.bytes.slice(burst.in, burst.out);
  const run = node.exports[ELEMENT];
  const { address } = node;
  burst.run(ELEMENT, NOW_MS, 0); // from now on the burst knows the time
  return () => {
    node.bytes.set(descs, burst.in); // the element wrote its verdicts into them
    return run(address, burst.address);
  };
}

const ELEMENT = "vxlan_encap_frame_burst";

/** An Ethernet frame to the station behind the tunnel, with IPv4 and UDP. */
function frameOf(len: number, at: number): Uint8Array {
  const bytes = new Uint8Array(len).fill(at);
  bytes.set(STATION);
  bytes.set([0x02, 0x42, 10, 1, 15, 2, 0x08, 0x00], 6);
  bytes.set([0x45, 0, (len - 14) >> 8, (len - 14) & 255, 0, at, 0, 0, 64, 17, 0, 0], 14);
  bytes.set([10, 1, 15, 2, 10, 1, 16, 3], 26);
  return bytes;
}

/** Lets the page paint. */
function breath(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
