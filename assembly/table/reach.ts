// How neighbors come from state to state (RFC 1122, section 2.3.2.1; RFC 826), by Linux's rules:
//
//   Incomplete  a packet waits; asked thrice, a second apart, it becomes Failed
//   Failed      for three seconds packets are told so; then it goes, or is asked again
//   Reachable   has answered us; after half a minute it is Stale
//   Stale       a MAC that nobody confirms; a packet that takes it makes it Delay
//   Delay       five seconds in which others may hear from it; then it is Probe
//   Probe       asked thrice, alone; then Failed
//
// Who makes addresses up fills no more than half of the table, and who makes senders up cannot keep
// others from being asked for: there, a MAC that nobody uses goes for a neighbor that has none.
import { count, nodeAt, tableAt } from "../base/node";
import { Status } from "../base/status";
import { cuckooBody, cuckooKey, cuckooPut } from "./cuckoo";
import {
  ASKED_MAX,
  isDue,
  isNameless,
  makeRoom,
  NeighborState,
  nameless,
  neighborAdd,
  neighborAge,
  neighborAsked,
  neighborAt,
  neighborDrop,
  neighborKey,
  neighborMac,
  neighborPut,
  neighborRound,
  neighborState,
  neighborWither,
  stateOf,
} from "./neighbor";

/** What an ARP message says about its sender. */
export const enum Heard {
  InPassing, // it speaks to somebody else
  Asking, // it asks us, so it will hear from us soon
  Answering, // it answers us alone
}

const WAITING_MAX: u64 = 3; // Linux's, as long as it counted packets
const LOCK_S: u32 = 1; // two that claim one address take turns no faster
const LOOK_MAX: u32 = 64; // places that a packet looks at for one that may go

/**
 * Whom a packet for `address` at `port` goes to. Returns: the entry, which has a MAC; Ok when it
 * waits, and the caller has to ask; Busy when it waits for an answer already; QueueFull when that
 * do others; Unresolved when nobody has answered; NoRoom. Requires: a port that is set.
 */
export function neighborUse(node: usize, port: u32, address: u32): i32 {
  const key = neighborKey(port, address);
  const entry = neighborAt(node, key);
  if (entry == 0) return addNameless(node, key);
  switch (neighborState(node, entry)) {
    case NeighborState.Failed:
      if (!isDue(node, entry)) return Status.Unresolved;
      neighborPut(node, entry, 1, NeighborState.Incomplete, 1);
      return Status.Ok;
    case NeighborState.Incomplete:
      if (neighborMac(entry) == WAITING_MAX) return Status.QueueFull;
      cuckooPut(entry, cuckooBody(entry) + 1);
      return Status.Busy;
    case NeighborState.Stale:
      neighborPut(node, entry, neighborMac(entry), NeighborState.Delay, 0);
  }
  return <i32>entry;
}

// An entry for one packet that waits and one request.
function addNameless(node: usize, key: u64): i32 {
  const most = (load<u32>(node + nodeAt.NEIGHBOR, tableAt.CAPACITY) + 1) >> 1;
  const isOver = nameless(node) >= most;
  if (isOver && !makeRoom(node, NeighborState.Failed, LOOK_MAX)) return Status.NoRoom;
  const isMade = neighborAdd(node, key, 1, NeighborState.Incomplete, LOOK_MAX);
  return isMade ? Status.Ok : Status.NoRoom;
}

/**
 * Takes in that the sender of an ARP message has `mac`. Returns: Ok; NeighborMoved when it had
 * another; NotFound when nobody wanted to know; NoRoom; Exists when that contradicts a permanent
 * entry, or one that was confirmed just now. Requires: a unicast MAC; the port is set.
 */
export function neighborHear(node: usize, port: u32, address: u32, mac: u64, how: Heard): Status {
  const key = neighborKey(port, address);
  const entry = neighborAt(node, key);
  if (entry == 0) {
    if (how != Heard.Asking) return Status.NotFound;
    return neighborAdd(node, key, mac, NeighborState.Stale, LOOK_MAX) ? Status.Ok : Status.NoRoom;
  }
  const state = neighborState(node, entry);
  const isKnown = !isNameless(state);
  const isSame = isKnown && neighborMac(entry) == mac;
  const isFixed =
    state == NeighborState.Permanent ||
    (state == NeighborState.Reachable && neighborAge(node, entry) < LOCK_S);
  if (isFixed && !isSame) return Status.Exists;
  const isConfirmed = how == Heard.Answering;
  if (state == NeighborState.Permanent || (isSame && !isConfirmed)) return Status.Ok;
  const next = isConfirmed ? NeighborState.Reachable : NeighborState.Stale;
  neighborPut(node, entry, mac, next, 0);
  return isKnown && !isSame ? Status.NeighborMoved : Status.Ok;
}

/**
 * Looks at the next place of the table and lets time pass there. Returns: the entry when its
 * neighbor is to be asked, everyone where it has no MAC; or 0.
 */
export function neighborTurn(node: usize): usize {
  const entry = neighborRound(node);
  if (cuckooKey(entry) == 0 || !isDue(node, entry)) return 0;
  const state = stateOf(entry);
  const mac = neighborMac(entry);
  const asked = neighborAsked(entry);
  switch (state) {
    case NeighborState.Reachable:
      neighborWither(entry);
      return 0;
    case NeighborState.Stale:
    case NeighborState.Failed:
      neighborDrop(node, entry);
      return 0;
    case NeighborState.Delay:
      neighborPut(node, entry, mac, NeighborState.Probe, 1);
      return entry;
    default:
      if (asked < ASKED_MAX) {
        neighborPut(node, entry, mac, state, asked + 1);
        return entry;
      }
      count(node, Status.NeighborFailed);
      neighborPut(node, entry, 0, NeighborState.Failed, 0);
      return 0;
  }
}
