// Drawing a subnet of a /8 among many leases, beside a Set.
import { LeaseAt, LeaseConfigAt } from "../bindings/core/index.ts";
import type { Case } from "./measure.ts";
import { openMeasured } from "./opening.ts";

const COUNTS = [1000, 10_000];
const FAMILY = 4;
const NETWORK = 0x0a000000;
const NETWORK_LEN = 8;
const SUBNET_LEN = 24;
const CANDIDATES = 100;
const TAKEN_OF = 8; // seven in eight of the lowest subnets have a lease

export async function* leaseCases(): AsyncGenerator<Case> {
  for (const count of COUNTS) {
    const core = await openMeasured({ memoryBytes: 1 << 20 });
    const { exports, view } = core;
    const leases = Uint32Array.from({ length: count }, (_, at) => {
      return NETWORK + (1 + Math.floor((at * TAKEN_OF) / (TAKEN_OF - 1))) * 256;
    });
    // Nobody else has this core: what is lent stays where it was.
    const cfg = core.borrow(LeaseConfigAt.End + (count + 1) * LeaseAt.End, (ptr) => ptr);
    const out = cfg + LeaseConfigAt.End;
    const recs = out + LeaseAt.End;
    view.setUint16(cfg + LeaseConfigAt.Family, FAMILY, true);
    view.setUint16(cfg + LeaseConfigAt.NetworkLen, NETWORK_LEN, true);
    view.setUint32(cfg + LeaseConfigAt.Network, NETWORK);
    leases.forEach((subnet, at) => {
      view.setUint16(recs + at * LeaseAt.End + LeaseAt.Family, FAMILY, true);
      view.setUint16(recs + at * LeaseAt.End + LeaseAt.Len, SUBNET_LEN, true);
      view.setUint32(recs + at * LeaseAt.End + LeaseAt.Address, subnet);
    });
    let dice = 0;
    yield {
      name: `lease pick, ${count}`,
      items: 1,
      expected: CANDIDATES,
      wasm: () => {
        dice = (dice + 0x9e3779b1) >>> 0;
        return exports.lease_pick(cfg, recs, count, dice, out);
      },
      twin: () => pick(leases),
    };
  }
}

function pick(leases: Uint32Array): number {
  const taken = new Set<number>(leases);
  const free: number[] = [];
  for (let subnet = NETWORK + 256; free.length < CANDIDATES; subnet += 256) {
    if (!taken.has(subnet)) free.push(subnet);
  }
  return free.length;
}
