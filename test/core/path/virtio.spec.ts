import { arena, arenaEnd } from "../../../assembly/base/node";
import { Status } from "../../../assembly/base/status";
import { Burst, BurstAt, BurstFlag } from "../../../assembly/path/burst";
import { Desc, DescFlag } from "../../../assembly/path/desc";
import { checkOffered, frontLen, headersLen, wireLen } from "../../../assembly/path/virtio";
import { Ipv4, PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP } from "../../../assembly/wire/ipv4";
import { hexOf, put } from "../bytes";
import { openNode } from "../table/node";
import { HERE, openBurst, pushAt, putIp, roomFor, THERE } from "./packets";

const LEN: u32 = 200;
const TCP = "01 01 0000 3000 1400 1000"; // 48 bytes a segment, the checksum at 20 + 16
const UDP = "01 05 0000 3000 1400 0600";

let node: usize = 0;
let burst: usize = 0;

/** An IP packet of LEN bytes behind this virtio header. */
function offer(header: string, protocol: u32): Desc {
  const ptr = roomFor(node, burst);
  putIp(ptr, LEN, protocol);
  if (protocol == PROTOCOL_TCP) put(ptr + 32, "5010");
  if (protocol == PROTOCOL_UDP) put(ptr + 24, "00b4");
  put(ptr - 10, header);
  return pushAt(burst, ptr, LEN, DescFlag.L3);
}

function check(d: Desc): i32 {
  return checkOffered(node, Burst.at(burst), d, 0);
}

function judge(header: string, protocol: u32): i32 {
  store<u32>(burst, 0, BurstAt.InCount);
  return check(offer(header, protocol));
}

describe("checkOffered", () => {
  beforeEach(() => {
    node = openNode();
    burst = openBurst(node);
    store<u32>(burst, BurstFlag.Virtio, BurstAt.Flags);
  });

  it("takes super-packets of TCP and UDP", () => {
    const tcp = offer(TCP, PROTOCOL_TCP);
    expect<i32>(check(tcp)).toBe(Status.Ok);
    expect<u32>(tcp.gsoSize).toBe(48);
    expect<u32>(tcp.csumStart).toBe(20);
    expect<u32>(tcp.csumOffset).toBe(16);
    expect<u32>(tcp.gsoType).toBe(1);
    expect<u32>(headersLen(tcp)).toBe(40);
    expect<u32>(wireLen(tcp)).toBe(88);
    expect<u32>(frontLen(tcp)).toBe(0);
    const udp = offer(UDP, PROTOCOL_UDP);
    expect<i32>(check(udp)).toBe(Status.Ok);
    expect<u32>(headersLen(udp)).toBe(28);
    expect<u32>(wireLen(udp)).toBe(76);
  });

  it("does so only where there are virtio headers", () => {
    store<u32>(burst, 0, BurstAt.Flags);
    const d = offer(TCP, PROTOCOL_TCP);
    expect<i32>(check(d)).toBe(Status.Ok);
    expect<u32>(d.gsoSize).toBe(0);
    d.setGsoSize(48);
    expect<i32>(check(d)).toBe(Status.NeedsOffload);
  });

  it("needs the ten bytes in the arena", () => {
    const ptr = arena(node) + 9;
    putIp(ptr, 40, PROTOCOL_ICMP);
    expect<i32>(check(pushAt(burst, ptr, 40, DescFlag.L3))).toBe(Status.BadArgument);
    putIp(ptr + 1, 40, PROTOCOL_ICMP);
    memory.fill(arena(node), 0, 10);
    expect<i32>(check(pushAt(burst, ptr + 1, 40, DescFlag.L3))).toBe(Status.Ok);
    const end = arenaEnd(node);
    memory.fill(end - 11, 0, 11);
    expect<i32>(check(pushAt(burst, end - 1, 1, DescFlag.L3))).toBe(Status.Ok);
    expect<i32>(check(pushAt(burst, end - 1, 2, DescFlag.L3))).toBe(Status.BadArgument);
  });

  it("refuses what the header and the packet do not agree about", () => {
    expect<i32>(judge("01 01 0000 0000 1400 1000", PROTOCOL_TCP)).toBe(Status.BadOffload);
    expect<i32>(judge("00 01 0000 3000 1400 1000", PROTOCOL_TCP)).toBe(Status.BadOffload);
    expect<i32>(judge("01 01 0000 3000 1300 1000", PROTOCOL_TCP)).toBe(Status.BadOffload);
    expect<i32>(judge("01 01 0000 3000 1400 0600", PROTOCOL_TCP)).toBe(Status.BadOffload);
    expect<i32>(judge("01 05 0000 3000 1400 1000", PROTOCOL_UDP)).toBe(Status.BadOffload);
    expect<i32>(judge(TCP, PROTOCOL_UDP)).toBe(Status.BadOffload);
    expect<i32>(judge(UDP, PROTOCOL_TCP)).toBe(Status.BadOffload);
    expect<i32>(judge("01 03 0000 3000 1400 0600", PROTOCOL_UDP)).toBe(Status.NeedsOffload);
    expect<i32>(judge("01 04 0000 3000 1400 1000", PROTOCOL_TCP)).toBe(Status.NeedsOffload);
    expect<i32>(judge("01 00 0000 0000 0000 0001", PROTOCOL_TCP)).toBe(Status.BadOffload);
  });

  it("refuses a packet that does not agree with itself", () => {
    const fragment = offer(TCP, PROTOCOL_TCP);
    Ipv4.at(fragment.ptr).setFragment(0, true);
    expect<i32>(check(fragment)).toBe(Status.BadOffload);
    const long = offer(TCP, PROTOCOL_TCP);
    Ipv4.at(long.ptr).setTotalLength(LEN - 1);
    expect<i32>(check(long)).toBe(Status.BadOffload);
    const short = offer(TCP, PROTOCOL_TCP);
    Ipv4.at(short.ptr).setTotalLength(LEN + 1);
    expect<i32>(check(short)).toBe(Status.Truncated);
    const offset = offer(TCP, PROTOCOL_TCP);
    put(offset.ptr + 32, "4010");
    expect<i32>(check(offset)).toBe(Status.BadLength);
    const length = offer(UDP, PROTOCOL_UDP);
    put(length.ptr + 24, "00b3");
    expect<i32>(check(length)).toBe(Status.BadOffload);
  });

  it("refuses a super-packet of what is no IPv4", () => {
    const ptr = roomFor(node, burst);
    put(ptr - 10, "01 01 0000 3000 2200 1000");
    put(ptr, "020000000002 020000000001 86dd");
    expect<i32>(check(pushAt(burst, ptr, LEN))).toBe(Status.NeedsOffload);
    put(ptr + 12, "8100 0009 86dd");
    expect<i32>(check(pushAt(burst, ptr, LEN))).toBe(Status.NeedsOffload);
    put(ptr - 10, "01 01 0000 3000 0e00 0000");
    put(ptr + 12, "0800");
    expect<i32>(check(pushAt(burst, ptr, 17))).toBe(Status.NeedsOffload);
  });

  it("finishes the checksum of a packet, also of one that is as long as a segment", () => {
    const d = offer("01 00 0000 0000 1400 0600", PROTOCOL_UDP);
    put(d.ptr, "4500 001c 0000 0000 4011 0000 0a010001 0a020001 0001 0002 0008 0000");
    d.setRange(d.ptr, 28);
    expect<i32>(check(d)).toBe(Status.Ok);
    expect<string>(hexOf(d.ptr + 26, 2)).toBe("fff4"); // ~(1 + 2 + 8)
    expect<u32>(d.gsoSize).toBe(0);
    const whole = offer("01 05 0000 ac00 1400 0600", PROTOCOL_UDP); // 172 bytes, all that there are
    put(whole.ptr + 26, "0000");
    expect<i32>(check(whole)).toBe(Status.Ok);
    expect<u32>(whole.gsoSize).toBe(0);
    expect<u32>(wireLen(whole)).toBe(LEN);
    expect<bool>(hexOf(whole.ptr + 26, 2) != "0000").toBe(true);
    expect<u32>(Ipv4.at(whole.ptr).src).toBe(HERE);
    expect<u32>(Ipv4.at(whole.ptr).dst).toBe(THERE);
  });

  it("copies what is shared, or refuses it", () => {
    const d = offer(TCP, PROTOCOL_TCP);
    d.addFlags(DescFlag.Shared);
    const before = d.ptr;
    expect<i32>(check(d)).toBe(Status.Ok);
    expect<bool>(d.ptr == before).toBe(false);
    store<u32>(burst, 0, BurstAt.SpareLen);
    const other = offer(TCP, PROTOCOL_TCP);
    other.addFlags(DescFlag.Shared);
    expect<i32>(check(other)).toBe(Status.NoRoom);
  });
});
