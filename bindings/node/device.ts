// TAP and TUN devices. The kernel makes one when its name is asked for, and takes it away when
// the descriptor is closed.
import { HeddleError } from "../core/status.ts";
import { libc, must, O_CLOEXEC, O_NONBLOCK, O_RDWR } from "./libc.ts";

/** A TAP carries Ethernet frames, a TUN bare IP packets. */
export type DeviceKind = "tap" | "tun";

export interface Device {
  readonly fd: number;
  readonly kind: DeviceKind;
  /** As the kernel has it: `flannel%d` became `flannel0`. */
  readonly name: string;
  close(): void;
}

const TUN_PATH = "/dev/net/tun";
const TUNSETIFF = 0x400454ca;
const IFF = { tun: 0x1, tap: 0x2 } as const;
const IFF_NO_PI = 0x1000; // no four bytes in front of each packet

// struct ifreq of <net/if.h>.
const ifreqAt = { NAME: 0, FLAGS: 16, END: 40 } as const;
const IFNAMSIZ = 16; // with the zero at the end

/** Opens the device `name`, which is made when it does not exist; its reads never wait. */
export function openDevice(kind: DeviceKind, name: string): Device {
  checkName(name);
  const fd = must(libc.open(TUN_PATH, O_RDWR | O_NONBLOCK | O_CLOEXEC), `open ${TUN_PATH}`, {
    ENOENT: "this kernel or container has no TUN devices (modprobe tun)",
    ENODEV: "the kernel's tun module is not there (modprobe tun)",
    EPERM: "the container does not allow this device",
    EACCES: "needs root",
  });
  try {
    return attach(fd, kind, name);
  } catch (error) {
    libc.close(fd);
    throw error;
  }
}

function attach(fd: number, kind: DeviceKind, name: string): Device {
  const ifreq = new Uint8Array(ifreqAt.END);
  new TextEncoder().encodeInto(name, ifreq);
  new DataView(ifreq.buffer).setUint16(ifreqAt.FLAGS, IFF[kind] | IFF_NO_PI, true);
  must(libc.ioctl(fd, TUNSETIFF, ifreq), `TUNSETIFF ${name}`, {
    EPERM: "needs CAP_NET_ADMIN in this network namespace",
    EBUSY: "another process has this device open",
    EINVAL: `the name is taken by a device that is no ${kind.toUpperCase()}`,
  });
  const nameLen = ifreq.indexOf(0);
  return {
    fd,
    kind,
    name: new TextDecoder().decode(ifreq.subarray(ifreqAt.NAME, nameLen)),
    close: () => void libc.close(fd),
  };
}

/** The kernel would cut a longer name short and answer for another device. */
function checkName(name: string): void {
  const isLegal = /^[!-~]+$/.test(name) && !/[/:]/.test(name) && name !== "." && name !== "..";
  if (isLegal && name.length < IFNAMSIZ) return;
  const expected = 'a device name: 1 to 15 characters, no "/", ":" or space';
  throw new HeddleError("BadValue", name, expected);
}
