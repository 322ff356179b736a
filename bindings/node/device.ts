// TAP and TUN devices. The kernel makes one when its name is asked for, and takes it away when
// the descriptor is closed, unless the device is persistent.
import { printMac } from "../core/address.ts";
import { mac as macMeaning, u8x6 } from "../core/field.ts";
import { HeddleError } from "../core/status.ts";
import {
  AF_INET,
  addressOf,
  CallError,
  EBUSY,
  EINVAL,
  errno,
  libc,
  must,
  O_CLOEXEC,
  O_NONBLOCK,
  O_RDWR,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
} from "./libc.ts";
import { checkQueues } from "./queues.ts";

/** A TAP carries Ethernet frames, a TUN bare IP packets. */
export type DeviceKind = "tap" | "tun";

export interface Device {
  readonly fd: number;
  /** Of all its queues, `fd` the first: the kernel spreads packets over them by flow. */
  readonly queueFds: readonly number[];
  readonly kind: DeviceKind;
  /** As the kernel has it: `flannel%d` became `flannel0`. */
  readonly name: string;
  /** False where a persistent device was there already, and has been taken over. */
  readonly isNew: boolean;
  /** What the kernel leaves to whoever reads; undefined: bare packets, ready for the wire. */
  readonly offload: DeviceOffload | undefined;
  /** Whether it takes super-packets of UDP, whatever it gives. */
  readonly takesUdp: boolean;
  close(): void;
}

/** With these a virtio-net header of ten bytes stands in front of each packet, both ways. */
export type DeviceOffload =
  /** The header alone: packets are ready for the wire. */
  | "none"
  /** TCP and UDP come without their checksum. */
  | "checksum"
  /** And TCP over IPv4 in super-packets, longer than the MTU. */
  | "tcp"
  /** And UDP of senders that segment: of a TUN alone, since a TAP's may be of IPv6. */
  | "udp";

export interface DeviceOptions {
  /** Whether a device that is made here stays when it is closed; one that stayed always stays. */
  readonly isPersistent?: boolean;
  /** Whether the reader takes as much as the kernel can leave to it: see DeviceOffload. */
  readonly hasOffload?: boolean;
  /** One unless said. */
  readonly queues?: number;
}

/** struct virtio_net_hdr; a longer one is for receive buffers that merge. */
export const VIRTIO_HEADER_LEN = 10;

const TUN_PATH = "/dev/net/tun";
const TUNSETIFF = 0x400454ca;
const TUNSETPERSIST = 0x400454cb;
const TUNGETIFF = 0x800454d2;
const TUNSETOFFLOAD = 0x400454d0;
const TUNSETVNETHDRSZ = 0x400454d8;
const SIOCETHTOOL = 0x8946;
const ETHTOOL_GLINK = 0x0a;
const SIOCSIFHWADDR = 0x8924;
const SIOCGIFHWADDR = 0x8927;
const IFF = { tun: 0x1, tap: 0x2 } as const;
const IFF_MULTI_QUEUE = 0x100;
const IFF_PERSIST = 0x800;
const IFF_NO_PI = 0x1000; // no four bytes in front of each packet
const IFF_VNET_HDR = 0x4000;

// TUN_F_* of <linux/if_tun.h>, most first. The kernel takes USO for both families or not at all.
const TUN_F = { csum: 0x01, tso4: 0x02, ecn: 0x08, uso: 0x60 } as const;
const TCP_OFFLOAD = TUN_F.csum | TUN_F.tso4 | TUN_F.ecn;
const OFFLOADS: readonly (readonly [DeviceOffload, number])[] = [
  ["udp", TCP_OFFLOAD | TUN_F.uso],
  ["tcp", TCP_OFFLOAD],
  ["checksum", TUN_F.csum],
  ["none", 0],
];

// struct ifreq of <net/if.h>; an address is a struct sockaddr, what ethtool wants a pointer.
const ifreqAt = { NAME: 0, FLAGS: 16, FAMILY: 16, POINTER: 16, MAC: 18, END: 40 } as const;
const IFNAMSIZ = 16; // with the zero at the end
const ARPHRD_ETHER = 1;

const TAKEN = "another process has this device open";
const ANY = new Uint8Array(1); // an argument by value: true is whatever is not null

const macPlace = u8x6(ifreqAt.MAC);

/**
 * Opens the device `name`, which is made when it does not exist; its reads never wait. One that is
 * there has one queue or several, as it was made. Throws CallError for what the system refuses.
 */
export function openDevice(kind: DeviceKind, name: string, options: DeviceOptions = {}): Device {
  checkName(name);
  checkQueues(options.queues ?? 1);
  const fds: number[] = [];
  const close = (): void => {
    for (const fd of fds.splice(0)) libc.close(fd);
  };
  try {
    const device = attach(fds, kind, name, options);
    if (options.isPersistent) {
      must(libc.ioctl(device.fd, TUNSETPERSIST, ANY), `TUNSETPERSIST ${name}`);
    }
    return { ...device, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** Closes a device, and lets it go even if it is persistent. */
export function removeDevice({ fd, close }: Device): void {
  libc.ioctlValue(fd, TUNSETPERSIST, 0);
  close();
}

/** Whether there is a device of this name here, of whatever kind. */
export function hasDevice(name: string): boolean {
  return libc.if_nametoindex(name) !== 0;
}

/** The MAC of a TAP, as the kernel has it now. */
export function readMac(device: Device): string {
  const ifreq = new Uint8Array(ifreqAt.END);
  must(libc.ioctl(device.fd, SIOCGIFHWADDR, ifreq), `SIOCGIFHWADDR ${device.name}`);
  return printMac(macPlace.get(new DataView(ifreq.buffer), 0));
}

/** Gives a TAP its MAC, up or down. */
export function writeMac(device: Device, mac: string): void {
  const ifreq = new Uint8Array(ifreqAt.END);
  const view = new DataView(ifreq.buffer);
  view.setUint16(ifreqAt.FAMILY, ARPHRD_ETHER, true);
  macPlace.set(view, 0, macMeaning.parse(mac, "mac"));
  must(libc.ioctl(device.fd, SIOCSIFHWADDR, ifreq), `SIOCSIFHWADDR ${device.name}`, {
    EADDRNOTAVAIL: "not a MAC that a device may have",
  });
}

/** Attaches as many descriptors as there are to be queues, and adds them to `fds`. */
function attach(
  fds: number[],
  kind: DeviceKind,
  name: string,
  { hasOffload = false, queues = 1 }: DeviceOptions,
): Omit<Device, "close"> {
  const flags = IFF[kind] | IFF_NO_PI | (queues > 1 ? IFF_MULTI_QUEUE : 0);
  const fd = openQueue(fds);
  const ifreq = ifreqOf(name);
  const isTaken = queues > 1 && isRead(name);
  const hasHeader = setInterface(fd, ifreq, flags, hasOffload);
  if (isTaken) throw new CallError(`TUNSETIFF ${name}`, EBUSY, TAKEN); // a queue more is let in
  const ownName = nameIn(ifreq);
  must(libc.ioctl(fd, TUNGETIFF, ifreq), `TUNGETIFF ${name}`);
  const granted = new DataView(ifreq.buffer).getUint16(ifreqAt.FLAGS, true);
  const offload = setOffload(fd, hasHeader, kind);
  while (fds.length < queues) setInterface(openQueue(fds), ifreqOf(ownName), flags, hasHeader);
  const isNew = (granted & IFF_PERSIST) === 0;
  return { fd, queueFds: [...fds], kind, name: ownName, isNew, ...offload };
}

function openQueue(fds: number[]): number {
  const fd = must(libc.open(TUN_PATH, O_RDWR | O_NONBLOCK | O_CLOEXEC), `open ${TUN_PATH}`, {
    ENOENT: "this kernel or container has no TUN devices (modprobe tun)",
    ENODEV: "the kernel's tun module is not there (modprobe tun)",
    EPERM: "the container does not allow this device",
    EACCES: "this user may not read and write it",
  });
  fds.push(fd);
  return fd;
}

/** Whether somebody reads a device that is up: one that nobody has open has no carrier. */
function isRead(name: string): boolean {
  if (!hasDevice(name)) return false;
  const socket = must(libc.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket UDP");
  const link = Uint32Array.of(ETHTOOL_GLINK, 0); // struct ethtool_value
  const ifreq = ifreqOf(name);
  const address = BigInt(addressOf(new Uint8Array(link.buffer)));
  new DataView(ifreq.buffer).setBigUint64(ifreqAt.POINTER, address, true);
  const answer = libc.ioctl(socket, SIOCETHTOOL, ifreq);
  libc.close(socket);
  return answer !== -1 && link[1] !== 0;
}

/** Attaches the descriptor to its device. False where the kernel knows no virtio-net header. */
function setInterface(fd: number, ifreq: Uint8Array, flags: number, hasHeader: boolean): boolean {
  new DataView(ifreq.buffer).setUint16(
    ifreqAt.FLAGS,
    hasHeader ? flags | IFF_VNET_HDR : flags,
    true,
  );
  const answer = libc.ioctl(fd, TUNSETIFF, ifreq);
  if (answer === -1 && hasHeader && errno() === EINVAL) {
    return setInterface(fd, ifreq, flags, false);
  }
  must(answer, `TUNSETIFF ${nameIn(ifreq)}`, {
    EPERM: "needs CAP_NET_ADMIN in this network namespace",
    EBUSY: TAKEN,
    EINVAL: `the name is taken by a device that is no ${deviceOf(flags)}`,
  });
  return hasHeader;
}

/** Takes as much as the kernel leaves to us, and gives back what an earlier reader took. */
function setOffload(
  fd: number,
  hasHeader: boolean,
  kind: DeviceKind,
): Pick<Device, "offload" | "takesUdp"> {
  if (!hasHeader) {
    libc.ioctlValue(fd, TUNSETOFFLOAD, 0);
    return { offload: undefined, takesUdp: false };
  }
  must(libc.ioctl(fd, TUNSETVNETHDRSZ, Int32Array.of(VIRTIO_HEADER_LEN)), "TUNSETVNETHDRSZ");
  const granted = OFFLOADS.filter(([, mask]) => libc.ioctlValue(fd, TUNSETOFFLOAD, mask) !== -1);
  const takesUdp = granted.some(([name]) => name === "udp");
  // The core cuts UDP of IPv4, and a TAP bridges IPv6 as well.
  const [offload, mask] = granted.find(([name]) => kind === "tun" || name !== "udp") ?? ["none", 0];
  libc.ioctlValue(fd, TUNSETOFFLOAD, mask);
  return { offload, takesUdp };
}

function deviceOf(flags: number): string {
  const kind = (flags & IFF.tap) === 0 ? "TUN" : "TAP";
  return (flags & IFF_MULTI_QUEUE) === 0 ? `${kind} of one queue` : `${kind} of several queues`;
}

function ifreqOf(name: string): Uint8Array<ArrayBuffer> {
  const ifreq = new Uint8Array(ifreqAt.END);
  new TextEncoder().encodeInto(name, ifreq);
  return ifreq;
}

function nameIn(ifreq: Uint8Array): string {
  return new TextDecoder().decode(ifreq.subarray(ifreqAt.NAME, ifreq.indexOf(0)));
}

/** The kernel would cut a longer name short and answer for another device. */
function checkName(name: string): void {
  const isLegal = /^[!-~]+$/.test(name) && !/[/:]/.test(name) && name !== "." && name !== "..";
  if (isLegal && name.length < IFNAMSIZ) return;
  const expected = 'a device name: 1 to 15 characters, no "/", ":" or space';
  throw new HeddleError("BadValue", name, expected);
}
