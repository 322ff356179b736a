// What sockets hear about packets that were too long: from this machine, when it refuses one, and
// from routers on the way. Both lower the MTU of the remote in the core, which tells the senders
// inside; after ten minutes the path gets another chance (RFC 1191, section 6.3).
import { type HeddleNode, printIpv4 } from "../core/index.ts";
import {
  EAGAIN,
  errno,
  errnoName,
  IP_RECVERR,
  IPPROTO_IP,
  libc,
  MSG_ERRQUEUE,
  SO_ERROR,
  SOL_SOCKET,
} from "./libc.ts";
import { Message, parseQueuedError } from "./recvmsg.ts";
import type { Tally } from "./tally.ts";

const LIFETIME_MS = 600_000; // Linux's route.mtu_expires
const MTU_MIN = 552; // Linux's route.min_pmtu: whoever says less wants many small packets
const ERRORS_MAX = 64; // that are taken out of the queue at once
const QUOTE_LEN = 64; // of the packet that an error is about; nobody looks at it
const CONTROL_LEN = 256;

interface Limit {
  readonly mtu: number;
  /** What the remote had before, which holds again afterwards; 0: nothing of its own. */
  readonly ownMtu: number;
  readonly untilMs: number;
}

export class PathMtus {
  readonly #node: HeddleNode;
  readonly #socketFds: readonly number[];
  readonly #tally: Tally;
  readonly #message = new Message(QUOTE_LEN, CONTROL_LEN);
  readonly #error = new Int32Array(1);
  readonly #limits = new Map<string, Limit>();

  constructor(node: HeddleNode, socketFds: readonly number[], tally: Tally) {
    this.#node = node;
    this.#socketFds = socketFds;
    this.#tally = tally;
  }

  /** Empties the sockets' error queues: what waits there fails calls that are not to blame. */
  hear(nowMs: number): void {
    for (const fd of this.#socketFds) this.#empty(fd, nowMs);
  }

  #empty(fd: number, nowMs: number): void {
    for (let count = 0; count < ERRORS_MAX; count++) {
      if (libc.recvmsg(fd, this.#message.reset(), MSG_ERRQUEUE) === -1) {
        const reason = errno();
        if (reason !== EAGAIN) this.#tally.lose("recvmsg", errnoName(reason));
        // An error that found no room in the queue stands all the same, until somebody asks.
        else libc.getsockopt(fd, SOL_SOCKET, SO_ERROR, this.#error, Int32Array.of(4));
        return;
      }
      this.#take(nowMs);
    }
  }

  /** Lifts the limits that are too old. */
  expire(nowMs: number): void {
    for (const [address, { mtu, ownMtu, untilMs }] of this.#limits) {
      if (nowMs < untilMs) continue;
      this.#limits.delete(address);
      const remote = this.#remote(address);
      if (remote?.mtu === mtu) this.#node.remotes.set({ ...remote, mtu: ownMtu });
    }
  }

  #take(nowMs: number): void {
    const at = this.#message.control(IPPROTO_IP, IP_RECVERR);
    if (at === -1) return;
    const { code, origin, mtu } = parseQueuedError(this.#message.controlBytes.subarray(at));
    if (code === "EMSGSIZE" && mtu > 0) {
      this.#limit(printIpv4(this.#message.peer), Math.max(mtu, MTU_MIN), nowMs);
    }
    if (origin === "icmp") this.#tally.lose("underlay", code);
  }

  #limit(address: string, mtu: number, nowMs: number): void {
    const remote = this.#remote(address);
    if (remote === undefined) return;
    const limit = this.#limits.get(address);
    const ownMtu = limit?.mtu === remote.mtu ? limit.ownMtu : remote.mtu;
    if (ownMtu !== 0 && ownMtu <= mtu) return; // what it was given is no more than the path takes
    if (remote.mtu !== 0 && remote.mtu < mtu) return;
    if (remote.mtu !== mtu) this.#node.remotes.set({ ...remote, mtu });
    this.#limits.set(address, { mtu, ownMtu, untilMs: nowMs + LIFETIME_MS });
  }

  /** A learned remote would become one that stays. */
  #remote(address: string): ReturnType<HeddleNode["remotes"]["get"]> {
    const index = this.#node.remotes.find(address);
    const remote = index === undefined ? undefined : this.#node.remotes.get(index);
    return remote?.flags.includes("learned") ? undefined : remote;
  }
}
