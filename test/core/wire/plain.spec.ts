import { sumPlain } from "../../../assembly/base/checksum";
import { Ipv4 } from "../../../assembly/wire/ipv4";
import { PlainIpv4 } from "../../../assembly/wire/plain";
import { flip, noise, put } from "../bytes";

// The outer header of a datagram from 10.168.0.2 to 10.168.0.3 (lab C, underlay, packet 3).
const OUTER = "4500 0070 5c8f 4000 4011 c899 0aa8 0002 0aa8 0003";

const packet: usize = memory.data(20);

function seal(): void {
  store<u16>(packet + 10, 0);
  store<u16>(packet + 10, <u16>~sumPlain(packet, 20, 0));
}

function length(): u32 {
  return PlainIpv4.at(packet).totalLength();
}

describe("PlainIpv4.totalLength", () => {
  it("is the length of a header without options that is right, whatever else it says", () => {
    for (let seed: u64 = 0; seed < 500; seed++) {
      noise(packet, 20, seed << 8);
      store<u8>(packet, 0x45);
      store<u16>(packet + 6, load<u16>(packet + 6) & 0x00c0); // the reserved bit, and DF
      if (seed % 5 == 0) memory.fill(packet + 8, 0xff, 12);
      seal();
      expect<u32>(length()).toBe(Ipv4.at(packet).totalLength);
      flip(packet, <u32>(seed % 160));
      expect<u32>(length()).toBe(0);
    }
  });

  it("is none of options, another version, or a fragment", () => {
    const bytes = [0x44, 0x46, 0x55, 0x65];
    for (let i = 0; i < 4; i++) {
      put(packet, OUTER);
      store<u8>(packet, <u8>bytes[i]);
      seal();
      expect<u32>(length()).toBe(0);
    }
    for (let bit: u32 = 0; bit < 16; bit++) {
      put(packet, OUTER);
      flip(packet + 6, bit);
      seal();
      const isFragment = Ipv4.at(packet).isFragment;
      expect<u32>(length()).toBe(isFragment ? 0 : 0x70);
    }
  });
});
