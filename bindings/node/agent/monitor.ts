// Hears that devices, IPv4 addresses or routes of this network namespace may have changed. Messages
// of rtnetlink(7) are counted and not read: whoever hears of them looks for himself. It is a socket
// and no `ip monitor`, which would outlive an agent that is killed.
import {
  ENOBUFS,
  errno,
  libc,
  MSG_DONTWAIT,
  must,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_RAW,
} from "../libc.ts";

const AF_NETLINK = 16;
const NETLINK_ROUTE = 0;
const RTMGRP_LINK = 0x1;
const RTMGRP_IPV4_IFADDR = 0x10;
const RTMGRP_IPV4_ROUTE = 0x40;
const GROUPS = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV4_ROUTE;

// struct sockaddr_nl of <linux/netlink.h>; the kernel gives the port.
const sockaddrAt = { FAMILY: 0, GROUPS: 8, END: 12 } as const;

const LOOK_MS = 100;
const MESSAGES_MAX = 4096; // of one look

/** Calls `onChange` soon after a change, and once for many, until the signal aborts. */
export function monitor(onChange: () => void, signal: AbortSignal): void {
  if (signal.aborted) return;
  const fd = openSocket();
  const timer = setInterval(() => {
    if (hasHeard(fd)) onChange();
  }, LOOK_MS);
  const end = (): void => {
    clearInterval(timer);
    libc.close(fd);
  };
  signal.addEventListener("abort", end, { once: true });
}

function openSocket(): number {
  const type = SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC;
  const fd = must(libc.socket(AF_NETLINK, type, NETLINK_ROUTE), "a netlink socket");
  const address = new Uint8Array(sockaddrAt.END);
  const view = new DataView(address.buffer);
  view.setUint16(sockaddrAt.FAMILY, AF_NETLINK, true);
  view.setUint32(sockaddrAt.GROUPS, GROUPS, true);
  try {
    must(libc.bind(fd, address, sockaddrAt.END), "to hear of changes of the network");
    return fd;
  } catch (error) {
    libc.close(fd);
    throw error;
  }
}

/** Takes all messages that wait. */
function hasHeard(fd: number): boolean {
  const start = new Uint8Array(1); // the rest of each message is dropped
  for (let count = 0; count < MESSAGES_MAX; count++) {
    if (libc.recv(fd, start, start.length, MSG_DONTWAIT) >= 0) continue;
    return count > 0 || errno() === ENOBUFS; // more than the socket could hold
  }
  return true;
}
