import { sumPlain } from "../../../assembly/base/checksum";
import { Status } from "../../../assembly/base/status";
import { Ipv4 } from "../../../assembly/wire/ipv4";
import { dirty, edge, hexOf, isDirty, put } from "../bytes";

// An outer header without options (lab C, underlay, packet 3).
const OUTER = "4500 0070 5c8f 4000 4011 c899 0aa8 0002 0aa8 0003";
// An IGMP report, with the router alert option (lab B, underlay, packet 1).
const REPORT = "46c0 0028 0000 4000 0102 03fa 0000 0000 e000 0016 9404 0000";

const packet: usize = memory.data(128);

function seal(headerLen: u32): void {
  store<u16>(packet + 10, 0);
  store<u16>(packet + 10, <u16>~sumPlain(packet, headerLen, 0));
}

describe("Ipv4 options", () => {
  it("are found in a report that Linux sent", () => {
    put(packet, REPORT);
    const header = Ipv4.at(packet);
    expect<usize>(header.options).toBe(packet + 20);
    expect<u32>(header.optionsLen).toBe(4);
    expect<i32>(header.checkOptions()).toBe(Status.Ok);
    expect<bool>(header.hasRouterAlert).toBe(true);
    expect<bool>(header.hasSourceRoute).toBe(false);
  });

  it("may be none", () => {
    const ptr = edge(20);
    put(ptr, OUTER);
    expect<u32>(Ipv4.at(ptr).optionsLen).toBe(0);
    expect<i32>(Ipv4.at(ptr).checkOptions()).toBe(Status.Ok);
    expect<bool>(Ipv4.at(ptr).hasRouterAlert).toBe(false);
    expect<bool>(Ipv4.at(ptr).hasSourceRoute).toBe(false);
  });

  it("tell both source routes", () => {
    for (let strict = 0; strict < 2; strict++) {
      put(packet, REPORT);
      put(packet + 20, strict == 1 ? "89030400" : "83030400");
      expect<bool>(Ipv4.at(packet).hasSourceRoute).toBe(true);
      expect<bool>(Ipv4.at(packet).hasRouterAlert).toBe(false);
    }
  });

  it("are wrong when one reaches beyond the header; `check` does not ask", () => {
    put(packet, REPORT);
    put(packet + 20, "94050000");
    seal(24);
    expect<i32>(Ipv4.at(packet).checkOptions()).toBe(Status.BadOption);
    expect<i32>(Ipv4.check(packet, 40)).toBe(Status.Ok);
    expect<bool>(Ipv4.at(packet).hasRouterAlert).toBe(false);
  });
});

describe("Ipv4.emitLater", () => {
  beforeEach(() => {
    dirty(packet, 128);
  });

  it("writes the header without options that only the first fragment has", () => {
    put(packet, "4700 0040 5c8f 4000 4001 0000 0aa8 0002 0aa8 0003 0708 0400 0000 0000");
    seal(28);
    expect<u32>(Ipv4.at(packet).emitLater(packet + 64)).toBe(20);
    expect<string>(hexOf(packet + 64, 10)).toBe("450000405c8f40004001");
    expect<string>(hexOf(packet + 76, 8)).toBe("0aa800020aa80003");
    expect<u32>(sumPlain(packet + 64, 20, 0)).toBe(0xffff);
    expect<bool>(isDirty(packet + 84, 44)).toBe(true);
  });

  it("keeps those that are copied", () => {
    put(packet, "4800 0040 5c8f 0000 4001 0000 0aa8 0002 0aa8 0003 0704 0400 9404 0000 0100 0000");
    seal(32);
    expect<u32>(Ipv4.at(packet).emitLater(packet + 64)).toBe(24);
    expect<string>(hexOf(packet + 64, 2)).toBe("4600");
    expect<string>(hexOf(packet + 84, 4)).toBe("94040000");
    expect<i32>(Ipv4.check(packet + 64, 64)).toBe(Status.Ok);
    expect<bool>(isDirty(packet + 88, 40)).toBe(true);
  });
});
