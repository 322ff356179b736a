// The UDP socket at the underlay's end of a tunnel.
import { parseIpv4 } from "../core/address.ts";
import { HeddleError } from "../core/status.ts";
import {
  AF_INET,
  addressOf,
  IP_MTU_DISCOVER,
  IP_PMTUDISC_DO,
  IP_PMTUDISC_DONT,
  IP_PMTUDISC_WANT,
  IP_RECVERR,
  IP_RECVTOS,
  IPPROTO_IP,
  libc,
  must,
  SO_ATTACH_FILTER,
  SO_ATTACH_REUSEPORT_CBPF,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SO_REUSEPORT,
  SO_SNDBUF,
  SO_SNDBUFFORCE,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOL_SOCKET,
  SOL_UDP,
  UDP_GRO,
  UDP_SEGMENT,
} from "./libc.ts";

export interface UnderlayOptions {
  /** IPv4, dotted; 0.0.0.0 takes every address of the namespace. */
  local: string;
  /** 0 lets the kernel choose. */
  port: number;
  /**
   * Sets DF, refuses what is too long for the path, and queues what is heard about it; otherwise DF
   * stays clear.
   */
  pathMtu: boolean;
  /** Joins the sockets of a port that `sharePort` was called for. */
  sharesPort?: boolean;
  /** Wanted each way; without CAP_NET_ADMIN the kernel's limit holds. */
  bufferBytes: number;
}

export interface UnderlaySocket {
  readonly fd: number;
  readonly port: number;
  /** One call can send many datagrams of one size (UDP_SEGMENT). */
  readonly canSegment: boolean;
  /** What the kernel granted. */
  readonly receiveBytes: number;
  readonly sendBytes: number;
  close(): void;
}

/** Lets packets that are too long for the path leave in pieces, or refuses them again. */
export function cutLong(fd: number, mayCut: boolean): void {
  setInt(fd, IPPROTO_IP, IP_MTU_DISCOVER, mayCut ? IP_PMTUDISC_WANT : IP_PMTUDISC_DO);
}

// Classic BPF: codes of <linux/bpf_common.h>, and where the IP header is for a socket's program.
const BPF = { loadWord: 0x20, multiply: 0x24, shiftRight: 0x74, modulo: 0x94 } as const;
const BPF_RETURN = { constant: 0x06, accumulator: 0x16 } as const;
const BPF_LEN = 8; // struct sock_filter
const IP_SENDER = 0xfff00000 + 12; // SKF_NET_OFF
const GOLDEN = 0x9e3779b1; // 2^32 by the golden ratio, which spreads what differs in a few bits

// struct sockaddr_in of <netinet/in.h>; port and address in network order.
export const sockaddrAt = { FAMILY: 0, PORT: 2, ADDRESS: 4, END: 16 } as const;

export function openUnderlaySocket(options: UnderlayOptions): UnderlaySocket {
  const address = sockaddrIn(options.local, options.port);
  const type = SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
  const fd = must(libc.socket(AF_INET, type, 0), "socket UDP");
  try {
    setInt(fd, IPPROTO_IP, IP_MTU_DISCOVER, options.pathMtu ? IP_PMTUDISC_DO : IP_PMTUDISC_DONT);
    setInt(fd, IPPROTO_IP, IP_RECVERR, options.pathMtu ? 1 : 0);
    setInt(fd, IPPROTO_IP, IP_RECVTOS, 1);
    if (options.sharesPort) sharePort(fd);
    const canSegment = trySet(fd, SOL_UDP, UDP_SEGMENT, 0); // the size goes with each message
    const receiveBytes = setBuffer(fd, SO_RCVBUFFORCE, SO_RCVBUF, options.bufferBytes);
    const sendBytes = setBuffer(fd, SO_SNDBUFFORCE, SO_SNDBUF, options.bufferBytes);
    must(libc.bind(fd, address, address.length), `bind ${options.local}:${options.port}`, {
      EADDRINUSE: "another socket has this port",
      EADDRNOTAVAIL: "no device here has this address",
      EACCES: "ports below 1024 need CAP_NET_BIND_SERVICE",
    });
    const port = boundPort(fd);
    return { fd, port, canSegment, receiveBytes, sendBytes, close: () => void libc.close(fd) };
  } catch (error) {
    libc.close(fd);
    throw error;
  }
}

/** A sockaddr_in as it lies in memory. Throws HeddleError for what is no address or port. */
export function sockaddrIn(address: string, port: number): Uint8Array {
  const ipv4 = parseIpv4(address);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new HeddleError("BadValue", port, "port: a whole number from 0 to 65535");
  }
  const bytes = new Uint8Array(sockaddrAt.END);
  const view = new DataView(bytes.buffer);
  view.setUint16(sockaddrAt.FAMILY, AF_INET, true);
  view.setUint16(sockaddrAt.PORT, port);
  view.setUint32(sockaddrAt.ADDRESS, ipv4);
  return bytes;
}

/**
 * Lets one message bring many datagrams of one flow, one behind the other (UDP_GRO); control data
 * then says how long each is. False where the kernel does not know how.
 */
export function takeRows(fd: number): boolean {
  return trySet(fd, SOL_UDP, UDP_GRO, 1);
}

/** Lets a socket take in no datagram; errors still come to its error queue. */
export function takeNothing(fd: number): void {
  attach(fd, SO_ATTACH_FILTER, [[BPF_RETURN.constant, 0]]);
}

/**
 * Lets more sockets of this user bind the port of this one; the kernel then spreads datagrams over
 * them by flow. One that was bound before it shared keeps strangers from beginning with the port.
 */
export function sharePort(fd: number): void {
  setInt(fd, SOL_SOCKET, SO_REUSEPORT, 1);
}

/** Of the sockets that share a port, the first `count` take in all, each some hosts' packets. */
export function steerBySender(fd: number, count: number): void {
  attach(fd, SO_ATTACH_REUSEPORT_CBPF, [
    [BPF.loadWord, IP_SENDER],
    [BPF.multiply, GOLDEN],
    [BPF.shiftRight, 16],
    [BPF.modulo, count],
    [BPF_RETURN.accumulator, 0],
  ]);
}

/** Attaches a program of classic BPF, whose instructions have a code and a number. */
function attach(fd: number, option: number, code: readonly (readonly [number, number])[]): void {
  const filter = new Uint8Array(code.length * BPF_LEN);
  const filterView = new DataView(filter.buffer);
  code.forEach(([operation, value], i) => {
    filterView.setUint16(i * BPF_LEN, operation, true);
    filterView.setUint32(i * BPF_LEN + 4, value, true);
  });
  const program = new Uint8Array(16); // struct sock_fprog: u16 length, pointer
  const view = new DataView(program.buffer);
  view.setUint16(0, code.length, true);
  view.setBigUint64(8, BigInt(addressOf(filter)), true);
  must(libc.setsockopt(fd, SOL_SOCKET, option, program, 16), `setsockopt BPF/${option}`);
}

function trySet(fd: number, level: number, name: number, value: number): boolean {
  return libc.setsockopt(fd, level, name, Int32Array.of(value), 4) !== -1;
}

function setInt(fd: number, level: number, name: number, value: number): void {
  must(libc.setsockopt(fd, level, name, Int32Array.of(value), 4), `setsockopt ${level}/${name}`);
}

/** Past the system's limit where that is allowed, else up to it. Returns what was granted. */
function setBuffer(fd: number, forced: number, polite: number, bytes: number): number {
  const value = Int32Array.of(bytes);
  if (libc.setsockopt(fd, SOL_SOCKET, forced, value, 4) === -1) {
    must(libc.setsockopt(fd, SOL_SOCKET, polite, value, 4), "setsockopt buffer");
  }
  must(libc.getsockopt(fd, SOL_SOCKET, polite, value, Int32Array.of(4)), "getsockopt buffer");
  return (value[0] ?? 0) / 2; // the kernel doubles the wish, for its own bookkeeping
}

function boundPort(fd: number): number {
  const address = new Uint8Array(sockaddrAt.END);
  must(libc.getsockname(fd, address, Int32Array.of(address.length)), "getsockname");
  return new DataView(address.buffer).getUint16(sockaddrAt.PORT);
}
