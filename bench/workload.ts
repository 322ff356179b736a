// What the benchmarks carry: frames of a thousand stations behind 64 VTEPs, no two of them alike,
// so that no cache or branch predictor can learn the answer.
import { type Address, ethernet, ipv4, type Mac, udp, vxlan } from "../test/model/packet.ts";

export const BURST_LEN = 64;
export const BURSTS = 16;
export const PACKETS: number = BURST_LEN * BURSTS;
export const STATIONS = 1024;
export const REMOTES = 64;
export const VNI = 5;
export const UDP_PORT = 8472;
export const LOCAL: Address = "10.168.0.1";
export const LOCAL_MAC: Mac = "02:00:00:00:ff:01";

const HEADERS_LEN = 14 + 20 + 8;

/** Numbers from 0 to 1 that follow from `seed` (mulberry32). */
export function dice(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function stationMac(index: number): Mac {
  const bytes = [0x02, 0x42, 0x0a, 0x2a, index >> 8, index & 255];
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(":");
}

export function stationAddress(index: number): Address {
  return `10.42.${index >> 8}.${index & 255}`;
}

/** Behind which VTEP a station lives. */
export function remoteOf(station: number): number {
  return station % REMOTES;
}

export function remoteAddress(remote: number): Address {
  return `10.168.1.${remote}`;
}

export function remoteMac(remote: number): Mac {
  return `02:00:00:00:fe:${remote.toString(16).padStart(2, "0")}`;
}

/** Frames of `len` bytes, each of another flow. */
export function frames(len: number): Uint8Array[] {
  const roll = dice(len);
  return Array.from({ length: PACKETS }, (_, at) => {
    const from = Math.floor(roll() * STATIONS);
    const to = Math.floor(roll() * STATIONS);
    const ports = { srcPort: 1024 + (at % 60000), dstPort: 1 + Math.floor(roll() * 65534) };
    const addresses = { src: stationAddress(from), dst: stationAddress(to) };
    const payload = new Uint8Array(len - HEADERS_LEN).fill(at & 255);
    const packet = ipv4({ ...addresses, id: at }, udp({ ...ports, checksum: 0 }, payload));
    return ethernet({ src: stationMac(from), dst: stationMac(to) }, packet);
  });
}

/** What the VTEPs make of frames, each the one behind which the sender lives. */
export function outerFrames(inner: readonly Uint8Array[]): Uint8Array[] {
  return inner.map((frame, at) => {
    const station = (frame[10] ?? 0) * 256 + (frame[11] ?? 0);
    const remote = remoteOf(station);
    const ports = { srcPort: 32768 + (at % 28000), dstPort: UDP_PORT, checksum: 0 };
    const datagram = udp(ports, vxlan({ vni: VNI }, frame));
    const addresses = { src: remoteAddress(remote), dst: LOCAL };
    const packet = ipv4({ ...addresses, id: at & 0xffff }, datagram);
    return ethernet({ src: remoteMac(remote), dst: LOCAL_MAC }, packet);
  });
}

/** The VTEP that a packet of `outerFrames` comes from. */
export function senderOf(outer: Uint8Array): number {
  return outer[29] ?? 0; // the last byte of the outer source address
}
