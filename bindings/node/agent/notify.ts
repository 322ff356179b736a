// What systemd wants to hear of a unit of Type=notify (sd_notify(3)): datagrams to the socket that
// NOTIFY_SOCKET names. Node has no datagrams of that family, so they go through the C library.
import type { Log } from "../../agent/log.ts";
import { libc, must, SOCK_CLOEXEC, SOCK_DGRAM, SOCK_NONBLOCK } from "../libc.ts";

const AF_UNIX = 1;
const MSG_NOSIGNAL = 0x4000;
/** sockaddr_un: the family, then the path with its end. */
const PATH_AT = 2;
const PATH_LEN_MAX = 108;

export interface NotifyState {
  /** The service does what it is for. */
  readonly ready?: boolean;
  /** It has begun to end. */
  readonly stopping?: boolean;
  /** One line for `systemctl status`. */
  readonly status?: string;
}

/** Tells the service manager; what keeps it from hearing is logged, and is no reason to end. */
export function tellManager(state: NotifyState, log: Log): void {
  try {
    notify(state);
  } catch (error) {
    log("warn", "systemd was not told", { reason: (error as Error).message });
  }
}

/**
 * Tells the service manager. False when there is none, which is no error; throws CallError when its
 * socket does not take it, and TypeError when NOTIFY_SOCKET is no path.
 */
export function notify(
  state: NotifyState,
  socketPath: string = process.env.NOTIFY_SOCKET ?? "",
): boolean {
  if (socketPath === "") return false;
  const address = addressOf(socketPath);
  const message = new TextEncoder().encode(linesOf(state));
  const fd = must(libc.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "socket");
  try {
    const sent = libc.sendto(fd, message, message.length, MSG_NOSIGNAL, address, address.length);
    must(sent, `sendto ${socketPath}`);
  } finally {
    libc.close(fd);
  }
  return true;
}

function linesOf(state: NotifyState): string {
  const lines: string[] = [];
  if (state.ready) lines.push("READY=1");
  if (state.stopping) lines.push("STOPPING=1");
  // A line break in it would begin another assignment.
  if (state.status !== undefined) lines.push(`STATUS=${state.status.replaceAll(/\s+/g, " ")}`);
  return lines.join("\n");
}

/** A path of the file system, or, behind an @, a name of the abstract kind. */
function addressOf(socketPath: string): Uint8Array {
  const path = new TextEncoder().encode(socketPath);
  const isAbstract = socketPath.startsWith("@");
  if (!isAbstract && !socketPath.startsWith("/")) {
    throw new TypeError(`NOTIFY_SOCKET: neither a path nor @name: ${JSON.stringify(socketPath)}`);
  }
  // A path has its zero behind it, a name has it in front, in the place of the @.
  const len = path.length + (isAbstract ? 0 : 1);
  if (len > PATH_LEN_MAX) throw new TypeError(`NOTIFY_SOCKET: longer than ${PATH_LEN_MAX} bytes`);
  const address = new Uint8Array(PATH_AT + len);
  new DataView(address.buffer).setUint16(0, AF_UNIX, true);
  address.set(path, PATH_AT);
  if (isAbstract) address[PATH_AT] = 0;
  return address;
}
