// The C library by koffi: what devices, sockets and the pump need of it, and no more.
//
// Two kinds of parameter name memory. The calls of the datapath take absolute addresses as plain
// numbers, which costs least; the others take the bytes themselves. No call waits: what is opened
// here is non-blocking, since a thread that blocks in a native call cannot be ended.
import koffi from "koffi";

/** Bytes as a call takes them; what the call writes is seen in them. */
export type Bytes = Uint8Array | Int32Array;

interface Libc {
  open(path: string, flags: number): number;
  clock_gettime(clock: number, timespec: Bytes): number;
  close(fd: number): number;
  flock(fd: number, operation: number): number;
  fcntl(fd: number, command: number, value: number): number;
  ioctl(fd: number, request: number, bytes: Bytes): number;
  ioctlValue(fd: number, request: number, value: number): number;
  eventfd(value: number, flags: number): number;
  eventfd_read(fd: number, value: BigUint64Array): number;
  eventfd_write(fd: number, value: number): number;
  socket(family: number, type: number, protocol: number): number;
  bind(fd: number, address: Bytes, len: number): number;
  connect(fd: number, address: Bytes, len: number): number;
  listen(fd: number, backlog: number): number;
  accept4(fd: number, address: null, len: null, flags: number): number;
  shutdown(fd: number, how: number): number;
  getsockname(fd: number, address: Bytes, len: Bytes): number;
  setsockopt(fd: number, level: number, name: number, value: Bytes, len: number): number;
  getsockopt(fd: number, level: number, name: number, value: Bytes, len: Bytes): number;
  send(fd: number, bytes: Bytes, len: number, flags: number): number;
  recv(fd: number, bytes: Bytes, len: number, flags: number): number;
  sendto(...args: [number, Bytes, number, number, Bytes, number]): number;
  recvfrom(...args: [number, Bytes, number, number, Bytes, Bytes]): number;
  recvmsg(fd: number, message: Bytes, flags: number): number;
  if_nametoindex(name: string): number;

  read(fd: number, address: number, len: number): number;
  write(fd: number, address: number, len: number): number;
  writev(fd: number, iovecs: number, count: number): number;
  poll(pollfds: number, count: number, timeoutMs: number): number;
  sched_yield(): number;
  recvmmsg(fd: number, messages: number, count: number, flags: number, timeout: number): number;
  sendmmsg(fd: number, messages: number, count: number, flags: number): number;
}

const c = koffi.load(null);

/** Each answers as C does: -1 is a failure, and then `errno()` says which. */
export const libc: Libc = {
  open: c.func("int open(const char *path, int flags)"),
  clock_gettime: c.func("int clock_gettime(int clock, void *timespec)"),
  close: c.func("int close(int fd)"),
  flock: c.func("int flock(int fd, int operation)"),
  fcntl: c.func("fcntl", "int", ["int", "int", "int"]),
  ioctl: c.func("int ioctl(int fd, unsigned long request, void *bytes)"),
  ioctlValue: c.func("ioctl", "int", ["int", "unsigned long", "unsigned long"]),
  eventfd: c.func("int eventfd(uint32_t value, int flags)"),
  eventfd_read: c.func("int eventfd_read(int fd, void *value)"),
  eventfd_write: c.func("int eventfd_write(int fd, uint64_t value)"),
  socket: c.func("int socket(int family, int type, int protocol)"),
  bind: c.func("int bind(int fd, const void *address, uint32_t len)"),
  connect: c.func("int connect(int fd, const void *address, uint32_t len)"),
  listen: c.func("int listen(int fd, int backlog)"),
  accept4: c.func("int accept4(int fd, void *address, void *len, int flags)"),
  shutdown: c.func("int shutdown(int fd, int how)"),
  getsockname: c.func("int getsockname(int fd, void *address, void *len)"),
  setsockopt: c.func(
    "int setsockopt(int fd, int level, int name, const void *value, uint32_t len)",
  ),
  getsockopt: c.func("int getsockopt(int fd, int level, int name, void *value, void *len)"),
  send: c.func("long send(int fd, const void *bytes, size_t len, int flags)"),
  recv: c.func("long recv(int fd, void *bytes, size_t len, int flags)"),
  sendto: c.func(
    "long sendto(int fd, const void *bytes, size_t len, int flags, const void *to, uint32_t toLen)",
  ),
  recvfrom: c.func(
    "long recvfrom(int fd, void *bytes, size_t len, int flags, void *from, void *fromLen)",
  ),
  recvmsg: c.func("long recvmsg(int fd, void *message, int flags)"),
  if_nametoindex: c.func("uint32_t if_nametoindex(const char *name)"),

  read: c.func("long read(int fd, uintptr_t address, size_t len)"),
  write: c.func("long write(int fd, uintptr_t address, size_t len)"),
  writev: c.func("long writev(int fd, uintptr_t iovecs, int count)"),
  poll: c.func("int poll(uintptr_t pollfds, unsigned long count, int timeoutMs)"),
  sched_yield: c.func("int sched_yield()"),
  recvmmsg: c.func(
    "int recvmmsg(int fd, uintptr_t messages, uint32_t count, int flags, uintptr_t timeout)",
  ),
  sendmmsg: c.func("int sendmmsg(int fd, uintptr_t messages, uint32_t count, int flags)"),
};

// By the headers of Linux, the same on x86-64 and arm64.
export const O_RDWR = 0x2;
export const O_NONBLOCK = 0x800;
export const O_CLOEXEC = 0x80000;
export const LOCK_EX = 2;
export const LOCK_NB = 4;
export const LOCK_UN = 8;
export const EFD_NONBLOCK = 0x800;
export const EFD_CLOEXEC = 0x80000;
export const F_DUPFD_CLOEXEC = 1030;
export const POLLIN = 0x1;
export const POLLOUT = 0x4;
export const POLLERR = 0x8;
export const POLLHUP = 0x10;
export const POLLNVAL = 0x20;
export const AF_INET = 2;
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const SOCK_NONBLOCK = 0x800;
export const SOCK_CLOEXEC = 0x80000;
export const MSG_TRUNC = 0x20;
export const MSG_DONTWAIT = 0x40;
export const MSG_ERRQUEUE = 0x2000;
export const SOL_SOCKET = 1;
export const SOL_UDP = 17;
export const UDP_SEGMENT = 103;
export const UDP_GRO = 104;
export const SO_ERROR = 4;
export const SO_SNDBUF = 7;
export const SO_REUSEPORT = 15;
export const SO_RCVBUF = 8;
export const SO_SNDBUFFORCE = 32;
export const SO_ATTACH_FILTER = 26;
export const SO_RCVBUFFORCE = 33;
export const SO_ATTACH_REUSEPORT_CBPF = 51;
export const IPPROTO_IP = 0;
export const IP_TOS = 1;
export const IP_MTU_DISCOVER = 10;
export const IP_RECVERR = 11;
export const IP_RECVTOS = 13;
export const IP_PMTUDISC_DONT = 0;
export const IP_PMTUDISC_WANT = 1;
export const IP_PMTUDISC_DO = 2;

const ERRNO: Record<string, number> = koffi.os.errno;

export const ENODEV: number = errnoOf("ENODEV");
export const EINTR: number = errnoOf("EINTR");
export const EAGAIN: number = errnoOf("EAGAIN");
export const EBUSY: number = errnoOf("EBUSY");
export const EINVAL: number = errnoOf("EINVAL");
export const EIO: number = errnoOf("EIO");
export const EMSGSIZE: number = errnoOf("EMSGSIZE");
export const ENOBUFS: number = errnoOf("ENOBUFS");

const errnoNames = new Map(Object.entries(ERRNO).map(([name, value]) => [value, name]));
errnoNames.set(EAGAIN, "EAGAIN"); // EWOULDBLOCK is the same number

/** Why the last call answered -1. Stale after any other answer. */
export function errno(): number {
  return koffi.errno();
}

/** `EPERM` for 1, and so on. */
export function errnoName(value: number): string {
  return errnoNames.get(value) ?? `E${value}`;
}

/** A system call that failed: which, on what, and why. */
export class CallError extends Error {
  readonly code: string;
  readonly errno: number;
  readonly call: string;
  readonly hint: string | undefined;

  constructor(call: string, value: number, hint?: string) {
    super(`${call}: ${errnoName(value)}${hint === undefined ? "" : `: ${hint}`}`);
    this.name = "CallError";
    this.hint = hint;
    this.code = errnoName(value);
    this.errno = value;
    this.call = call;
  }
}

/** The answer of a call, or the CallError that says what was tried. */
export function must(result: number, call: string, hints: Record<string, string> = {}): number {
  if (result !== -1) return result;
  const value = errno();
  throw new CallError(call, value, hints[errnoName(value)]);
}

/** The address of bytes that nobody moves: a view of an ArrayBuffer that lives on. */
export function addressOf(bytes: Uint8Array): number {
  return Number(koffi.address(bytes));
}

function errnoOf(name: string): number {
  const value = ERRNO[name];
  if (value === undefined) throw new Error(`koffi does not know ${name}`);
  return value;
}
