// What elements are fed with: packets of their kind, nearly so, and noise, each with what its
// descriptor says.
import fc from "fast-check";
import type { DescFlagName, ElementName } from "../bindings/core/index.ts";
import { bridge } from "../test/model/bridge.ts";
import type { Element } from "../test/model/path.ts";
import { udpDecap, udpEncap } from "../test/model/tunnel.ts";
import { vxlanDecap, vxlanEncap } from "../test/model/vxlan.ts";
import {
  frame,
  ipipFrame,
  ipv4Of,
  ipv4Packet,
  mostly,
  outerFrame,
  vxlanDatagram,
} from "./arbitrary/index.ts";
import { ANOTHER, CAST, DEVICE, IPIP, TUNNEL, TUNNEL_CAST, VXLAN } from "./world.ts";

/** An element, and the same in the model. */
export interface Kind {
  readonly element: ElementName;
  readonly port: number;
  readonly model: Element;
  readonly isFrame: boolean;
  /** Bytes that it writes in front of a packet. */
  readonly headroom: number;
}

const NO_PORT = 99; // a bridge looks at none but those of its packets

export const KINDS: Readonly<Record<string, Kind>> = {
  vxlanEncap: kind("vxlan_encap_burst", VXLAN, vxlanEncap, 8),
  vxlanEncapFrame: kind("vxlan_encap_frame_burst", VXLAN, vxlanEncap, 50),
  vxlanDecap: kind("vxlan_decap_burst", VXLAN, vxlanDecap, 0),
  vxlanDecapFrame: kind("vxlan_decap_frame_burst", VXLAN, vxlanDecap, 0),
  udpEncap: kind("udp_encap_burst", TUNNEL, udpEncap, 0),
  udpEncapFrame: kind("udp_encap_frame_burst", TUNNEL, udpEncap, 42),
  udpDecap: kind("udp_decap_burst", TUNNEL, udpDecap, 0),
  udpDecapFrame: kind("udp_decap_frame_burst", TUNNEL, udpDecap, 0),
  ipipEncap: kind("ipip_encap_frame_burst", IPIP, udpEncap, 34),
  ipipDecap: kind("ipip_decap_frame_burst", IPIP, udpDecap, 0),
  bridge: kind("bridge_burst", NO_PORT, bridge, 0),
};

function kind(element: ElementName, port: number, model: Element, headroom: number): Kind {
  return { element, port, model, isFrame: element.includes("frame"), headroom };
}

/** Where a packet lies. */
export type Spot =
  | "slot" // in a slot of its own, with headroom
  | "front" // that many bytes behind the beginning of the arena
  | "before"
  | "beyond"
  | "nowhere";

export interface Packet {
  readonly bytes: Uint8Array;
  readonly spot: Spot;
  /** Bytes from where the spot begins. */
  readonly shift: number;
  readonly flags: readonly DescFlagName[];
  readonly remote: number | null;
  readonly peer: string | null;
  readonly vni: number;
  readonly tos: number;
  readonly gsoSize: number;
  readonly port: number | null;
}

export interface Traffic {
  readonly kind: string;
  readonly packets: readonly Packet[];
}

// Packets of the tunnel's own ends as well, and frames for those that only a bridge knows.
const ENDS = { ...CAST, hosts: [...CAST.hosts, ...CAST.vteps] };
const BRIDGED = { ...CAST, stations: [...CAST.stations, "01:80:c2:00:00:00", "01:80:c2:00:00:0f"] };

const BYTES: Readonly<Record<string, fc.Arbitrary<Uint8Array>>> = {
  vxlanEncap: mostly(frame(CAST)),
  vxlanEncapFrame: mostly(frame(CAST)),
  vxlanDecap: mostly(vxlanDatagram(CAST, mostly(frame(CAST)))),
  vxlanDecapFrame: mostly(outerFrame(CAST, mostly(vxlanDatagram(CAST, mostly(frame(CAST)))))),
  udpEncap: mostly(ipv4Packet(CAST)),
  udpEncapFrame: mostly(ipv4Packet(CAST)),
  udpDecap: mostly(ipv4Packet(CAST)),
  udpDecapFrame: mostly(outerFrame(TUNNEL_CAST, mostly(ipv4Packet(CAST)))),
  ipipEncap: mostly(ipv4Packet(ENDS)),
  ipipDecap: mostly(ipipFrame(ENDS, mostly(ipv4Packet(ENDS)))),
  bridge: mostly(frame(BRIDGED)),
};

const spot = fc.oneof(
  { arbitrary: fc.constant<Spot>("slot"), weight: 20 },
  { arbitrary: fc.constantFrom<Spot>("front", "before", "beyond", "nowhere"), weight: 1 },
);

function flagsFor(kindName: string): fc.Arbitrary<readonly DescFlagName[]> {
  const usual: DescFlagName[] = /^(udp|ipip)Encap/.test(kindName) ? ["l3"] : [];
  return fc.oneof(
    { arbitrary: fc.constant(usual), weight: 6 },
    { arbitrary: fc.constant<DescFlagName[]>([...usual, "shared"]), weight: 2 },
    { arbitrary: fc.constant<DescFlagName[]>([...usual, "decapped"]), weight: 3 },
    { arbitrary: fc.constant<DescFlagName[]>([...usual, "originated"]), weight: 1 },
    {
      arbitrary: fc.constantFrom<DescFlagName[]>(
        ["l3"],
        [],
        ["csumPartial"],
        ["gather"],
        ["udpGro"],
      ),
      weight: 1,
    },
  );
}

function packet(kindName: string): fc.Arbitrary<Packet> {
  return fc.record({
    bytes: BYTES[kindName] ?? fc.constant(new Uint8Array()),
    spot,
    shift: fc.nat(64),
    flags: flagsFor(kindName),
    remote: fc.constantFrom(null, 0, 1, 2, 9),
    peer: fc.oneof(
      { arbitrary: ipv4Of(...CAST.vteps).map((it) => (it === "0.0.0.0" ? null : it)), weight: 3 },
      { arbitrary: fc.constant(null), weight: 1 },
    ),
    vni: fc.constantFrom(5, 6, 7),
    tos: fc.nat(255),
    gsoSize: fc.oneof({ arbitrary: fc.constant(0), weight: 15 }, fc.constant(1400)),
    port: fc.constantFrom(DEVICE, DEVICE, ANOTHER, ANOTHER, VXLAN, IPIP, null),
  });
}

// Only one packet can lie in front.
function settled(packet: Packet, at: number): Packet {
  return packet.spot === "front" && at > 0 ? { ...packet, spot: "slot" } : packet;
}

/** A burst of one to four packets for one element. */
export const traffic: fc.Arbitrary<Traffic> = fc.oneof(
  ...Object.keys(KINDS).map((name) =>
    fc.record({
      kind: fc.constant(name),
      packets: fc
        .array(packet(name), { minLength: 1, maxLength: 4, size: "max" })
        .map((packets) => packets.map(settled)),
    }),
  ),
);
