// Packets about as long as IP can bear: a length that wraps would make headers that lie.
import fc from "fast-check";
import { portLayout } from "../bindings/core/tables/ports.ts";
import { ethernet, ipv4 } from "../test/model/packet.ts";
import { scrambled } from "./arbitrary/index.ts";
import { expectFates } from "./fate.ts";
import { HEADROOM_LEN, lay, run } from "./feed.ts";
import { type Law, law } from "./law.ts";
import { SMALL, Subject } from "./subject.ts";
import { KINDS } from "./traffic.ts";
import { Twins } from "./twins.ts";
import { build, CAST, modelOf, settle, type World } from "./world.ts";

const PAGES = 4;
const CAPS = { ...SMALL, slots: 1, slotStride: 131072 };
const LIMITS = { outs: 1, spareLen: 0, pieces: 0 };
const IP_LEN_MAX = 65535;

const len = fc.oneof(
  fc.integer({ min: IP_LEN_MAX - 80, max: IP_LEN_MAX }),
  fc.integer({ min: 20, max: IP_LEN_MAX }),
);

export async function openLong(): Promise<Law> {
  const twins = await Twins.open(PAGES);
  const subject = new Subject(twins, CAPS, 1n);
  settle(subject);
  twins.keep();
  const [station = ""] = CAST.stations;
  const [host = ""] = CAST.hosts;
  const input = fc.record({
    kind: fc.constantFrom(
      "vxlanEncap",
      "vxlanEncapFrame",
      "udpEncap",
      "udpEncapFrame",
      "ipipEncap",
    ),
    flags: fc.constantFrom<World["vxlan"]["flags"]>([], ["udpChecksum"]),
    mtu: fc.constantFrom(0, 1450, IP_LEN_MAX, 0xffffffff),
    len,
    seed: fc.nat(),
  });
  return law("long", input, ({ kind: name, flags, mtu, len: packetLen, seed }) => {
    const kind = KINDS[name] as (typeof KINDS)[string];
    const world = plainWorld(station, flags, mtu);
    const packet = ipv4({ src: host, dst: host }, scrambled(packetLen - 20, seed));
    const isFrame = name.startsWith("vxlan");
    const bytes = isFrame ? ethernet({ dst: station, src: station }, packet) : packet;
    const ptr = subject.slot(0) + HEADROOM_LEN;
    twins.back();
    build(subject, world);
    twins.write(ptr, bytes);
    const fields = { remote: null, peer: null, vni: 5, tos: 0, gsoSize: 0, port: 2 };
    const descFlags = isFrame ? [] : (["l3"] as const);
    const packets = [{ ptr, len: bytes.length, flags: descFlags, ...fields }];
    const feed = { element: kind.element, port: kind.port, nowMs: 0, packets, limits: LIMITS };
    lay(subject, feed);
    const model = modelOf(world);
    const port = model.ports.get(kind.port);
    if (port === undefined) throw new Error(`no ${portLayout.name} ${kind.port}`);
    const sent = { bytes, flags: descFlags, ...fields, isInside: () => true };
    expectFates(run(subject, feed), [kind.model(model, port, sent, kind.isFrame, 1)]);
    twins.expectAlike();
  });
}

function plainWorld(mac: string, flags: World["vxlan"]["flags"], mtu: number): World {
  const common = { domain: 0, mac: null, ipv4: "10.1.1.1", mtu, flags, learnLimit: 0, ttl: 0 };
  const port = { ...common, localIpv4: "192.0.2.1", tosMode: "fixed", tos: 0 } as const;
  const none = { udpPort: 0, flags: [], dstMac: null, srcMac: null, ownAddress: null };
  const remote = { ...none, learnLimit: 0, mtu: 0 };
  return {
    vxlan: { ...port, vni: 5, udpPort: 8472 },
    tunnel: { ...port, vni: 0, udpPort: 8285 },
    ipip: { ...port, vni: 0, udpPort: 0 },
    devices: [],
    remotes: [remote, remote, remote],
    fdb: [{ domain: 0, mac, port: 0, remote: 0, flags: ["permanent"] }],
    flood: [],
    routes: [{ prefix: "0.0.0.0/0", hop: 0 }],
    neighbors: [],
  };
}
