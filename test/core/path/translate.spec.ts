import { Status } from "../../../assembly/base/status";
import { hasPorts, readTuple, translate } from "../../../assembly/path/translate";
import { Tuple, tupleAt } from "../../../assembly/table/tuple";
import { Icmp } from "../../../assembly/wire/icmp";
import { Ipv4, PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP } from "../../../assembly/wire/ipv4";
import { Tcp } from "../../../assembly/wire/tcp";
import { Udp } from "../../../assembly/wire/udp";
import { hexOf, noise } from "../bytes";

const LEN: u32 = 61; // of packets, an odd one
const BODY: u32 = LEN - 20;
const HERE: u32 = 0x0a010001;
const THERE: u32 = 0x0a020001;
const NEW: u32 = 0xc0000237;
const GRE: u32 = 47;

const packet: usize = memory.data(64, 8);
const t: usize = memory.data(<i32>tupleAt.END, 8);
const ip = Ipv4.at(packet);
const tuple = Tuple.at(t);

/** A packet of noise, whose ports are 0x1111 and 0x2222 where it has some. */
function begin(protocol: u32, seed: u64): void {
  noise(packet, LEN, seed);
  ip.emit(LEN, 64, protocol, HERE, THERE);
  if (protocol == PROTOCOL_UDP) {
    Udp.at(ip.payload).emit(0x1111, 0x2222, BODY);
    Udp.at(ip.payload).fillChecksum(ip.pseudo());
  }
  if (protocol == PROTOCOL_TCP) {
    store<u32>(ip.payload, 0x22221111);
    Tcp.at(ip.payload).fillChecksum(ip.pseudo(), BODY);
  }
}

function beginEcho(type: u32): void {
  noise(packet, LEN, 1);
  ip.emit(LEN, 64, PROTOCOL_ICMP, HERE, THERE);
  Icmp.at(ip.payload).emitEcho(type, 77, 1, BODY - 8);
}

function isRight(): bool {
  if (Ipv4.check(packet, LEN) != Status.Ok) return false;
  if (ip.protocol == PROTOCOL_UDP) return Udp.at(ip.payload).isChecksumValid(ip.pseudo());
  if (ip.protocol == PROTOCOL_ICMP) return Icmp.at(ip.payload).isChecksumValid(BODY);
  if (ip.protocol == PROTOCOL_TCP) return Tcp.at(ip.payload).isChecksumValid(ip.pseudo(), BODY);
  return true;
}

describe("a translation", () => {
  it("leaves every checksum right, and can be taken back to the byte", () => {
    const protocols: u32[] = [PROTOCOL_TCP, PROTOCOL_UDP, GRE];
    for (let index = 0; index < 3; index++) {
      for (let seed: u32 = 0; seed < 200; seed++) {
        begin(protocols[index], seed);
        const before = hexOf(packet, LEN);
        const isTarget = (seed & 1) == 0;
        translate(ip, BODY, isTarget, NEW + seed, seed * 321);
        expect<bool>(isRight()).toBe(true);
        expect<u32>(isTarget ? ip.dst : ip.src).toBe(NEW + seed);
        expect<u32>(isTarget ? ip.src : ip.dst).toBe(isTarget ? HERE : THERE);
        translate(ip, BODY, isTarget, isTarget ? THERE : HERE, isTarget ? 0x2222 : 0x1111);
        expect<string>(hexOf(packet, LEN)).toBe(before);
      }
    }
  });

  it("changes the identifier of an echo with the end that asked", () => {
    for (let type: u32 = 0; type <= 8; type += 8) {
      const isAsking = type == 8;
      beginEcho(type);
      translate(ip, BODY, isAsking, NEW, 99); // the end that answers
      expect<u32>(Icmp.at(ip.payload).id).toBe(77);
      translate(ip, BODY, !isAsking, NEW, 99);
      expect<u32>(Icmp.at(ip.payload).id).toBe(99);
      expect<bool>(isRight()).toBe(true);
    }
  });

  it("computes no checksum where UDP has none, and never makes one of zero", () => {
    begin(PROTOCOL_UDP, 1);
    store<u16>(ip.payload, 0, 6);
    translate(ip, BODY, true, NEW, 53);
    expect<u32>(Udp.at(ip.payload).checksum).toBe(0);
    for (let port: u32 = 0; port < 0x10000; port++) {
      begin(PROTOCOL_UDP, 1);
      translate(ip, BODY, false, HERE, port);
      if (Udp.at(ip.payload).checksum == 0) throw new Error("a checksum of zero");
      if (Udp.at(ip.payload).checksum != 0xffff) continue;
      expect<bool>(isRight()).toBe(true);
      return;
    }
    expect<bool>(false).toBe(true, "no port gave a sum of zero");
  });

  it("keeps a wrong checksum wrong", () => {
    begin(PROTOCOL_TCP, 5);
    store<u8>(packet + LEN - 1, load<u8>(packet + LEN - 1) ^ 1);
    translate(ip, BODY, true, NEW, 80);
    expect<bool>(isRight()).toBe(false);
  });

  it("changes no more than is there of a packet that was cut off", () => {
    begin(PROTOCOL_TCP, 6);
    const rest = hexOf(ip.payload + 4, BODY - 4);
    translate(ip, 8, true, NEW, 80);
    expect<u32>(Tcp.at(ip.payload).dstPort).toBe(80);
    expect<string>(hexOf(ip.payload + 4, BODY - 4)).toBe(rest);
    translate(ip, 7, true, THERE, 90);
    expect<u32>(ip.dst).toBe(THERE);
    expect<u32>(Tcp.at(ip.payload).dstPort).toBe(80);
  });
});

describe("the tuple of a packet", () => {
  it("has its addresses, and ports where there are some", () => {
    begin(PROTOCOL_UDP, 1);
    expect<i32>(readTuple(ip, 8, tuple)).toBe(Status.Ok);
    expect<u32>(tuple.src).toBe(HERE);
    expect<u32>(tuple.dst).toBe(THERE);
    expect<u32>(tuple.srcPort).toBe(0x1111);
    expect<u32>(tuple.dstPort).toBe(0x2222);
    expect<i32>(readTuple(ip, 7, tuple)).toBe(Status.Truncated);
    begin(GRE, 1);
    expect<i32>(readTuple(ip, 0, tuple)).toBe(Status.Ok);
    expect<u32>(tuple.ports).toBe(0);
    expect<bool>(hasPorts(GRE)).toBe(false);
  });

  it("has an echo's identifier as the port of who asks", () => {
    beginEcho(8);
    expect<i32>(readTuple(ip, BODY, tuple)).toBe(Status.Ok);
    expect<u32>(tuple.ports).toBe(77);
    beginEcho(0);
    expect<i32>(readTuple(ip, BODY, tuple)).toBe(Status.Ok);
    expect<u32>(tuple.ports).toBe(77 << 16);
    beginEcho(13);
    expect<i32>(readTuple(ip, BODY, tuple)).toBe(Status.NotFound);
    expect<i32>(readTuple(ip, 7, tuple)).toBe(Status.Truncated);
  });
});
