// The thread of a pump. It sleeps in poll until the device, the socket or the main thread has
// something, and turns no event loop: messages are taken between bursts, when the eventfd says so.
import { receiveMessageOnPort, workerData } from "node:worker_threads";
import { HeddleError, type HeddleNode, openCore } from "../core/index.ts";
import { Chance } from "./chance.ts";
import {
  ENDED_ID,
  packError,
  READY_ID,
  type Reply,
  type Request,
  type WorkerData,
} from "./control.ts";
import { Datapath, datapathCaps } from "./datapath.ts";
import {
  CallError,
  EINTR,
  ENODEV,
  errno,
  libc,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
} from "./libc.ts";
import { NativeMemory, POLL_LEN, PollSet } from "./native.ts";

const data: WorkerData = workerData;
const wakeCount = new BigUint64Array(1);
// Of errors a socket hears unasked, but only one that finds out about its paths has any.
const errorFds = data.pathMtu ? data.laneFds.filter((fd) => fd !== data.socketFd) : [];
const POLLED = 3 + errorFds.length;
const BROKEN = POLLERR | POLLHUP | POLLNVAL;
const NOTHING = -1; // a descriptor that poll passes over
const FOR_EVER = -1;
const AWAKE_MS = 0.05; // longest wait without sleep
const awake = new Chance(); // that it is long enough

function reply(message: Reply): void {
  data.port.postMessage(message);
}

const originMs = performance.timeOrigin;

/** Milliseconds since 1970 that never go back, whatever happens to the system's clock. */
function clockMs(): number {
  return originMs + performance.now();
}

async function openNode(): Promise<HeddleNode> {
  const core = await openCore(
    data.memoryBytes === undefined ? {} : { memoryBytes: data.memoryBytes },
  );
  const { scratch, ...caps } = datapathCaps(data);
  return core.openNode({ ...caps, scratch: scratch + POLLED * POLL_LEN, seed: data.seed });
}

/** The first state has to be taken whole. */
function begin(datapath: Datapath): void {
  for (const result of datapath.apply(data.journal, clockMs())) {
    if (result.code !== "Ok") throw new HeddleError(result.code, result.value, result.expected);
  }
}

/** Moves packets until it is told to stop. Throws CallError when device or socket are gone. */
function pump(node: HeddleNode, datapath: Datapath): void {
  const polls = new PollSet(
    new NativeMemory(node.core.memory),
    node.takeScratch(POLLED * POLL_LEN),
    [
      { fd: data.wakeFd, events: POLLIN },
      { fd: data.readsDevice ? data.deviceFd : NOTHING, events: POLLIN },
      { fd: data.socketFd, events: POLLIN },
      ...errorFds.map((fd) => ({ fd, events: 0 })),
    ],
  );
  for (;;) {
    if (wait(polls) === -1) {
      if (errno() === EINTR) continue;
      throw new CallError("poll", errno());
    }
    const nowMs = clockMs();
    if (polls.revents(0) !== 0 && !obey(node, datapath, nowMs)) return;
    const device = polls.revents(1);
    if ((device & POLLIN) !== 0) datapath.fromDevice(nowMs);
    if ((device & BROKEN) !== 0) throw new CallError("poll", ENODEV, "the device is gone");
    const socket = polls.revents(2);
    if ((socket & POLLERR) !== 0 || hasError(polls)) datapath.hearErrors(nowMs);
    if ((socket & (POLLIN | POLLERR)) !== 0) datapath.fromTunnel(nowMs); // hears of the error, too
    if ((socket & (POLLHUP | POLLNVAL)) !== 0) throw new CallError("poll", ENODEV, "no socket");
    datapath.age(nowMs);
    if (datapath.taps.isOpen) datapath.taps.answer((id, burst) => reply({ id, burst }));
  }
}

/**
 * Polls until there is something. Packets that answer each other come in microseconds, less than it
 * takes to fall asleep and to be woken, so there is a while of waiting awake where that came off
 * lately. Whoever wants the processor has it before us.
 */
function wait(polls: PollSet): number {
  if (awake.isDue()) {
    const endMs = performance.now() + AWAKE_MS;
    let ready = libc.poll(polls.address, polls.count, 0);
    while (ready === 0 && performance.now() < endMs) {
      libc.sched_yield();
      ready = libc.poll(polls.address, polls.count, 0);
    }
    if (ready === -1) return ready; // errno is still that of poll
    awake.cameOff(ready > 0 && performance.now() < endMs);
    if (ready > 0) return ready;
  }
  return libc.poll(polls.address, polls.count, FOR_EVER);
}

/** Whether one of the sockets that only send has heard something. */
function hasError(polls: PollSet): boolean {
  for (let i = 3; i < POLLED; i++) if (polls.revents(i) !== 0) return true;
  return false;
}

/** Does what the main thread asked for. False when that was to stop. */
function obey(node: HeddleNode, datapath: Datapath, nowMs: number): boolean {
  libc.eventfd_read(data.wakeFd, wakeCount); // before the messages, so that none is overslept
  for (;;) {
    const request: Request | undefined = receiveMessageOnPort(data.port)?.message;
    if (request === undefined) return true;
    if (request.kind === "stop") return false;
    for (const message of answers(request, node, datapath, nowMs)) reply(message);
  }
}

function answers(request: Request, node: HeddleNode, datapath: Datapath, nowMs: number): Reply[] {
  const { id } = request;
  try {
    switch (request.kind) {
      case "apply":
        return [{ id, results: datapath.apply(request.entries, nowMs) }];
      case "list":
        return [{ id, records: datapath.listings.next(request.table, request.listing) }];
      case "tap":
        datapath.taps.ask(request.tap, id, request.options);
        return []; // until there is something
      case "untap":
        return closeTap(datapath, request.tap, id);
      default:
        return [{ id, stats: datapath.tally.stats(node) }];
    }
  } catch (error) {
    return [{ id, error: packError(error) }];
  }
}

function closeTap(datapath: Datapath, tap: number, id: number): Reply[] {
  const asker = datapath.taps.close(tap);
  return asker === undefined ? [{ id }] : [{ id: asker }, { id }];
}

async function main(): Promise<void> {
  const node = await openNode();
  const datapath = new Datapath(node, data);
  begin(datapath);
  reply({ id: READY_ID });
  let ended: Reply = { id: ENDED_ID };
  try {
    pump(node, datapath);
  } catch (error) {
    ended = { id: ENDED_ID, error: packError(error) };
  }
  reply({ ...ended, stats: datapath.tally.stats(node) });
}

main()
  .catch((error) => reply({ id: ENDED_ID, error: packError(error) }))
  .finally(() => data.port.close());
