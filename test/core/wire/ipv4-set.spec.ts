import { sumPlain } from "../../../assembly/base/checksum";
import { Status } from "../../../assembly/base/status";
import { IPV4_HEADER_LEN_MIN, Ipv4, PROTOCOL_UDP } from "../../../assembly/wire/ipv4";
import { dirty, hexOf, isDirty, put } from "../bytes";

const packet: usize = memory.data(128);

function seal(): void {
  store<u16>(packet + 10, 0);
  store<u16>(packet + 10, <u16>~sumPlain(packet, IPV4_HEADER_LEN_MIN, 0));
}

function isSealed(): bool {
  return sumPlain(packet, IPV4_HEADER_LEN_MIN, 0) == 0xffff;
}

describe("Ipv4 setters", () => {
  beforeEach(() => {
    dirty(packet, 128);
    Ipv4.at(packet).emit(0x70, 255, PROTOCOL_UDP, 0x0aa80002, 0x0aa80003);
  });

  it("keep the checksum right for every identification and length", () => {
    let wrong = 0;
    for (let word: u32 = 0; word < 0x10000; word++) {
      Ipv4.at(packet).setId(word);
      if (!isSealed() || Ipv4.at(packet).id != word) wrong++;
      Ipv4.at(packet).setTotalLength(word);
      if (!isSealed() || Ipv4.at(packet).totalLength != word) wrong++;
    }
    expect<i32>(wrong).toBe(0);
  });

  it("keep the checksum right for every type of service, and the version", () => {
    for (let tos: u32 = 0; tos < 256; tos++) {
      Ipv4.at(packet).setTos(tos);
      expect<bool>(isSealed()).toBe(true);
      expect<u32>(Ipv4.at(packet).tos).toBe(tos);
      expect<i32>(Ipv4.check(packet, 112)).toBe(Status.Ok);
    }
  });

  it("count every TTL down to zero, and leave the protocol", () => {
    for (let ttl: u32 = 255; ttl > 0; ttl--) {
      expect<u32>(Ipv4.at(packet).ttl).toBe(ttl);
      Ipv4.at(packet).decrementTtl();
      expect<bool>(isSealed()).toBe(true);
      expect<u32>(Ipv4.at(packet).protocol).toBe(PROTOCOL_UDP);
    }
    expect<u32>(Ipv4.at(packet).ttl).toBe(0);
  });

  it("keep the checksum right for every fragment, and the other flags", () => {
    let wrong = 0;
    for (let flags: u32 = 0; flags < 4; flags++) {
      for (let at: u32 = 0; at < 0x2000; at++) {
        store<u16>(packet + 6, bswap<u16>(<u16>((flags << 14) | (at ^ 0x3fff))));
        seal();
        const hasMore = (at & 1) == 0;
        Ipv4.at(packet).setFragment(at << 3, hasMore);
        const expected = (flags << 14) | (hasMore ? 0x2000 : 0) | at;
        if (<u32>bswap<u16>(load<u16>(packet + 6)) != expected || !isSealed()) wrong++;
        if (Ipv4.at(packet).fragmentOffset != at << 3) wrong++;
        if (Ipv4.at(packet).hasMoreFragments != hasMore) wrong++;
      }
    }
    expect<i32>(wrong).toBe(0);
  });

  it("set DF once, and leave what else the word says", () => {
    put(packet + 6, "2123");
    seal();
    Ipv4.at(packet).setDontFragment();
    expect<string>(hexOf(packet + 6, 2)).toBe("6123");
    Ipv4.at(packet).setDontFragment();
    expect<string>(hexOf(packet + 6, 2)).toBe("6123");
    expect<bool>(isSealed()).toBe(true);
  });

  it("touch nothing behind the header", () => {
    Ipv4.at(packet).setId(1);
    Ipv4.at(packet).setTos(1);
    Ipv4.at(packet).setTotalLength(21);
    Ipv4.at(packet).setDontFragment();
    Ipv4.at(packet).setFragment(8, true);
    Ipv4.at(packet).decrementTtl();
    expect<bool>(isDirty(packet + 20, 108)).toBe(true);
  });
});
