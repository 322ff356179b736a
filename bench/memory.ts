// What a million routes of the internet's shape take, against what they may take.
import { openCore } from "../bindings/core/index.ts";
import { HOPS, prefixSet } from "./prefixes.ts";
import { routeBytes } from "./route-bytes.ts";
import { openRoutes } from "./tables.ts";

const ROUTES = 1_000_000;
const MIB = 1 << 20;
const FORWARDING_MIB_MAX = 12;
const WHOLE_MIB_MAX = 32;

const NOTHING = {
  ...{ fdb: 0, neighbors: 0, remotes: 0, ports: 0, domains: 0, flood: 0, scratch: 0, slots: 0 },
};

export interface MemoryLine {
  readonly name: string;
  readonly bytes: number;
  readonly limit: number;
}

export async function measureMemory(): Promise<MemoryLine[]> {
  const node = await openRoutes(prefixSet(ROUTES));
  const sizing = await openCore({ memoryBytes: 65536 });
  const whole = sizing.nodeSize({ ...NOTHING, routes: ROUTES, hops: HOPS });
  return [
    {
      name: `forwarding, ${ROUTES} routes`,
      bytes: routeBytes(node).forwarding,
      limit: FORWARDING_MIB_MAX * MIB,
    },
    { name: "all of it, laid out for that many", bytes: whole, limit: WHOLE_MIB_MAX * MIB },
  ];
}

export function printMemory({ name, bytes, limit }: MemoryLine): string {
  const mib = (count: number): string => `${(count / MIB).toFixed(2)} MiB`;
  const isIn = bytes <= limit ? "" : "  TOO MUCH";
  return `${name.padEnd(40)} ${mib(bytes)} of at most ${mib(limit)}${isIn}`;
}
