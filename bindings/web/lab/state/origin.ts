// Where a field has its value from: what this hop did, or one before it.
import type {
  Cause,
  DevicePlace,
  FieldPath,
  Hop,
  TableId,
  Trace,
} from "../../../lab/trace/trace.ts";
import type { FieldRow } from "./frame.ts";

/** What the third column of the fields says. */
export type Origin =
  | {
      readonly kind: "asked";
      /** Index into the hop's `asked`. */
      readonly asked: number;
      readonly table: TableId;
      /** The hop's `n`; null: the one in view. */
      readonly hop: number | null;
    }
  | {
      readonly kind: "rule";
      readonly rule: Cause;
      /** Whose rule: "flannel.1", "node1". */
      readonly device: string;
      readonly namespace: string;
      readonly hop: number | null;
    }
  | { readonly kind: "unchanged" }
  | { readonly kind: "unknown" };

/** Of a row in what left the hop. */
export function originHere(trace: Trace, hop: Hop, row: FieldRow): Origin {
  return originAt(trace, hop, row, null) ?? { kind: hop.in === null ? "unknown" : "unchanged" };
}

/** Of a row in what came to the hop: what some hop before it made. */
export function originBefore(trace: Trace, hop: Hop, row: FieldRow): Origin {
  for (let each = hopBefore(trace, hop); each !== undefined; each = hopBefore(trace, each)) {
    const origin = originAt(trace, each, row, each.n);
    if (origin !== undefined) return origin;
  }
  return { kind: "unknown" };
}

/** The hop that a packet came from. */
export function hopBefore(trace: Trace, hop: Hop): Hop | undefined {
  const packet = trace.packets[hop.packet];
  if (packet === undefined || hop.from === null) return undefined;
  return trace.hops
    .slice(packet.firstHop, packet.firstHop + packet.hopCount)
    .find(({ n }) => n === hop.from);
}

function originAt(trace: Trace, hop: Hop, row: FieldRow, n: number | null): Origin | undefined {
  const change = changeOf(hop, row.paths);
  if (change === undefined) return undefined;
  const { namespace } = hop;
  const { cause } = change;
  if ("rule" in cause) {
    const { rule } = cause;
    return { kind: "rule", rule, device: doerOf(trace, hop, row, rule), namespace, hop: n };
  }
  const asked = hop.asked[cause.asked];
  if (asked === undefined) return { kind: "unknown" };
  return { kind: "asked", asked: cause.asked, table: asked.table, hop: n };
}

function doerOf(trace: Trace, hop: Hop, row: FieldRow, rule: Cause): string {
  if (rule === "decapsulated") return hop.outDevice ?? hop.device;
  return rule === "device-address" ? ownerOf(trace, hop, row) : deviceOf(hop, row);
}

// Whose address it is: a VTEP sends from that of the device below it, which may be in its host's
// namespace. Where several have one, as all of Calico's have one MAC, it is the one's at work.
function ownerOf(trace: Trace, hop: Hop, row: FieldRow): string {
  const likely = deviceOf(hop, row);
  const spaces = trace.places.hosts.find(({ name }) => name === hop.host)?.namespaces ?? [];
  const own = spaces.filter(({ name }) => name === hop.namespace);
  const owners = [...own, ...spaces]
    .flatMap(({ devices }) => devices)
    .filter((device) => has(device, row.value))
    .map(({ name }) => name);
  return owners.includes(likely) ? likely : (owners[0] ?? likely);
}

function has({ mac, addresses }: DevicePlace, address: string): boolean {
  return mac === address || addresses.some((each) => each.split("/")[0] === address);
}

// Whose address or setting it is: a router writes the frames of the device that they leave by.
function deviceOf({ device, outDevice, values, namespace }: Hop, { name, path }: FieldRow): string {
  const isFrame = name.startsWith("ethernet.");
  if (isFrame && path.startsWith("outer")) return outDevice ?? device;
  if (device !== "routing") return device;
  return isFrame ? String(values.dev ?? outDevice ?? namespace) : namespace;
}

/** What changed one of these fields; a whole header may have changed at once. */
function changeOf(
  { changes }: Hop,
  paths: readonly FieldPath[],
): Hop["changes"][number] | undefined {
  const own = changes.find(({ field }) => paths.includes(field));
  return own ?? changes.find(({ field }) => paths.some((path) => path.startsWith(`${field}.`)));
}
