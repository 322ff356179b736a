// The fields of a packet by name and place, as traces name them: see FieldPath.
import type { DecodedLayer, DecodedPacket, LayerName } from "../../core/index.ts";
import type { FieldPath, Range } from "./trace.ts";

/** A field of a packet. */
export interface FieldPlace {
  readonly path: FieldPath;
  /** Index into the packet's layers. */
  readonly layer: number;
  /** As `DecodedLayer.fields` has it. */
  readonly name: string;
  /** The bytes that it lies in; a field of some bits has the whole bytes. */
  readonly at: Range;
}

/** What the headers are called in paths. */
export const LAYER_WORDS: Readonly<Record<LayerName, string>> = {
  ethernet: "eth",
  vlan: "vlan",
  arp: "arp",
  ipv4: "ip",
  icmp: "icmp",
  igmp: "igmp",
  udp: "udp",
  tcp: "tcp",
  vxlan: "vxlan",
  payload: "payload",
  padding: "padding",
};

/** What fields are called in paths, where that is not their own name. */
const FIELD_WORDS: Readonly<Record<string, string>> = { srcPort: "sport", dstPort: "dport" };

type Places = Readonly<Record<string, readonly [at: number, len: number]>>;

const TCP_FLAGS = ["reserved", "ns", "cwr", "ece", "urg", "ack", "psh", "rst", "syn", "fin"];

/** Where the fields lie behind their header's first byte. */
const FIELD_PLACES: Readonly<Record<LayerName, Places>> = {
  ethernet: { dst: [0, 6], src: [6, 6], etherType: [12, 2] },
  vlan: { pcp: [0, 1], dropEligible: [0, 1], vid: [0, 2], etherType: [2, 2] },
  arp: {
    operation: [6, 2],
    senderMac: [8, 6],
    senderAddress: [14, 4],
    targetMac: [18, 6],
    targetAddress: [24, 4],
  },
  ipv4: {
    version: [0, 1],
    ihl: [0, 1],
    tos: [1, 1],
    totalLength: [2, 2],
    id: [4, 2],
    reserved: [6, 1],
    dontFragment: [6, 1],
    moreFragments: [6, 1],
    fragmentOffset: [6, 2],
    ttl: [8, 1],
    protocol: [9, 1],
    checksum: [10, 2],
    src: [12, 4],
    dst: [16, 4],
  },
  icmp: {
    type: [0, 1],
    code: [1, 1],
    checksum: [2, 2],
    id: [4, 2],
    sequence: [6, 2],
    nextHopMtu: [6, 2],
    gateway: [4, 4],
    pointer: [4, 1],
    rest: [4, 4],
    unused: [4, 4],
  },
  igmp: {
    type: [0, 1],
    maxRespTime: [1, 1],
    reserved: [1, 1],
    checksum: [2, 2],
    group: [4, 4],
    flags: [4, 2],
    groupRecords: [6, 2],
  },
  udp: { srcPort: [0, 2], dstPort: [2, 2], length: [4, 2], checksum: [6, 2] },
  tcp: {
    srcPort: [0, 2],
    dstPort: [2, 2],
    sequence: [4, 4],
    acknowledgment: [8, 4],
    dataOffset: [12, 1],
    ...Object.fromEntries(TCP_FLAGS.map((flag) => [flag, [12, 2] as const])),
    window: [14, 2],
    checksum: [16, 2],
    urgentPointer: [18, 2],
  },
  vxlan: {
    validVni: [0, 1],
    policy: [0, 1],
    dontLearn: [1, 1],
    policyApplied: [1, 1],
    reservedFlags: [0, 2],
    policyId: [2, 2],
    vni: [4, 3],
    reserved: [7, 1],
  },
  payload: {},
  padding: {},
};

/** All fields of a packet, in the order of its bytes; options and data reach to their end. */
export function fieldPlaces(packet: DecodedPacket): FieldPlace[] {
  return packet.layers.flatMap((layer, at) => {
    const prefix = layerPath(packet, at);
    return Object.keys(layer.fields).flatMap((name) => {
      const range = placeOf(layer, name);
      if (range.len === 0) return [];
      return [{ path: `${prefix}.${FIELD_WORDS[name] ?? name}`, layer: at, name, at: range }];
    });
  });
}

/** What a header is called among the headers of its packet: "ip", "outer.ip". */
export function layerPath(packet: DecodedPacket, at: number): string {
  const { layers } = packet;
  const name = layers[at]?.layer ?? "payload";
  const further = layers.slice(at + 1).filter(({ layer }) => layer === name).length;
  const prefix = further === 0 ? "" : `outer${further > 1 ? further : ""}.`;
  return prefix + LAYER_WORDS[name];
}

function placeOf(layer: DecodedLayer, name: string): Range {
  const { offset, headerLen, len } = layer;
  const place = FIELD_PLACES[layer.layer][name];
  if (place !== undefined) return { at: offset + place[0], len: place[1] };
  if (name === "data") return { at: offset, len };
  const fixed = layer.layer === "tcp" || layer.layer === "ipv4" ? 20 : headerLen;
  return { at: offset + fixed, len: headerLen - fixed };
}
