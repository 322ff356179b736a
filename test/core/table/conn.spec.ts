import { Conn, ConnAt, ConnState, Way } from "../../../assembly/table/conn";
import { Tuple, tupleAt } from "../../../assembly/table/tuple";

const row: usize = memory.data(64, 64);
const t: usize = memory.data(<i32>tupleAt.END, 8);
const conn = Conn.at(row);
const tuple = Tuple.at(t);

// 10.0.0.1:5000 > 10.0.0.2:8080 became 10.0.0.3:6000 > 10.0.0.4:80.
const SOURCE: u64 = 0x0a000001;
const TARGET: u64 = 0x0a000002;
const TO_SOURCE: u64 = 0x0a000003;
const TO_TARGET: u64 = 0x0a000004;

function begin(): void {
  memory.fill(row, 0, 64);
  store<u8>(row, 6, ConnAt.Protocol);
  conn.original.emit((TARGET << 32) | SOURCE, 5000 | (8080 << 16));
  conn.reply.emit((TO_SOURCE << 32) | TO_TARGET, 80 | (6000 << 16));
}

function timeoutOf(protocol: u32, state: u32): u32 {
  store<u8>(row, <u8>protocol, ConnAt.Protocol);
  conn.setState(state);
  return conn.timeoutS;
}

describe("a flow", () => {
  beforeEach(begin);

  it("has the ends of its packets wherever they are", () => {
    conn.emitAt(Way.Original, true, tuple);
    expect<bool>(tuple.equals(conn.original)).toBe(true);
    conn.emitAt(Way.Reply, true, tuple);
    expect<bool>(tuple.equals(conn.reply)).toBe(true);
    conn.emitAt(Way.Original, false, tuple);
    expect<u64>(tuple.addresses).toBe((TO_TARGET << 32) | SOURCE);
    expect<u32>(tuple.ports).toBe(5000 | (80 << 16));
    conn.emitAt(Way.Reply, false, tuple);
    expect<u64>(tuple.addresses).toBe((SOURCE << 32) | TO_TARGET);
    expect<u32>(tuple.ports).toBe(80 | (5000 << 16));
  });

  it("tells which way a packet goes by its ends", () => {
    for (let side: u32 = 0; side < 2; side++) {
      const isBefore = side == 0;
      for (let way: u32 = Way.Original; way <= <u32>Way.Reply; way++) {
        conn.emitAt(way, isBefore, tuple);
        expect<u32>(conn.wayOf(tuple, isBefore)).toBe(way);
        expect<u32>(conn.wayOf(tuple, !isBefore)).toBe(Way.Neither);
      }
    }
    expect<bool>(conn.answer(Way.Original).equals(conn.reply)).toBe(true);
    expect<bool>(conn.answer(Way.Reply).equals(conn.original)).toBe(true);
  });

  it("outlives as many seconds of silence as Linux gives it", () => {
    const tcp: u32[] = [120, 60, 432000, 120, 10];
    for (let state = 0; state < 5; state++) {
      expect<u32>(timeoutOf(6, state + 1)).toBe(tcp[state]);
      expect<u32>(timeoutOf(1, state + 1)).toBe(30);
      expect<u32>(timeoutOf(47, state + 1)).toBe(600);
    }
    expect<u32>(timeoutOf(17, ConnState.New)).toBe(30);
    expect<u32>(timeoutOf(17, ConnState.Replied)).toBe(30);
    expect<u32>(timeoutOf(17, ConnState.Assured)).toBe(120);
    conn.setSeen(100);
    expect<bool>(conn.isExpired(219)).toBe(false);
    expect<bool>(conn.isExpired(220)).toBe(true);
  });

  it("remembers which rules have changed it", () => {
    expect<bool>(conn.isSourceChosen).toBe(false);
    conn.setTargetRule(3);
    expect<bool>(conn.isSourceChosen).toBe(false);
    conn.setSourceRule(0xffff);
    expect<bool>(conn.isSourceChosen).toBe(true);
    expect<u32>(load<u16>(row, ConnAt.TargetRule)).toBe(3);
    expect<u32>(load<u16>(row, ConnAt.SourceRule)).toBe(0xffff);
  });
});
