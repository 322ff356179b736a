import { claim, take } from "../../../assembly/base/memory";
import { NODE_BLOCK_LEN } from "../../../assembly/base/node";
import { Status } from "../../../assembly/base/status";
import {
  layRemotes,
  RemoteAt,
  remoteAt,
  remoteFind,
  remoteLearn,
  remoteSet,
  useRemote,
} from "../../../assembly/table/remote";
import { NONE } from "../../../assembly/table/rows";

const MEMORY_LEN: u32 = 1 << 16;
const CAPACITY: u32 = 200;

let node: usize = 0;
let rec: usize = 0;

function open(capacity: u32): void {
  if (node == 0) {
    claim(MEMORY_LEN);
    node = take(NODE_BLOCK_LEN);
    rec = take(RemoteAt.End);
    take(MEMORY_LEN - NODE_BLOCK_LEN - RemoteAt.End);
  }
  memory.fill(node, 0, NODE_BLOCK_LEN);
  const base = rec + 64;
  memory.fill(base, 0, layRemotes(node, base, capacity, 1) - base);
}

function set(address: u32): i32 {
  memory.fill(rec, 0, RemoteAt.End);
  store<u16>(rec, <u16>NONE, RemoteAt.Index);
  store<u16>(rec, 4, RemoteAt.Family);
  store<u32>(rec, bswap<u32>(address), RemoteAt.Address);
  return remoteSet(node, rec);
}

describe("a full table of remotes", () => {
  it("gives a learned remote's room away when nothing names it, one after another", () => {
    open(2);
    expect<i32>(remoteLearn(node, 1)).toBe(0);
    expect<i32>(remoteLearn(node, 2)).toBe(1);
    useRemote(node, 1, 1);
    expect<i32>(remoteLearn(node, 3)).toBe(0);
    expect<i32>(remoteFind(node, 1)).toBe(Status.NotFound);
    expect<i32>(remoteFind(node, 2)).toBe(1);
    useRemote(node, 0, 1);
    expect<i32>(remoteLearn(node, 4)).toBe(Status.NoRoom);
    useRemote(node, 1, -1);
    expect<i32>(remoteLearn(node, 4)).toBe(1);
  });

  it("keeps what was set", () => {
    open(1);
    expect<i32>(set(1)).toBe(0);
    expect<i32>(remoteLearn(node, 2)).toBe(Status.NoRoom);
    expect<i32>(set(2)).toBe(Status.NoRoom);
  });

  it("has room for what is set while one learned remote is idle anywhere", () => {
    open(CAPACITY);
    for (let address: u32 = 1; address <= CAPACITY; address++) remoteLearn(node, address);
    for (let index: u32 = 0; index < CAPACITY - 1; index++) useRemote(node, index, 1);
    expect<i32>(set(CAPACITY + 1)).toBe(CAPACITY - 1);
    expect<i32>(set(CAPACITY + 2)).toBe(Status.NoRoom);
  });

  it("lets packets find an idle one after a few that did not", () => {
    open(CAPACITY);
    for (let address: u32 = 1; address <= CAPACITY; address++) remoteLearn(node, address);
    for (let index: u32 = 0; index < CAPACITY; index++) useRemote(node, index, 1);
    useRemote(node, 150, -1);
    let packets = 1;
    while (remoteLearn(node, CAPACITY + 1) < 0) packets += 1;
    expect<i32>(packets).toBe(3);
    expect<i32>(remoteFind(node, CAPACITY + 1)).toBe(150);
    expect<i32>(remoteFind(node, 151)).toBe(Status.NotFound);
  });

  it("has room for nobody where its capacity is zero", () => {
    open(0);
    expect<i32>(remoteLearn(node, 1)).toBe(Status.NoRoom);
    expect<i32>(set(1)).toBe(Status.NoRoom);
    expect<usize>(remoteAt(node, 0)).toBe(0);
  });
});
