// A kernel that lacks offloads: calls answer in this process as those of an older one do.
import { libc, SOL_UDP, UDP_GRO, UDP_SEGMENT } from "../../bindings/node/libc.ts";

/** What an older kernel does not do: checksums and TCP of devices, rows of datagrams of sockets. */
export type Lack = "checksum" | "tcp" | "segment" | "gro";

// TUN_F_CSUM of <linux/if_tun.h>; all others have to do with super-packets.
const CHECKSUM = 1;
const OPTIONS = new Map([
  [UDP_SEGMENT, "segment"],
  [UDP_GRO, "gro"],
]);

const { ioctlValue, setsockopt } = libc;

/** From now on these are not there, and all others are. */
export function lack(...lacks: readonly Lack[]): void {
  const isMissing = (what: string | undefined): boolean => lacks.some((each) => each === what);
  libc.ioctlValue = (fd, request, mask) => {
    const hasTcp = (mask & ~CHECKSUM) !== 0;
    if (mask !== 0 && isMissing("checksum")) return -1;
    return hasTcp && isMissing("tcp") ? -1 : ioctlValue(fd, request, mask);
  };
  libc.setsockopt = (fd, level, name, value, len) => {
    if (level === SOL_UDP && isMissing(OPTIONS.get(name))) return -1;
    return setsockopt(fd, level, name, value, len);
  };
}
