// The headers of assembly/wire, a thousand at a time: check and read every field, or write all of
// it. What was read is folded into one word, so that none of it can be left out.
import { Arp } from "../../assembly/wire/arp";
import { Ethernet } from "../../assembly/wire/ethernet";
import { ICMP_ECHO, Icmp } from "../../assembly/wire/icmp";
import { Igmp } from "../../assembly/wire/igmp";
import { Ipv4 } from "../../assembly/wire/ipv4";
import { Tcp } from "../../assembly/wire/tcp";
import { Udp } from "../../assembly/wire/udp";
import { Vlan } from "../../assembly/wire/vlan";
import { Vxlan } from "../../assembly/wire/vxlan";

const STRIDE: usize = 64; // from header to header
const COUNT: usize = 1024;
const END: usize = STRIDE * COUNT;
const BAD: u32 = 0x40000000;
const MAC: u64 = 0x0a4202; // 02:42:0a and the number of the header
const ADDRESS: u32 = 0x0a2a0000; // 10.42.0.0

const headers: usize = memory.data(<i32>END, 64);

/** Returns: where the headers lie. */
export function open(): usize {
  return headers;
}

function macOf(number: u32): u64 {
  return MAC | ((<u64>number) << 24);
}

function fold(mac: u64): u32 {
  return <u32>mac ^ <u32>(mac >> 32);
}

export function ethernetRead(): u32 {
  let seen: u32 = 0;
  for (let at = headers; at < headers + END; at += STRIDE) {
    if (Ethernet.check(at, 14) < 0) return BAD;
    const header = Ethernet.at(at);
    seen += fold(header.dst) ^ fold(header.src) ^ header.etherType;
  }
  return seen;
}

export function ethernetEmit(): u32 {
  for (let i: u32 = 0; i < <u32>COUNT; i++) {
    Ethernet.at(headers + i * STRIDE).emit(macOf(i), macOf(i + 1), 0x0008);
  }
  return <u32>COUNT;
}

export function vlanRead(): u32 {
  let seen: u32 = 0;
  for (let at = headers; at < headers + END; at += STRIDE) {
    if (Vlan.check(at, 4) < 0) return BAD;
    const header = Vlan.at(at);
    seen += header.pcp ^ header.vid ^ header.etherTypeNet ^ <u32>header.isDropEligible;
  }
  return seen;
}

export function vlanEmit(): u32 {
  for (let i: u32 = 0; i < <u32>COUNT; i++) {
    Vlan.at(headers + i * STRIDE).emit(i & 7, false, i, 0x0008);
  }
  return <u32>COUNT;
}

export function arpRead(): u32 {
  let seen: u32 = 0;
  for (let at = headers; at < headers + END; at += STRIDE) {
    if (Arp.check(at, 28) < 0) return BAD;
    const header = Arp.at(at);
    seen += fold(header.senderMac) ^ header.senderAddress ^ header.operation;
    seen += fold(header.targetMac) ^ header.targetAddress;
  }
  return seen;
}

export function arpEmit(): u32 {
  for (let i: u32 = 0; i < <u32>COUNT; i++) {
    Arp.at(headers + i * STRIDE).emit(1, macOf(i), ADDRESS + i, 0, ADDRESS + i + 1);
  }
  return <u32>COUNT;
}

export function ipv4Read(): u32 {
  let seen: u32 = 0;
  for (let at = headers; at < headers + END; at += STRIDE) {
    if (Ipv4.check(at, 64) < 0) return BAD;
    const header = Ipv4.at(at);
    if (!header.isChecksumValid) return BAD;
    seen += header.src ^ header.dst ^ header.totalLength ^ header.id ^ header.fragmentOffset;
    seen += header.ttl ^ header.protocol ^ header.tos ^ header.headerLen;
  }
  return seen;
}

export function ipv4Emit(): u32 {
  for (let i: u32 = 0; i < <u32>COUNT; i++) {
    Ipv4.at(headers + i * STRIDE).emit(20 + (i & 31), 64, 17, ADDRESS + i, ADDRESS + i + 1);
  }
  return <u32>COUNT;
}

export function icmpRead(): u32 {
  let seen: u32 = 0;
  for (let at = headers; at < headers + END; at += STRIDE) {
    if (Icmp.check(at, 8) < 0) return BAD;
    const header = Icmp.at(at);
    if (!header.isChecksumValid(8)) return BAD;
    seen += header.type ^ header.code ^ header.id ^ header.sequence;
  }
  return seen;
}

export function icmpEmit(): u32 {
  for (let i: u32 = 0; i < <u32>COUNT; i++) {
    Icmp.at(headers + i * STRIDE).emitEcho(ICMP_ECHO, 7, i, 0);
  }
  return <u32>COUNT;
}

export function igmpRead(): u32 {
  let seen: u32 = 0;
  for (let at = headers; at < headers + END; at += STRIDE) {
    if (Igmp.check(at, 8) < 0) return BAD;
    const header = Igmp.at(at);
    seen += header.type ^ header.maxRespTime ^ header.group;
  }
  return seen;
}

export function udpRead(): u32 {
  let seen: u32 = 0;
  for (let at = headers; at < headers + END; at += STRIDE) {
    if (Udp.check(at, 64) < 0) return BAD;
    const header = Udp.at(at);
    seen += header.srcPort ^ header.dstPort ^ header.length ^ header.checksum;
  }
  return seen;
}

export function udpEmit(): u32 {
  for (let i: u32 = 0; i < <u32>COUNT; i++) {
    Udp.at(headers + i * STRIDE).emit(i, 8472, 8 + (i & 31));
  }
  return <u32>COUNT;
}

export function tcpRead(): u32 {
  let seen: u32 = 0;
  for (let at = headers; at < headers + END; at += STRIDE) {
    if (Tcp.check(at, 64) < 0) return BAD;
    const header = Tcp.at(at);
    seen += header.srcPort ^ header.dstPort ^ header.sequence ^ header.acknowledgment;
    seen += header.flags ^ header.window ^ header.urgentPointer ^ header.headerLen;
  }
  return seen;
}

export function vxlanRead(): u32 {
  let seen: u32 = 0;
  for (let at = headers; at < headers + END; at += STRIDE) {
    if (Vxlan.check(at, 64, true) < 0) return BAD;
    seen += Vxlan.at(at).vni;
  }
  return seen;
}

export function vxlanEmit(): u32 {
  for (let i: u32 = 0; i < <u32>COUNT; i++) Vxlan.at(headers + i * STRIDE).emit(i);
  return <u32>COUNT;
}
