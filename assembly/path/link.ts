// What lies under an IP packet at a port: Ethernet, or nothing.
import { Status } from "../base/status";
import { Port, PortKind } from "../table/port";
import { ETHERNET_HEADER_LEN, Ethernet } from "../wire/ethernet";
import { checkPlain, Desc, DescFlag, NONE } from "./desc";

const FRAMES_MAX: u32 = PortKind.Vxlan; // Ethernet comes before it, all others behind

/** True where there is no port. */
export function isNowhere(port: Port): bool {
  return changetype<usize>(port) == 0;
}

/** True for a port whose packets are frames. */
export function carriesFrames(port: Port): bool {
  return !isNowhere(port) && port.kind <= FRAMES_MAX;
}

/** Bytes in front of the IP packet in `d`. */
export function linkLen(d: Desc): u32 {
  return (d.flags & DescFlag.L3) != 0 ? 0 : ETHERNET_HEADER_LEN;
}

/**
 * Ok for an ordinary packet in the form that `port`, where it came in, has; or for an IP packet of
 * the host's own, which came in nowhere.
 */
export function checkArrival(node: usize, port: Port, d: Desc): Status {
  const status = checkPlain(node, d, 0);
  if (status != Status.Ok) return status;
  const isFrame = linkLen(d) != 0;
  if (isNowhere(port)) return d.port == NONE && !isFrame ? Status.Ok : Status.BadPort;
  if (isFrame != carriesFrames(port)) return Status.BadProtocol;
  return isFrame ? Ethernet.check(d.ptr, d.len) : Status.Ok;
}
