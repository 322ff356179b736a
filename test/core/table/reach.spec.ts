import { advance, nodeAt } from "../../../assembly/base/node";
import { Status } from "../../../assembly/base/status";
import {
  isAssigned,
  NeighborAt,
  NeighborState,
  neighborAt,
  neighborFind,
  neighborKey,
  neighborMac,
  neighborPlaces,
  neighborRemove,
  neighborSet,
  neighborState,
  neighborTell,
} from "../../../assembly/table/neighbor";
import { Port, PortKind, portAt } from "../../../assembly/table/port";
import { Heard, neighborHear, neighborTurn, neighborUse } from "../../../assembly/table/reach";
import { CapsAt } from "../../../assembly/table/tables";
import { counted, neighborRecord, openNode, setPort, used } from "./node";

const ADDRESS: u32 = 0x0a000001;
const MAC: u64 = 0x020000000002;
const OTHER: u64 = 0x040000000002;
const NO_MAC: u64 = ~0;
const START_MS: f64 = 1_000_000;
const GONE: u32 = 0; // no state

const told: usize = memory.data(32, 8);
let node: usize = 0;
let nowMs: f64 = 0;

function open(at: usize = CapsAt.Routes, capacity: u32 = 8): void {
  node = openNode(at, capacity);
  setPort(node, 0, PortKind.Ethernet);
  nowMs = START_MS;
  pass(0);
}

/** Lets time pass, and goes round the table. Returns: how many were to be asked. */
function pass(ms: f64): u32 {
  nowMs += ms;
  advance(node, nowMs);
  let asked: u32 = 0;
  for (let turns = neighborPlaces(node); turns > 0; turns--) {
    if (neighborTurn(node) != 0) asked += 1;
  }
  return asked;
}

function state(address: u32 = ADDRESS): u32 {
  const entry = neighborAt(node, neighborKey(0, address));
  return entry == 0 ? GONE : neighborState(node, entry);
}

function use(address: u32 = ADDRESS): i32 {
  return neighborUse(node, 0, address);
}

function hear(mac: u64, how: Heard, address: u32 = ADDRESS): i32 {
  return neighborHear(node, 0, address, mac, how);
}

function set(as: u32, address: u32 = ADDRESS, mac: u64 = MAC): i32 {
  const rec = neighborRecord(0, address, mac);
  store<u8>(rec, <u8>as, NeighborAt.State);
  return neighborSet(node, rec);
}

describe("a neighbor that nobody knows", () => {
  beforeEach(() => open());

  it("is asked for at once, and three packets wait", () => {
    expect<i32>(use()).toBe(Status.Ok);
    expect<u32>(state()).toBe(NeighborState.Incomplete);
    expect<i32>(use()).toBe(Status.Busy);
    expect<i32>(use()).toBe(Status.Busy);
    expect<i32>(use()).toBe(Status.QueueFull);
    expect<u64>(neighborFind(node, 0, ADDRESS)).toBe(NO_MAC);
    expect<u32>(Port.at(portAt(node, 0)).users).toBe(1);
  });

  it("is asked three times, a second apart, and fails", () => {
    use();
    expect<u32>(pass(999)).toBe(0);
    expect<u32>(pass(1)).toBe(1);
    expect<u32>(pass(999)).toBe(0);
    expect<u32>(pass(1)).toBe(1);
    expect<u32>(pass(999)).toBe(0);
    expect<u32>(state()).toBe(NeighborState.Incomplete);
    expect<u32>(pass(1)).toBe(0);
    expect<u32>(state()).toBe(NeighborState.Failed);
    expect<u64>(counted(node, Status.NeighborFailed)).toBe(1);
  });

  it("is refused for three seconds, and then asked for again, or forgotten", () => {
    use();
    for (let second = 0; second < 3; second++) pass(1000);
    expect<i32>(use()).toBe(Status.Unresolved);
    advance(node, nowMs + 2999);
    expect<i32>(use()).toBe(Status.Unresolved);
    advance(node, nowMs + 3000);
    expect<i32>(use()).toBe(Status.Ok);
    expect<u32>(state()).toBe(NeighborState.Incomplete);
    open();
    use();
    for (let second = 0; second < 6; second++) pass(1000);
    expect<u32>(state()).toBe(GONE);
    expect<u32>(used(node, nodeAt.NEIGHBOR)).toBe(0);
    expect<u32>(Port.at(portAt(node, 0)).users).toBe(0);
  });

  it("has a MAC as soon as it answers, or anybody hears it speak", () => {
    use();
    expect<i32>(hear(MAC, Heard.Answering)).toBe(Status.Ok);
    expect<u32>(state()).toBe(NeighborState.Reachable);
    expect<u64>(neighborMac(use())).toBe(MAC);
    open();
    use();
    expect<i32>(hear(MAC, Heard.InPassing)).toBe(Status.Ok);
    expect<u32>(state()).toBe(NeighborState.Stale);
  });

  it("is remembered only when it asks us", () => {
    expect<i32>(hear(MAC, Heard.InPassing)).toBe(Status.NotFound);
    expect<i32>(hear(MAC, Heard.Answering)).toBe(Status.NotFound);
    expect<u32>(used(node, nodeAt.NEIGHBOR)).toBe(0);
    expect<i32>(hear(MAC, Heard.Asking)).toBe(Status.Ok);
    expect<u32>(state()).toBe(NeighborState.Stale);
    expect<u64>(neighborFind(node, 0, ADDRESS)).toBe(MAC);
  });
});

describe("a neighbor that is known", () => {
  beforeEach(() => open());

  it("is believed for thirty seconds, with and without a tick", () => {
    set(NeighborState.Reachable);
    advance(node, nowMs + 29_999);
    expect<u32>(state()).toBe(NeighborState.Reachable);
    advance(node, nowMs + 30_000);
    expect<u32>(state()).toBe(NeighborState.Stale);
    expect<u32>(pass(30_000)).toBe(0);
    expect<u32>(state()).toBe(NeighborState.Stale);
    neighborTell(node, neighborAt(node, neighborKey(0, ADDRESS)), told);
    expect<u32>(load<u16>(told, NeighborAt.AgeS)).toBe(30);
  });

  it("is asked, alone, five seconds after it was used without being sure", () => {
    set(NeighborState.Stale);
    expect<u64>(neighborMac(use())).toBe(MAC);
    expect<u32>(state()).toBe(NeighborState.Delay);
    use();
    expect<u32>(pass(4999)).toBe(0);
    expect<u32>(pass(1)).toBe(1);
    expect<u32>(state()).toBe(NeighborState.Probe);
    expect<u64>(neighborMac(use())).toBe(MAC);
    expect<u32>(pass(1000)).toBe(1);
    expect<u32>(pass(1000)).toBe(1);
    expect<u32>(pass(999)).toBe(0);
    expect<u32>(state()).toBe(NeighborState.Probe);
    expect<u32>(pass(1)).toBe(0);
    expect<u32>(state()).toBe(NeighborState.Failed);
  });

  it("is sure again when it answers, and not when it is heard in passing", () => {
    set(NeighborState.Stale);
    use();
    pass(5000);
    expect<i32>(hear(MAC, Heard.Asking)).toBe(Status.Ok);
    expect<u32>(state()).toBe(NeighborState.Probe);
    expect<i32>(hear(MAC, Heard.Answering)).toBe(Status.Ok);
    expect<u32>(state()).toBe(NeighborState.Reachable);
  });

  it("goes when nobody has used it for twenty minutes", () => {
    set(NeighborState.Stale);
    pass(1_199_999);
    expect<u32>(state()).toBe(NeighborState.Stale);
    pass(1);
    expect<u32>(state()).toBe(GONE);
  });

  it("moves to another MAC, but not within a second of an answer", () => {
    set(NeighborState.Reachable);
    expect<i32>(hear(OTHER, Heard.Answering)).toBe(Status.Exists);
    expect<u64>(neighborFind(node, 0, ADDRESS)).toBe(MAC);
    expect<i32>(hear(MAC, Heard.InPassing)).toBe(Status.Ok);
    pass(1000);
    expect<i32>(hear(OTHER, Heard.InPassing)).toBe(Status.NeighborMoved);
    expect<u64>(neighborFind(node, 0, ADDRESS)).toBe(OTHER);
    expect<u32>(state()).toBe(NeighborState.Stale);
  });

  it("stays as it is when it is permanent", () => {
    set(NeighborState.Permanent);
    expect<i32>(hear(OTHER, Heard.Answering)).toBe(Status.Exists);
    expect<i32>(hear(MAC, Heard.Answering)).toBe(Status.Ok);
    for (let day = 0; day < 3; day++) pass(86_400_000);
    expect<u32>(state()).toBe(NeighborState.Permanent);
    expect<bool>(isAssigned(node, 0, ADDRESS, MAC)).toBe(true);
    expect<bool>(isAssigned(node, 0, ADDRESS, OTHER)).toBe(false);
    expect<bool>(isAssigned(node, 0, ADDRESS + 1, MAC)).toBe(false);
    set(NeighborState.Reachable);
    expect<bool>(isAssigned(node, 0, ADDRESS, MAC)).toBe(false);
  });

  it("shows without a MAC where it has none", () => {
    use();
    use();
    neighborTell(node, neighborAt(node, neighborKey(0, ADDRESS)), told);
    expect<u64>(load<u64>(told, NeighborAt.Mac) << 16).toBe(0);
    expect<u32>(load<u8>(told, NeighborAt.State)).toBe(NeighborState.Incomplete);
    advance(node, nowMs + 2999);
    neighborTell(node, neighborAt(node, neighborKey(0, ADDRESS)), told);
    expect<u32>(load<u16>(told, NeighborAt.AgeS)).toBe(2);
  });
});

describe("a table of neighbors that is full", () => {
  beforeEach(() => open());

  it("is without a MAC in no more than half of its entries", () => {
    for (let at: u32 = 0; at < 4; at++) expect<i32>(use(ADDRESS + at)).toBe(Status.Ok);
    expect<i32>(use(ADDRESS + 4)).toBe(Status.NoRoom);
    expect<i32>(hear(MAC, Heard.Answering, ADDRESS)).toBe(Status.Ok);
    expect<i32>(use(ADDRESS + 4)).toBe(Status.Ok);
    expect<i32>(use(ADDRESS + 5)).toBe(Status.NoRoom);
    neighborRemove(node, neighborRecord(0, ADDRESS + 1));
    expect<i32>(use(ADDRESS + 5)).toBe(Status.Ok);
    for (let second = 0; second < 3; second++) pass(1000);
    expect<i32>(use(ADDRESS + 6)).toBe(Status.Ok);
    expect<u32>(used(node, nodeAt.NEIGHBOR)).toBe(5);
  });

  it("asks for others, up to its half, however many senders were made up", () => {
    for (let at: u32 = 0; at < 8; at++) hear(MAC, Heard.Asking, ADDRESS + at);
    for (let at: u32 = 8; at < 12; at++) expect<i32>(use(ADDRESS + at)).toBe(Status.Ok);
    expect<i32>(use(ADDRESS + 12)).toBe(Status.NoRoom);
    for (let at: u32 = 8; at < 12; at++) {
      expect<u32>(state(ADDRESS + at)).toBe(NeighborState.Incomplete);
    }
    expect<u32>(used(node, nodeAt.NEIGHBOR)).toBe(8);
  });

  it("keeps who is in use from those who have no MAC", () => {
    for (let at: u32 = 0; at < 8; at++) set(NeighborState.Stale, ADDRESS + at);
    for (let at: u32 = 0; at < 8; at++) use(ADDRESS + at);
    expect<i32>(use(ADDRESS + 8)).toBe(Status.NoRoom);
    for (let at: u32 = 0; at < 8; at++) expect<u32>(state(ADDRESS + at)).toBe(NeighborState.Delay);
  });

  it("lets stale ones go for who asks us, or is set", () => {
    for (let at: u32 = 0; at < 8; at++) set(NeighborState.Stale, ADDRESS + at);
    expect<i32>(hear(MAC, Heard.Asking, ADDRESS + 8)).toBe(Status.Ok);
    expect<i32>(set(NeighborState.Permanent, ADDRESS + 9)).toBe(Status.Ok);
    expect<u32>(used(node, nodeAt.NEIGHBOR)).toBe(8);
    expect<u32>(state(ADDRESS + 8)).toBe(NeighborState.Stale);
  });

  it("lets nobody go who is sure, or in use", () => {
    for (let at: u32 = 0; at < 7; at++) set(1 + (at & 1), ADDRESS + at); // reachable, permanent
    set(NeighborState.Stale, ADDRESS + 7);
    use(ADDRESS + 7);
    expect<i32>(hear(MAC, Heard.Asking, ADDRESS + 8)).toBe(Status.NoRoom);
    expect<i32>(set(NeighborState.Permanent, ADDRESS + 8)).toBe(Status.NoRoom);
    pass(5000);
    expect<i32>(set(NeighborState.Permanent, ADDRESS + 8)).toBe(Status.NoRoom);
    for (let second = 0; second < 3; second++) pass(1000);
    expect<i32>(set(NeighborState.Permanent, ADDRESS + 8)).toBe(Status.Ok);
    expect<u32>(state(ADDRESS + 7)).toBe(GONE);
  });

  it("is half without a MAC, rounded up, however small", () => {
    open(CapsAt.Neighbors, 1);
    expect<i32>(use()).toBe(Status.Ok);
    open(CapsAt.Neighbors, 7);
    for (let at: u32 = 0; at < 4; at++) expect<i32>(use(ADDRESS + at)).toBe(Status.Ok);
    expect<i32>(use(ADDRESS + 4)).toBe(Status.NoRoom);
  });

  it("has no room at all where it has no capacity", () => {
    open(CapsAt.Neighbors, 0);
    expect<i32>(use()).toBe(Status.NoRoom);
    expect<i32>(hear(MAC, Heard.Asking)).toBe(Status.NoRoom);
  });
});
