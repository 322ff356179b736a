import { frameHash, packetHash } from "../../../assembly/path/flow";
import { ETHERTYPE_IPV4_NET, ETHERTYPE_IPV6_NET, Ethernet } from "../../../assembly/wire/ethernet";
import { PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP } from "../../../assembly/wire/ipv4";
import { edge, flip, noise } from "../bytes";
import { putIp } from "./packets";

const SEED: u64 = 0x0123456789abcdef;
const FRAME_LEN: u32 = 14 + 40 + 8; // the longest header that is looked at, and ports

const frame: usize = memory.data(128, 8);
const packet: usize = frame + 14;

/** How many bits of [from, to) of the packet change its hash when they turn over. */
function sensitive(from: u32, to: u32): u32 {
  const before = frameHash(SEED, frame, FRAME_LEN);
  let count: u32 = 0;
  for (let bit = from * 8; bit < to * 8; bit++) {
    flip(packet, bit);
    if (frameHash(SEED, frame, FRAME_LEN) != before) count += 1;
    flip(packet, bit);
  }
  return count;
}

function putFrame(protocol: u32): void {
  noise(frame, 128, 1);
  Ethernet.at(frame).emit(0x0200000000fe, 0x0400000000fe, ETHERTYPE_IPV4_NET);
  putIp(packet, FRAME_LEN - 14, protocol);
}

describe("the flow hash of IPv4", () => {
  it("is a matter of every bit of addresses, protocol and ports", () => {
    putFrame(PROTOCOL_UDP);
    expect<u32>(sensitive(12, 20)).toBe(64);
    expect<u32>(sensitive(20, 24)).toBe(32);
    expect<u32>(sensitive(9, 10)).toBe(8);
  });

  it("is no matter of anything else", () => {
    putFrame(PROTOCOL_TCP);
    expect<u32>(sensitive(1, 6)).toBe(0); // DS field, length, identification
    expect<u32>(sensitive(8, 9)).toBe(0); // TTL
    expect<u32>(sensitive(10, 12)).toBe(0); // checksum
    expect<u32>(sensitive(24, 48)).toBe(0);
    expect<u32>(frameHash(SEED, frame, FRAME_LEN)).toBe(packetHash(SEED, packet, 48));
  });

  it("finds ports behind options, and none where there are none", () => {
    putFrame(PROTOCOL_UDP);
    store<u8>(packet, 0x46);
    expect<u32>(sensitive(20, 24)).toBe(0);
    expect<u32>(sensitive(24, 28)).toBe(32);
    putFrame(PROTOCOL_ICMP);
    expect<u32>(sensitive(20, 48)).toBe(0);
  });

  it("keeps the fragments of a datagram together", () => {
    putFrame(PROTOCOL_UDP);
    store<u8>(packet + 6, 0x20); // more fragments
    const first = packetHash(SEED, packet, 48);
    expect<u32>(sensitive(20, 24)).toBe(0);
    store<u16>(packet + 6, 0x0100); // the second, with other bytes where ports were
    store<u32>(packet + 20, 0);
    expect<u32>(packetHash(SEED, packet, 48)).toBe(first);
  });

  it("reads nothing behind the packet, whatever its header says", () => {
    for (let len: u32 = 20; len < 64; len++) {
      const ptr = edge(len);
      memory.fill(ptr, 0xff, len);
      store<u8>(ptr + 9, PROTOCOL_UDP);
      store<u16>(ptr + 6, 0);
      packetHash(SEED, ptr, len); // a header of 60 bytes, and a trap if it goes wrong
    }
    expect<bool>(true).toBe(true);
  });
});

describe("the flow hash of other frames", () => {
  it("is a matter of addresses, next header and ports in IPv6", () => {
    putFrame(PROTOCOL_TCP);
    Ethernet.at(frame).emit(2, 4, ETHERTYPE_IPV6_NET);
    store<u8>(packet + 6, PROTOCOL_UDP);
    expect<u32>(sensitive(8, 40)).toBe(256);
    expect<u32>(sensitive(40, 44)).toBe(32);
    expect<u32>(sensitive(6, 7)).toBe(8);
    expect<u32>(sensitive(0, 6) + sensitive(7, 8) + sensitive(44, 48)).toBe(0);
    store<u8>(packet + 6, PROTOCOL_ICMP);
    expect<u32>(sensitive(40, 48)).toBe(0);
  });

  it("is a matter of both MACs and the type where nothing else is known", () => {
    putFrame(PROTOCOL_TCP);
    Ethernet.at(frame).emit(0x0200000000fe, 0x0400000000fe, 0xcc88);
    const before = frameHash(SEED, frame, FRAME_LEN);
    for (let bit: u32 = 0; bit < 14 * 8; bit++) {
      flip(frame, bit);
      expect<u32>(frameHash(SEED, frame, FRAME_LEN)).not.toBe(before);
      flip(frame, bit);
    }
    expect<u32>(sensitive(0, 48)).toBe(0);
  });

  it("takes a frame that is too short for its type by its MACs", () => {
    for (let len: u32 = 14; len < 54; len++) {
      const ptr = edge(len);
      memory.fill(ptr, 0xff, len);
      Ethernet.at(ptr).emit(2, 4, len < 34 ? ETHERTYPE_IPV4_NET : ETHERTYPE_IPV6_NET);
      frameHash(SEED, ptr, len); // and a trap if it goes wrong
    }
    expect<bool>(true).toBe(true);
  });
});

describe("the flow hash", () => {
  it("differs from seed to seed", () => {
    putFrame(PROTOCOL_UDP);
    const before = frameHash(SEED, frame, FRAME_LEN);
    for (let bit: u64 = 0; bit < 64; bit++) {
      expect<u32>(frameHash(SEED ^ ((<u64>1) << bit), frame, FRAME_LEN)).not.toBe(before);
    }
  });

  it("spreads the ports of one pair of hosts over all lanes", () => {
    putFrame(PROTOCOL_UDP);
    const lanes = new StaticArray<i32>(16);
    for (let port: u32 = 0; port < 1600; port++) {
      store<u16>(packet + 20, bswap<u16>(<u16>(49152 + port)));
      const lane = frameHash(SEED, frame, FRAME_LEN) & 15;
      lanes[lane] = lanes[lane] + 1;
    }
    for (let lane = 0; lane < 16; lane++) {
      expect<bool>(lanes[lane] > 60 && lanes[lane] < 140).toBe(true);
    }
  });
});
