// Offloads without a tunnel: what a device hands over as one packet cut into segments, and the
// segments of a flow joined again. No twin: nothing in JavaScript does that.
import {
  type Burst,
  BurstAt,
  BurstFlag,
  DescAt,
  type ElementName,
  type HeddleNode,
} from "../bindings/core/index.ts";
import { tcp } from "../test/model/headers.ts";
import { ethernet, ipv4, join, udp } from "../test/model/packet.ts";
import { isWrong } from "../test/model/parse.ts";
import { GSO_TCPV4, GSO_UDP_L4, judgeOffered, virtio } from "../test/model/segment.ts";
import { NOW_MS } from "./bursts.ts";
import type { Item } from "./measure.ts";
import { openMeasured } from "./opening.ts";
import { LOCAL, LOCAL_MAC, remoteAddress, remoteMac } from "./workload.ts";

const SEGMENT_LEN = 1398;
const SEGMENTS = 40; // in a packet of less than 64 KiB
const RUNS = 8; // a call of cutting is short
const PIECES = 256; // two for each segment, and 65 for a flow
const CAPS = { slots: SEGMENTS + 1, slotStride: 65536, scratch: 1 << 16 };
const MEMORY_BYTES = 4 << 20;
const ETHERNET_LEN = 14;
const IPV4_LEN = 20;
const ACK = 0x10;
const HEADERS_LEN_MAX = 96; // what an element may write over
const ENDS = { src: LOCAL, dst: remoteAddress(1) };
const MACS = { src: LOCAL_MAC, dst: remoteMac(1) };
const KINDS = {
  tcp: { protocol: 6, gsoType: GSO_TCPV4, csumOffset: 16 },
  udp: { protocol: 17, gsoType: GSO_UDP_L4, csumOffset: 6 },
} as const;

type Kind = keyof typeof KINDS;

interface Work {
  readonly element: ElementName;
  readonly flags: number;
  readonly outCount: number;
}

const CUT: Work = { element: "segment_burst", flags: BurstFlag.Virtio, outCount: SEGMENTS };
const JOIN: Work = {
  element: "coalesce_burst",
  flags: BurstFlag.Virtio | BurstFlag.UdpL4,
  outCount: 1,
};

/** A packet, and the ten bytes in front of it. */
interface Super {
  readonly header: Uint8Array;
  readonly packet: Uint8Array;
}

export async function* offloadItems(): AsyncGenerator<Item> {
  for (const kind of Object.keys(KINDS) as Kind[]) {
    const whole = superOf(kind);
    yield await itemOf(`segment, ${kind}`, CUT, [whole]);
    yield await itemOf(`coalesce, ${kind}`, JOIN, segmentsOf(whole));
  }
}

/** The same packets a few times, each time as they were. */
async function itemOf(name: string, work: Work, packets: readonly Super[]): Promise<Item> {
  const core = await openMeasured({ memoryBytes: MEMORY_BYTES });
  const node = core.openNode({ ...CAPS, seed: 0x5eedn });
  const slots = packets.length;
  const burst = node.openBurst({ capacity: slots, outCapacity: SEGMENTS, slots, pieces: PIECES });
  const fresh = lay(node, burst, packets);
  node.view.setUint32(burst.address + BurstAt.Flags, work.flags, true);
  const run = node.exports[work.element];
  return {
    ...{ name, items: RUNS * SEGMENTS, expected: RUNS * work.outCount },
    wasm: () => {
      let count = 0;
      for (let left = RUNS; left > 0; left--) {
        fresh();
        count += run(node.address, burst.address);
      }
      return count;
    },
  };
}

/** Puts the packets into slots. Returns what lays those bytes again that an element may write. */
function lay(node: HeddleNode, burst: Burst, packets: readonly Super[]): () => void {
  for (const { packet } of packets) burst.push({ bytes: packet, port: null, remote: null });
  const descs = node.bytes.slice(burst.in, burst.in + packets.length * DescAt.End);
  const heads = packets.map(({ header, packet }, at) => {
    const ptr = node.view.getUint32(burst.in + at * DescAt.End + DescAt.Ptr, true);
    const bytes = join(header, packet.subarray(0, HEADERS_LEN_MAX));
    return { ptr: ptr - header.length, bytes };
  });
  node.view.setFloat64(burst.address + BurstAt.NowMs, NOW_MS, true);
  return () => {
    node.bytes.set(descs, burst.in);
    for (const { ptr, bytes } of heads) node.bytes.set(bytes, ptr);
  };
}

/** As a kernel hands it over: the device is to finish the checksum. */
function superOf(kind: Kind): Super {
  const { protocol, gsoType, csumOffset } = KINDS[kind];
  const payload = Uint8Array.from({ length: SEGMENTS * SEGMENT_LEN }, (_, at) => (at * 7) & 255);
  const fields = { srcPort: 5201, dstPort: 40000, checksum: 0 };
  const body =
    kind === "tcp" ? tcp({ ...fields, flags: ACK, pseudo: ENDS }, payload) : udp(fields, payload);
  const csumStart = ETHERNET_LEN + IPV4_LEN;
  return {
    header: virtio({ needsCsum: true, gsoType, gsoSize: SEGMENT_LEN, csumStart, csumOffset }),
    packet: ethernet(MACS, ipv4({ ...ENDS, id: 7, protocol }, body)),
  };
}

/** The same as it comes over a wire. */
function segmentsOf({ header, packet }: Super): Super[] {
  const offered = judgeOffered(header, packet, ETHERNET_LEN);
  if (isWrong(offered)) throw new Error(`a super-packet is ${offered.wrong}`);
  return offered.packets.map((segment) => ({ header: virtio({}), packet: segment }));
}
