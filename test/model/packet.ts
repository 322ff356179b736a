// Packets built the slow way, from the RFCs and from nothing of ours, so that a test that compares
// them with the core cannot share the core's mistakes.

export type Mac = string; // "02:42:0a:01:0f:02"
export type Address = string; // "10.1.15.2"

/** The six bytes of a MAC. */
export function macBytes(mac: Mac): Uint8Array {
  return Uint8Array.from(mac.split(":"), (byte) => Number.parseInt(byte, 16));
}

/** The four bytes of an IPv4 address. */
export function addressBytes(address: Address): Uint8Array {
  return Uint8Array.from(address.split("."), Number);
}

/** An IPv4 address as a number. */
export function addressNumber(address: Address): number {
  return addressBytes(address).reduce((number, byte) => number * 256 + byte, 0);
}

export function join(...parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((len, part) => len + part.length, 0));
  let end = 0;
  for (const part of parts) {
    whole.set(part, end);
    end += part.length;
  }
  return whole;
}

export function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.replace(/[^0-9a-f]/gi, "").match(/../g) ?? [], (pair) =>
    Number.parseInt(pair, 16),
  );
}

export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function word(value: number): Uint8Array {
  return Uint8Array.of((value >> 8) & 0xff, value & 0xff);
}

/** The internet checksum over all of `bytes` (RFC 1071), as a number in network order. */
export function internetChecksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) {
    sum += (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

export interface EthernetFields {
  dst: Mac;
  src: Mac;
  etherType?: number;
}

export function ethernet(fields: EthernetFields, payload: Uint8Array): Uint8Array {
  const etherType = word(fields.etherType ?? 0x0800);
  return join(macBytes(fields.dst), macBytes(fields.src), etherType, payload);
}

export interface Ipv4Fields {
  src: Address;
  dst: Address;
  protocol?: number;
  ttl?: number;
  tos?: number;
  id?: number;
  /** The whole 16-bit word: 0x4000 is DF, 0x2000 MF, the rest the offset in units of eight. */
  fragment?: number;
  options?: Uint8Array;
  totalLength?: number;
  version?: number;
  ihl?: number;
  checksum?: number;
}

export function ipv4(fields: Ipv4Fields, payload: Uint8Array): Uint8Array {
  const options = fields.options ?? new Uint8Array();
  const headerLen = 20 + options.length;
  const first = ((fields.version ?? 4) << 4) | (fields.ihl ?? headerLen / 4);
  const header = join(
    Uint8Array.of(first, fields.tos ?? 0),
    word(fields.totalLength ?? headerLen + payload.length),
    word(fields.id ?? 0),
    word(fields.fragment ?? 0),
    Uint8Array.of(fields.ttl ?? 64, fields.protocol ?? 17),
    word(0),
    addressBytes(fields.src),
    addressBytes(fields.dst),
    options,
  );
  header.set(word(fields.checksum ?? internetChecksum(header)), 10);
  return join(header, payload);
}

export interface UdpFields {
  srcPort: number;
  dstPort: number;
  length?: number;
  /** Zero for none; absent to have it computed over `pseudo`. */
  checksum?: number;
  /** Source and destination of the IP header, for a computed checksum. */
  pseudo?: { src: Address; dst: Address };
}

export function udp(fields: UdpFields, payload: Uint8Array): Uint8Array {
  const length = fields.length ?? 8 + payload.length;
  const bytes = join(word(fields.srcPort), word(fields.dstPort), word(length), word(0), payload);
  let checksum = fields.checksum ?? 0;
  if (fields.checksum === undefined && fields.pseudo !== undefined) {
    const { src, dst } = fields.pseudo;
    const pseudo = join(addressBytes(src), addressBytes(dst), Uint8Array.of(0, 17), word(length));
    checksum = internetChecksum(join(pseudo, bytes)) || 0xffff;
  }
  bytes.set(word(checksum), 6);
  return bytes;
}

export interface VxlanFields {
  vni: number;
  flags?: number;
  /** Bytes 1 to 3. */
  reserved?: number;
  /** Byte 7. */
  reservedLast?: number;
}

export function vxlan(fields: VxlanFields, payload: Uint8Array): Uint8Array {
  const { vni, flags = 0x08, reserved = 0, reservedLast = 0 } = fields;
  return join(
    Uint8Array.of(flags, (reserved >> 16) & 0xff, (reserved >> 8) & 0xff, reserved & 0xff),
    Uint8Array.of((vni >> 16) & 0xff, (vni >> 8) & 0xff, vni & 0xff, reservedLast),
    payload,
  );
}

/** An ICMP message: type, code, the four bytes of the rest, and data; checksum computed. */
export function icmp(type: number, code: number, rest: number, data: Uint8Array): Uint8Array {
  const high = Math.floor(rest / 0x10000);
  const bytes = join(Uint8Array.of(type, code), word(0), word(high), word(rest & 0xffff), data);
  bytes.set(word(internetChecksum(bytes)), 2);
  return bytes;
}

export interface ArpFields {
  operation: number;
  senderMac: Mac;
  senderAddress: Address;
  targetMac: Mac;
  targetAddress: Address;
}

export function arp(fields: ArpFields): Uint8Array {
  return join(
    bytesOf("0001 0800 06 04"),
    word(fields.operation),
    macBytes(fields.senderMac),
    addressBytes(fields.senderAddress),
    macBytes(fields.targetMac),
    addressBytes(fields.targetAddress),
  );
}
