// Address translation beside a Map of flows: datagrams for a published port, each of another sender
// that is known already. What was translated is laid again for every run, by both.
import { parseIpv4 } from "../bindings/core/index.ts";
import { ipv4, udp } from "../test/model/packet.ts";
import { inCore } from "./bursts.ts";
import type { Case } from "./measure.ts";
import { Stage } from "./stage.ts";
import { PACKETS, stationAddress } from "./workload.ts";

const LEN = 512;
const HEADERS_LEN = 28;
const UDP = 17;
const HOST = "10.168.0.2";
const PUBLISHED = 8080;
const CONTAINER = "172.17.0.2";
const PORT = 80;

interface Flow {
  readonly dst: number;
  readonly dstPort: number;
  packets: number;
}

export async function* natCases(): AsyncGenerator<Case> {
  const stage = await Stage.open({ caps: { conns: 2 * PACKETS, rules: 1 } });
  const { node } = stage;
  node.ports.set({ index: 0, kind: "ip", ipv4: HOST, prefixLen: 24 });
  node.rules.set({
    ...({ hook: "prerouting", action: "dnat", protocol: UDP, flags: ["targetLocal"] } as const),
    ...{ firstPort: PUBLISHED, lastPort: PUBLISHED, toAddress: CONTAINER, toPort: PORT },
  });
  const packets = Array.from({ length: PACKETS }, (_, at) => {
    const payload = new Uint8Array(LEN - HEADERS_LEN).fill(at);
    const ports = { srcPort: 1024 + at, dstPort: PUBLISHED, checksum: 0x1234 };
    return ipv4({ src: stationAddress(at), dst: HOST, protocol: UDP }, udp(ports, payload));
  });
  stage.load(packets);
  const heads = packets.map((bytes) => bytes.slice(0, HEADERS_LEN));
  const spots = packets.map((_, at) => ({ ptr: stage.place(at), len: LEN, peer: HOST }));
  const through = { element: "nat_burst", desc: { port: 0, flags: ["l3"] } } as const;
  const run = inCore(node, through, spots);
  const arena = new Uint8Array(node.slotCount * node.slotStride);
  for (const [at, bytes] of packets.entries()) arena.set(bytes, stage.place(at));
  const twin = new Translator(arena);
  yield {
    ...{ name: "nat, a published port", items: PACKETS, expected: PACKETS },
    wasm: () => {
      heads.forEach((head, at) => {
        node.bytes.set(head, node.arena + stage.place(at));
      });
      return run();
    },
    twin: () => {
      let count = 0;
      heads.forEach((head, at) => {
        arena.set(head, stage.place(at));
        if (twin.translate(stage.place(at))) count += 1;
      });
      return count;
    },
  };
}

/** The twin: a Map of Maps by source and target, each an address and a port in one number. */
class Translator {
  readonly #view: DataView;
  readonly #flows = new Map<number, Map<number, Flow>>();

  constructor(arena: Uint8Array) {
    this.#view = new DataView(arena.buffer);
  }

  translate(at: number): boolean {
    const view = this.#view;
    if (view.getUint8(at) !== 0x45 || this.#sum(at, 20) !== 0xffff) return false;
    const flow = this.#flowOf(at);
    flow.packets += 1;
    const before = view.getUint32(at + 16);
    view.setUint32(at + 16, flow.dst);
    this.#mend(at + 10, before, flow.dst);
    if (view.getUint16(at + 26) !== 0) {
      this.#mend(at + 26, before, flow.dst);
      this.#mend(at + 26, view.getUint16(at + 22), flow.dstPort);
    }
    view.setUint16(at + 22, flow.dstPort);
    return true;
  }

  #flowOf(at: number): Flow {
    const view = this.#view;
    const source = view.getUint32(at + 12) * 0x10000 + view.getUint16(at + 20);
    const target = view.getUint32(at + 16) * 0x10000 + view.getUint16(at + 22);
    const targets = this.#flows.get(source) ?? new Map<number, Flow>();
    const flow = targets.get(target) ?? { dst: parseIpv4(CONTAINER), dstPort: PORT, packets: 0 };
    if (flow.packets === 0) this.#flows.set(source, targets.set(target, flow));
    return flow;
  }

  #sum(at: number, len: number): number {
    let sum = 0;
    for (let end = at + len; at < end; at += 2) sum += this.#view.getUint16(at);
    return folded(sum);
  }

  // RFC 1624, of a word of 32 bits.
  #mend(at: number, from: number, to: number): void {
    const before = ~this.#view.getUint16(at) & 0xffff;
    const less = (~(from >>> 16) & 0xffff) + (~from & 0xffff);
    this.#view.setUint16(at, ~folded(before + less + (to >>> 16) + (to & 0xffff)) & 0xffff);
  }
}

function folded(sum: number): number {
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}
