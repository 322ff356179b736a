import { Conn, Way } from "../../../assembly/table/conn";
import { fragmentFlow, fragmentKeep } from "../../../assembly/table/fragments";
import { connAdd, connDrop } from "../../../assembly/table/track";
import { Tuple, tupleAt } from "../../../assembly/table/tuple";
import { openNode } from "./node";

const UDP: u32 = 17;
const ADDRESSES: u64 = 0x0a0000020a000001;
const PORTS: u32 = 5000 | (53 << 16);

const t: usize = memory.data(<i32>tupleAt.END, 8);
const tuple = Tuple.at(t);
let node: usize = 0;

function add(addresses: u64): usize {
  tuple.emit(addresses, PORTS);
  return connAdd(node, UDP, tuple, tuple.dst, tuple.dstPort);
}

/** The flow of a fragment without ports. */
function flowOf(name: u32, addresses: u64 = ADDRESSES): usize {
  tuple.emit(addresses, 0);
  return fragmentFlow(node, tuple, name, true);
}

describe("first fragments", () => {
  beforeEach(() => {
    node = openNode();
  });

  it("tell the later ones their flow and their ports, both ways", () => {
    const row = add(ADDRESSES);
    expect<usize>(flowOf(7)).toBe(0);
    tuple.emit(ADDRESSES, PORTS);
    fragmentKeep(node, tuple, 7, Conn.at(row), Way.Original);
    expect<usize>(flowOf(7)).toBe(row);
    expect<u32>(tuple.ports).toBe(PORTS);
    expect<usize>(flowOf(8)).toBe(0);
    tuple.emitBack(Conn.at(row).original);
    fragmentKeep(node, tuple, 9, Conn.at(row), Way.Reply);
    expect<usize>(flowOf(9, rotl<u64>(ADDRESSES, 32))).toBe(row);
    expect<u32>(tuple.srcPort).toBe(53);
  });

  it("tell nothing of a flow that is gone, or of one that has its place", () => {
    const row = add(ADDRESSES);
    fragmentKeep(node, tuple, 7, Conn.at(row), Way.Original);
    connDrop(node, row);
    expect<usize>(flowOf(7)).toBe(0);
    expect<usize>(add(ADDRESSES + 1)).toBe(row);
    expect<usize>(flowOf(7)).toBe(0);
  });

  it("are forgotten for others in the end", () => {
    const row = add(ADDRESSES);
    for (let name: u32 = 0; name < 4096; name++) {
      tuple.emit(ADDRESSES, PORTS);
      fragmentKeep(node, tuple, name, Conn.at(row), Way.Original);
      expect<usize>(flowOf(name)).toBe(row);
    }
    let known: u32 = 0;
    for (let name: u32 = 0; name < 4096; name++) known += <u32>(flowOf(name) != 0);
    expect<u32>(known).toBe(64);
  });
});
