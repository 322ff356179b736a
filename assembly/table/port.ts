import { nodeAt } from "../base/node";
import { Status } from "../base/status";
import { domainAt, useDomain } from "./domain";
import {
  addTo,
  giveRow,
  isRow,
  layRows,
  MARK,
  NONE,
  rowAt,
  rowCapacity,
  rowNext,
  rowPtr,
  shapeOf,
  takeRow,
} from "./rows";

/** A port record, 64 bytes. */
export const enum PortAt {
  Index = 0, // u16
  Kind = 2, // u16, PortKind
  Domain = 4, // u16, or 0xffff
  Mac = 6, // u8[6]
  Ipv4 = 12, // u32
  PrefixLen = 16, // u8
  Ttl = 17, // u8; 0 means 64
  TosMode = 18, // u8
  Tos = 19, // u8
  Mtu = 20, // u32; 0 means 65535
  Flags = 24, // u32, PortFlag
  Vni = 28, // u32
  LearnLimit = 32, // u32; 0 means no limit
  LocalIpv4 = 36, // u32
  UdpPort = 40, // u16
  Learned = 44, // u32, read
  End = 64,
}

export const enum PortKind {
  Ethernet = 1,
  Vxlan = 2,
  UdpTunnel = 3,
  Ip = 4,
  Ipip = 5,
}

export const enum TosMode {
  Fixed = 0,
  Inherit = 1,
}

export const enum PortFlag {
  Learn = 1,
  Flood = 2,
  Sticky = 4,
  ArpProxy = 8,
  StrictPeer = 16,
  Isolated = 32,
  LinuxMode = 64,
  Ecn = 128,
  ManyVnis = 256,
  UdpChecksum = 512,
  FlannelUnreachable = 1024,
  UnreachableFromTarget = 2048,
  DontFragment = 4096,
  ArpInspect = 8192,
  Gbp = 16384,
  SplitHorizon = 32768,
  MssClamp = 65536,
}

// What a row keeps in the tail of its record.
namespace at {
  export const USERS: usize = 48; // FDB, flood list, hops, neighbors and rules that name it
}

const PORT_LEN: u32 = PortAt.End;
const INPUT_LEN: u32 = PortAt.Learned; // what a set may change
const NAMED_LEN: u32 = <u32>at.USERS;
const TTL_DEFAULT: u32 = 64;
const MTU_MAX: u32 = 65535;
const MAC_MASK: u64 = 0xffffffffffff;

if (PortAt.Kind != MARK) ERROR("port: the kind marks a row");

/** A port lying in its table. */
@unmanaged
@final
export class Port {
  static at(ptr: usize): Port {
    return changetype<Port>(ptr);
  }

  get kind(): u32 {
    return load<u16>(changetype<usize>(this), PortAt.Kind);
  }

  get domain(): u32 {
    return load<u16>(changetype<usize>(this), PortAt.Domain);
  }

  get mac(): u64 {
    return load<u64>(changetype<usize>(this), PortAt.Mac) & MAC_MASK;
  }

  get ipv4(): u32 {
    return load<u32>(changetype<usize>(this), PortAt.Ipv4);
  }

  get prefixLen(): u32 {
    return load<u8>(changetype<usize>(this), PortAt.PrefixLen);
  }

  get ttl(): u32 {
    const ttl: u32 = load<u8>(changetype<usize>(this), PortAt.Ttl);
    return ttl == 0 ? TTL_DEFAULT : ttl;
  }

  get tosMode(): u32 {
    return load<u8>(changetype<usize>(this), PortAt.TosMode);
  }

  get tos(): u32 {
    return load<u8>(changetype<usize>(this), PortAt.Tos);
  }

  get mtu(): u32 {
    const mtu = load<u32>(changetype<usize>(this), PortAt.Mtu);
    return mtu == 0 ? MTU_MAX : mtu;
  }

  get flags(): u32 {
    return load<u32>(changetype<usize>(this), PortAt.Flags);
  }

  get vni(): u32 {
    return load<u32>(changetype<usize>(this), PortAt.Vni);
  }

  get learnLimit(): u32 {
    return load<u32>(changetype<usize>(this), PortAt.LearnLimit);
  }

  get learned(): u32 {
    return load<u32>(changetype<usize>(this), PortAt.Learned);
  }

  get localIpv4(): u32 {
    return load<u32>(changetype<usize>(this), PortAt.LocalIpv4);
  }

  get udpPort(): u32 {
    return load<u16>(changetype<usize>(this), PortAt.UdpPort);
  }

  get users(): u32 {
    return load<u32>(changetype<usize>(this), at.USERS);
  }
}

/** Returns: the first address behind the table. */
export function layPorts(node: usize, base: usize, ports: u32): usize {
  return layRows(node + nodeAt.PORT, base, ports, shapeOf(PORT_LEN, NAMED_LEN, PortAt.End));
}

/** Address of the port, or 0. */
export function portAt(node: usize, index: u32): usize {
  return rowAt(node + nodeAt.PORT, index);
}

/** True for an address that a port has. */
export function isPortAddress(node: usize, address: u32): bool {
  const rows = node + nodeAt.PORT;
  let index = rowNext(rows, -1);
  while (index >= 0 && Port.at(rowPtr(rows, index)).ipv4 != address) index = rowNext(rows, index);
  return index >= 0 && address != 0;
}

/** Makes or replaces a port. Requires: a legal record. Returns: Ok, NoRoom or NotFound. */
export function portSet(node: usize, rec: usize): Status {
  const rows = node + nodeAt.PORT;
  const index: u32 = load<u16>(rec, PortAt.Index);
  const domain: u32 = load<u16>(rec, PortAt.Domain);
  if (index >= rowCapacity(rows)) return Status.NoRoom;
  if (domain != NONE && domainAt(node, domain) == 0) return Status.NotFound;
  const row = rowPtr(rows, index);
  if (isRow(row)) useDomain(node, Port.at(row).domain, -1);
  else takeRow(rows);
  useDomain(node, domain, 1);
  memory.copy(row, rec, INPUT_LEN);
  return Status.Ok;
}

/** Returns: Ok, NotFound or Busy. */
export function portRemove(node: usize, index: u32): Status {
  const row = portAt(node, index);
  if (row == 0) return Status.NotFound;
  if (Port.at(row).users != 0) return Status.Busy;
  useDomain(node, Port.at(row).domain, -1);
  giveRow(node + nodeAt.PORT, index);
  return Status.Ok;
}

/** Counts who names a port. */
export function usePort(node: usize, index: u32, delta: i32): void {
  addTo(node + nodeAt.PORT, index, at.USERS, delta);
}

/** Counts MACs that were learned at a port. */
export function countAtPort(node: usize, index: u32, delta: i32): void {
  addTo(node + nodeAt.PORT, index, PortAt.Learned, delta);
}
