// The fast path into VXLAN: frames to stations that live behind a remote.
import { nodeAt, nowSeconds } from "../base/node";
import { cuckooValue } from "../table/cuckoo";
import { FDB_MISS, fdbLive } from "../table/fdb";
import { Port } from "../table/port";
import { Remote, remoteRow } from "../table/remote";
import { ETHERNET_HEADER_LEN, Ethernet } from "../wire/ethernet";
import { Ipv4 } from "../wire/ipv4";
import { VXLAN_IMAGE_LEN } from "../wire/overhead";
import { VIRTIO_HEADER_LEN, Virtio } from "../wire/virtio";
import { VXLAN_HEADER_LEN } from "../wire/vxlan";
import { Burst, BurstFlag } from "./burst";
import { Desc, DescAt, DescFlag, NONE, Verdict } from "./desc";
import { emitFast, emitRange, endsOf, fastAt, fastTos, isInside, isOrdinary } from "./fast";
import { emitFastOuter } from "./fast-outer";
import { frameHash, packetHash } from "./flow";
import { carriesIpv4 } from "./frame";

const FLAGS_SPECIAL: u32 = DescFlag.L3 | DescFlag.Decapped;

/**
 * Encapsulates from the descriptor at `at` on, and stops at the first that needs more, or at the
 * end. Returns: where. Requires: fastBurst.
 */
export function fastEncap(node: usize, b: Burst, port: Port, at: usize, isFrame: bool): usize {
  const end = b.inputEnd;
  const outputEnd = b.outputEnd;
  const isVirtio = (b.flags & BurstFlag.Virtio) != 0;
  let o = b.next;
  for (; at < end && changetype<usize>(o) < outputEnd; at += DescAt.End) {
    const d = Desc.at(at);
    const frame = d.ptr;
    const packetLen = d.len - ETHERNET_HEADER_LEN;
    if (packetLen > load<u32>(node, fastAt.PACKET_MAX) || !isInside(node, frame, d.len)) break;
    if (!isOrdinary(d, FLAGS_SPECIAL)) break;
    if (isVirtio && !Virtio.at(frame - VIRTIO_HEADER_LEN).isPlain) break;
    const index = remoteOf(node, b, port, Ethernet.at(frame).dst);
    const remote = Remote.at(remoteRow(node, index));
    if (changetype<usize>(remote) == 0 || remote.mtu != 0) break;
    const seed = load<u64>(node, nodeAt.SEED);
    const packet = Ethernet.at(frame).payload;
    const isIpv4 = carriesIpv4(d);
    const hash = isIpv4 ? packetHash(seed, packet, packetLen) : frameHash(seed, frame, d.len);
    const tos = fastTos(node, isIpv4 ? Ipv4.at(packet).tos : 0);
    const header = frame - (isFrame ? VXLAN_IMAGE_LEN : VXLAN_HEADER_LEN);
    store<u64>(frame - VXLAN_HEADER_LEN, load<u64>(node, fastAt.VXLAN));
    emitRange(o, header, <u32>(frame - header) + d.len);
    emitFast(node, o, index, endsOf(port, remote.address), tos | (hash << 8));
    if (isFrame) emitFastOuter(node, port, remote, o, hash);
    d.setVerdict(Verdict.Consumed);
    o = Desc.at(changetype<usize>(o) + DescAt.End);
  }
  b.commitTo(changetype<usize>(o));
  return at;
}

// Behind which remote a station lives, or NONE.
function remoteOf(node: usize, b: Burst, port: Port, mac: u64): u32 {
  if (mac == 0) return NONE;
  const key = (mac << 16) | port.domain;
  const entry = fdbLive(node, key, nowSeconds(node), load<u32>(node, fastAt.AGE_S));
  const place = entry == 0 ? FDB_MISS : cuckooValue(entry);
  return (place & 0xffff) == b.port ? place >> 16 : NONE;
}
