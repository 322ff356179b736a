import { Status } from "../../../assembly/base/status";
import { Burst, BurstAt } from "../../../assembly/path/burst";
import { DescFlag } from "../../../assembly/path/desc";
import { fragment } from "../../../assembly/path/fragment";
import { Ipv4, PROTOCOL_UDP } from "../../../assembly/wire/ipv4";
import { hexOf, put } from "../bytes";
import { openNode } from "../table/node";
import { openBurst, outAt, putIp, roomFor, setOptions } from "./packets";

let node: usize = 0;
let burst: usize = 0;
let packet: usize = 0;

/** Makes an IP packet of `len` bytes what is to be appended next. */
function begin(len: u32): Ipv4 {
  node = openNode();
  burst = openBurst(node);
  packet = roomFor(node, burst);
  putIp(packet, len, PROTOCOL_UDP);
  prepare(len);
  return Ipv4.at(packet);
}

function prepare(len: u32): void {
  const o = Burst.at(burst).next;
  o.emit(packet, len, DescFlag.L3);
  o.setPort(5);
}

function cut(mtu: u32): u32 {
  expect<bool>(fragment(Burst.at(burst), mtu)).toBe(true);
  return load<u32>(burst, BurstAt.OutCount);
}

/** Fragment `index`, as "length offset more". */
function shape(index: u32): string {
  const o = outAt(burst, index);
  const ip = Ipv4.at(o.ptr);
  expect<i32>(Ipv4.check(o.ptr, o.len)).toBe(Status.Ok);
  expect<u32>(ip.totalLength).toBe(o.len);
  expect<u32>(o.port).toBe(5);
  expect<u32>(o.flags).toBe(DescFlag.L3);
  return `${o.len} ${ip.fragmentOffset} ${ip.hasMoreFragments ? "more" : "last"}`;
}

describe("fragment", () => {
  it("cuts in units of eight bytes, and the last one is what is left", () => {
    begin(20 + 100).setId(0xabcd);
    const payload = hexOf(packet + 20, 100);
    expect<u32>(cut(20 + 45)).toBe(3);
    expect<string>(shape(0)).toBe("60 0 more");
    expect<string>(shape(1)).toBe("60 40 more");
    expect<string>(shape(2)).toBe("40 80 last");
    let all = "";
    for (let at: u32 = 0; at < 3; at++) {
      expect<u32>(Ipv4.at(outAt(burst, at).ptr).id).toBe(0xabcd);
      all += hexOf(outAt(burst, at).ptr + 20, outAt(burst, at).len - 20);
    }
    expect<string>(all).toBe(payload);
  });

  it("fills the last one to the MTU", () => {
    begin(20 + 85);
    expect<u32>(cut(20 + 45)).toBe(2);
    expect<string>(shape(1)).toBe("65 40 last");
  });

  it("goes on with a fragment where it stands in the whole", () => {
    begin(20 + 80).setFragment(160, true);
    expect<u32>(cut(20 + 40)).toBe(2);
    expect<string>(shape(0)).toBe("60 160 more");
    expect<string>(shape(1)).toBe("60 200 more");
    begin(20 + 80).setFragment(160, false);
    cut(20 + 40);
    expect<string>(shape(1)).toBe("60 200 last");
  });

  it("copies what stands in front of the packet", () => {
    begin(20 + 80);
    const frame = packet - 14;
    put(frame, "0102030405060708090a0b0c0800");
    Burst.at(burst).next.emit(frame, 14 + 100, 0);
    expect<u32>(cut(20 + 40)).toBe(2);
    for (let at: u32 = 0; at < 2; at++) {
      const o = outAt(burst, at);
      expect<u32>(o.len).toBe(14 + 60);
      expect<string>(hexOf(o.ptr, 14)).toBe("0102030405060708090a0b0c0800");
      expect<i32>(Ipv4.check(o.ptr + 14, 60)).toBe(Status.Ok);
    }
  });

  it("gives later ones only the options that are copied", () => {
    begin(32 + 48);
    // Router alert (copied), a record route too short for an address (not copied), end.
    setOptions(packet, "940400000703040000000000");
    prepare(80);
    expect<u32>(cut(56)).toBe(2);
    expect<string>(shape(0)).toBe("56 0 more");
    expect<string>(shape(1)).toBe("48 24 last");
    expect<u32>(Ipv4.at(outAt(burst, 0).ptr).headerLen).toBe(32);
    expect<u32>(Ipv4.at(outAt(burst, 1).ptr).headerLen).toBe(24);
    expect<string>(hexOf(outAt(burst, 1).ptr + 20, 4)).toBe("94040000");
  });

  it("appends all or nothing", () => {
    begin(20 + 80);
    store<u32>(burst, 1, BurstAt.OutCap);
    expect<bool>(fragment(Burst.at(burst), 60)).toBe(false);
    expect<u32>(load<u32>(burst, BurstAt.OutCount)).toBe(0);
    begin(20 + 80);
    store<u32>(burst, 60 + 4 + 59, BurstAt.SpareLen);
    expect<bool>(fragment(Burst.at(burst), 60)).toBe(false);
    expect<u32>(load<u32>(burst, BurstAt.SpareUsed)).toBe(0);
    expect<u32>(load<u32>(burst, BurstAt.OutCount)).toBe(0);
  });

  it("needs an MTU for a header and eight bytes", () => {
    begin(20 + 80);
    expect<u32>(cut(28)).toBe(10);
    for (let mtu: u32 = 0; mtu < 28; mtu += 9) {
      begin(20 + 80);
      expect<bool>(fragment(Burst.at(burst), mtu)).toBe(false);
    }
  });
});
