import { Status } from "../../../assembly/base/status";
import { BurstAt } from "../../../assembly/path/burst";
import { Desc, DescFlag, Verdict } from "../../../assembly/path/desc";
import { Element } from "../../../assembly/path/element";
import { FDB_MISS, FdbFlag, fdbFind } from "../../../assembly/table/fdb";
import { PortAt, PortFlag, PortKind, portSet } from "../../../assembly/table/port";
import {
  counted,
  NONE,
  openNode,
  place,
  portRecord,
  setDomain,
  setFlood,
  setPort,
  setRemote,
  setStation,
} from "../table/node";
import { inAt, openBurst, outAt, push, run, VTEP } from "./packets";

// Ports 0 to 2 and 5 are devices, 3 is a tunnel with two remotes, 4 carries no frames.
const DEVICE: u32 = PortFlag.Learn | PortFlag.Flood;
const TUNNEL: u32 = 3;
const ASKER = "020000000001";
const ASKER_MAC: u64 = 0x010000000002;
const TARGET = "020000000002";
const TARGET_MAC: u64 = 0x020000000002;
const ALL = "ffffffffffff";
const REST = "88b5 0102030405";

let node: usize = 0;
let burst: usize = 0;

function begin(): void {
  node = openNode();
  setDomain(node, 0, 5, 300);
  setDomain(node, 1);
  for (let index: u32 = 0; index < 3; index++) setPort(node, index, PortKind.Ethernet, 0, DEVICE);
  setPort(node, TUNNEL, PortKind.Vxlan, 0, DEVICE);
  setPort(node, 4, PortKind.Ip, 0, DEVICE);
  setPort(node, 5, PortKind.Ethernet, 1, DEVICE);
  setRemote(node, 0, VTEP);
  setRemote(node, 1, VTEP + 1);
  setFlood(node, 0, place(0));
  setFlood(node, 0, place(TUNNEL, 0));
  setFlood(node, 0, place(1));
  setFlood(node, 0, place(TUNNEL, 1));
  setFlood(node, 0, place(2));
  burst = openBurst(node);
}

/** One frame more that came in by `port`. */
function pushFrom(port: u32, hex: string, flags: u32 = 0): Desc {
  const d = push(node, burst, hex, flags);
  d.setPort(port);
  return d;
}

/** What becomes of one frame; its copies are in `out`. */
function fateFrom(port: u32, hex: string): i32 {
  openBurst(node);
  const d = pushFrom(port, hex);
  run(node, burst, Element.Bridge);
  return d.verdict;
}

function outs(): u32 {
  return load<u32>(burst, BurstAt.OutCount);
}

/** Where the copies go out, a digit each. */
function outPorts(): string {
  let ports = "";
  for (let at: u32 = 0; at < outs(); at++) ports += outAt(burst, at).port.toString();
  return ports;
}

describe("bridgeFrame", () => {
  beforeEach(begin);

  it("hands a frame for a known station to its port alone, as it lies", () => {
    setStation(node, 0, TARGET_MAC, place(2));
    const d = pushFrom(0, TARGET + ASKER + REST);
    expect<i32>(run(node, burst, Element.Bridge)).toBe(1);
    expect<i32>(d.verdict).toBe(Verdict.Consumed);
    const o = outAt(burst, 0);
    expect<usize>(o.ptr).toBe(d.ptr);
    expect<u32>(o.len).toBe(19);
    expect<u32>(o.port).toBe(2);
    expect<u32>(o.flags).toBe(0);
    expect<i32>(o.verdict).toBe(0);
    expect<u32>(o.remote).toBe(NONE);
  });

  it("floods what nobody knows: one copy for a port, in the order of the list", () => {
    expect<i32>(fateFrom(1, TARGET + ASKER + REST)).toBe(Verdict.Consumed);
    expect<string>(outPorts()).toBe("032");
    for (let at: u32 = 0; at < 3; at++) {
      expect<u32>(outAt(burst, at).flags).toBe(DescFlag.Shared);
      expect<usize>(outAt(burst, at).ptr).toBe(inAt(burst, 0).ptr);
    }
  });

  it("does not call a single copy shared", () => {
    setPort(node, TUNNEL, PortKind.Vxlan, 0);
    setPort(node, 2, PortKind.Ethernet, 0);
    fateFrom(1, TARGET + ASKER + REST);
    expect<string>(outPorts()).toBe("0");
    expect<u32>(outAt(burst, 0).flags).toBe(0);
  });

  it("floods unknown stations to ports flagged so, and groups to all", () => {
    setPort(node, 2, PortKind.Ethernet, 0, PortFlag.Learn);
    fateFrom(0, TARGET + ASKER + REST);
    expect<string>(outPorts()).toBe("31");
    fateFrom(0, ALL + ASKER + REST);
    expect<string>(outPorts()).toBe("312");
    fateFrom(0, `01005e000001 ${ASKER} ${REST}`);
    expect<string>(outPorts()).toBe("312");
  });

  it("looks no group up", () => {
    setStation(node, 0, 0xffffffffffff, place(2), FdbFlag.Static);
    fateFrom(0, ALL + ASKER + REST);
    expect<string>(outPorts()).toBe("312");
  });

  it("never sends back where a frame came from", () => {
    setStation(node, 0, TARGET_MAC, place(1));
    expect<i32>(fateFrom(1, TARGET + ASKER + REST)).toBe(Status.Hairpin);
    expect<u32>(outs()).toBe(0);
    expect<u64>(counted(node, Status.Hairpin)).toBe(1);
  });

  it("has nobody to flood to when the list holds the ingress port alone", () => {
    setFlood(node, 1, place(5));
    expect<i32>(fateFrom(5, ALL + ASKER + REST)).toBe(Status.UnknownStation);
  });

  it("keeps isolated ports apart, and from nobody else", () => {
    for (let index: u32 = 0; index < 2; index++) {
      setPort(node, index, PortKind.Ethernet, 0, DEVICE | PortFlag.Isolated);
    }
    setStation(node, 0, TARGET_MAC, place(1));
    expect<i32>(fateFrom(0, TARGET + ASKER + REST)).toBe(Status.Isolated);
    expect<i32>(fateFrom(2, TARGET + ASKER + REST)).toBe(Verdict.Consumed);
    fateFrom(0, ALL + ASKER + REST);
    expect<string>(outPorts()).toBe("32");
    expect<u64>(counted(node, Status.Isolated)).toBe(1);
  });

  it("hands the bridge group on, and no reserved address behind it", () => {
    expect<i32>(fateFrom(0, `0180c2000000 ${ASKER} ${REST}`)).toBe(Verdict.Consumed);
    expect<string>(outPorts()).toBe("312");
    for (let last = 1; last < 16; last++) {
      const dst = `0180c200000${"0123456789abcdef".charAt(last)}`;
      expect<i32>(fateFrom(0, dst + ASKER + REST)).toBe(Status.ReservedGroup);
    }
    expect<i32>(fateFrom(0, `0180c2000010 ${ASKER} ${REST}`)).toBe(Verdict.Consumed);
    expect<i32>(fateFrom(0, `0180c2000100 ${ASKER} ${REST}`)).toBe(Verdict.Consumed);
  });

  it("refuses what no bridge can place", () => {
    expect<i32>(fateFrom(0, `${TARGET} 000000000000 ${REST}`)).toBe(Status.BadSourceMac);
    expect<i32>(fateFrom(0, `${TARGET} 030000000001 ${REST}`)).toBe(Status.BadSourceMac);
    expect<i32>(fateFrom(0, "ffffffffffff 02000000000188")).toBe(Status.Truncated);
    expect<i32>(fateFrom(4, ALL + ASKER + REST)).toBe(Status.BadPort);
    expect<i32>(fateFrom(6, ALL + ASKER + REST)).toBe(Status.BadPort);
    expect<i32>(fateFrom(NONE, ALL + ASKER + REST)).toBe(Status.BadPort);
    setPort(node, 0, PortKind.Ethernet, NONE, DEVICE);
    expect<i32>(fateFrom(0, ALL + ASKER + REST)).toBe(Status.UnknownVni);
    openBurst(node);
    pushFrom(1, ALL + ASKER + REST, DescFlag.L3);
    pushFrom(1, ALL + ASKER + REST, DescFlag.CsumPartial);
    expect<i32>(run(node, burst, Element.Bridge)).toBe(0);
    expect<i32>(inAt(burst, 0).verdict).toBe(Status.BadProtocol);
    expect<i32>(inAt(burst, 1).verdict).toBe(Status.NeedsOffload);
  });

  it("sends nothing out by a port that carries no frames", () => {
    setStation(node, 0, TARGET_MAC, place(4));
    expect<i32>(fateFrom(0, TARGET + ASKER + REST)).toBe(Status.BadPort);
  });

  it("keeps to the MTU of each port; a tag rides on top", () => {
    const rec = portRecord(2, PortKind.Ethernet, 0, DEVICE);
    store<u32>(rec, 5, PortAt.Mtu);
    portSet(node, rec);
    setStation(node, 0, TARGET_MAC, place(2));
    expect<i32>(fateFrom(0, TARGET + ASKER + REST)).toBe(Verdict.Consumed);
    expect<i32>(fateFrom(0, `${TARGET + ASKER + REST}06`)).toBe(Status.TooBig);
    expect<i32>(fateFrom(0, `${TARGET + ASKER} 8100 010203040506070809`)).toBe(Verdict.Consumed);
    expect<i32>(fateFrom(0, `${TARGET + ASKER} 8100 01020304050607080910`)).toBe(Status.TooBig);
    fateFrom(0, `${ALL + ASKER + REST}06`);
    expect<string>(outPorts()).toBe("31");
    expect<u64>(counted(node, Status.TooBig)).toBe(3);
  });

  it("counts each copy that finds no room, and keeps those that did", () => {
    pushFrom(0, ALL + ASKER + REST);
    store<u32>(burst, 1, BurstAt.OutCap);
    expect<i32>(run(node, burst, Element.Bridge)).toBe(1);
    expect<i32>(inAt(burst, 0).verdict).toBe(Verdict.Consumed);
    expect<u64>(counted(node, Status.NoRoom)).toBe(2);
    store<u32>(burst, 0, BurstAt.OutCap);
    inAt(burst, 0).setVerdict(0);
    expect<i32>(run(node, burst, Element.Bridge)).toBe(0);
    expect<i32>(inAt(burst, 0).verdict).toBe(Status.NoRoom);
    expect<u64>(counted(node, Status.NoRoom)).toBe(5);
  });

  it("keeps what came out of a tunnel marked, and its bytes shared", () => {
    setStation(node, 0, TARGET_MAC, place(2));
    const d = pushFrom(TUNNEL, TARGET + ASKER + REST, DescFlag.Decapped | DescFlag.Shared);
    d.setRemote(1);
    expect<i32>(run(node, burst, Element.Bridge)).toBe(1);
    expect<u32>(outAt(burst, 0).flags).toBe(DescFlag.Decapped | DescFlag.Shared);
    expect<u32>(outAt(burst, 0).remote).toBe(1);
  });

  it("says which VNI goes out by a port of many", () => {
    setPort(node, 2, PortKind.Vxlan, NONE, PortFlag.ManyVnis);
    setStation(node, 0, TARGET_MAC, place(2));
    expect<i32>(fateFrom(0, TARGET + ASKER + REST)).toBe(Verdict.Consumed);
    expect<u32>(outAt(burst, 0).vni).toBe(5);
    setStation(node, 1, TARGET_MAC, place(2));
    expect<i32>(fateFrom(5, TARGET + ASKER + REST)).toBe(Status.UnknownVni);
    openBurst(node);
    pushFrom(2, TARGET + ASKER + REST).setVni(5);
    run(node, burst, Element.Bridge);
    expect<i32>(inAt(burst, 0).verdict).toBe(Status.Hairpin);
  });
});

describe("a bridge, learning", () => {
  beforeEach(begin);

  it("learns who sends, and moves them at once", () => {
    fateFrom(0, ALL + ASKER + REST);
    expect<u32>(fdbFind(node, 0, ASKER_MAC, 0)).toBe(place(0));
    fateFrom(1, ALL + ASKER + REST);
    expect<u32>(fdbFind(node, 0, ASKER_MAC, 0)).toBe(place(1));
    expect<u64>(counted(node, Status.StationMoved)).toBe(1);
    expect<u32>(fdbFind(node, 1, ASKER_MAC, 0)).toBe(FDB_MISS);
  });

  it("learns from frames that go no further", () => {
    fateFrom(0, `0180c200000e ${ASKER} ${REST}`);
    expect<u32>(fdbFind(node, 0, ASKER_MAC, 0)).toBe(place(0));
  });

  it("learns nothing where it is told not to, nor behind a tunnel", () => {
    setPort(node, 0, PortKind.Ethernet, 0, PortFlag.Flood);
    expect<i32>(fateFrom(0, ALL + ASKER + REST)).toBe(Verdict.Consumed);
    expect<i32>(fateFrom(TUNNEL, ALL + ASKER + REST)).toBe(Verdict.Consumed);
    expect<u32>(fdbFind(node, 0, ASKER_MAC, 0)).toBe(FDB_MISS);
  });

  it("moves a static station, and drops a source that is fixed elsewhere", () => {
    setStation(node, 0, ASKER_MAC, place(1), FdbFlag.Static);
    expect<i32>(fateFrom(0, ALL + ASKER + REST)).toBe(Verdict.Consumed);
    expect<u32>(fdbFind(node, 0, ASKER_MAC, 0)).toBe(place(0));
    for (let round = 0; round < 2; round++) {
      const flags = round == 0 ? FdbFlag.Permanent : FdbFlag.Static | FdbFlag.Sticky;
      setStation(node, 0, ASKER_MAC, place(1), flags);
      expect<i32>(fateFrom(0, ALL + ASKER + REST)).toBe(Status.Pinned);
      expect<u32>(fdbFind(node, 0, ASKER_MAC, 0)).toBe(place(1));
      expect<i32>(fateFrom(1, ALL + ASKER + REST)).toBe(Verdict.Consumed);
    }
    expect<u64>(counted(node, Status.LearnRefused)).toBe(0);
  });

  it("forwards such a source in linux mode, unlearned", () => {
    setPort(node, 0, PortKind.Ethernet, 0, DEVICE | PortFlag.LinuxMode);
    setStation(node, 0, ASKER_MAC, place(1), FdbFlag.Permanent);
    expect<i32>(fateFrom(0, ALL + ASKER + REST)).toBe(Verdict.Consumed);
    expect<u32>(fdbFind(node, 0, ASKER_MAC, 0)).toBe(place(1));
    expect<u64>(counted(node, Status.LearnRefused)).toBe(1);
  });

  it("forwards what the limit keeps from being learned", () => {
    const rec = portRecord(0, PortKind.Ethernet, 0, DEVICE);
    store<u32>(rec, 1, PortAt.LearnLimit);
    portSet(node, rec);
    fateFrom(0, ALL + ASKER + REST);
    expect<i32>(fateFrom(0, ALL + TARGET + REST)).toBe(Verdict.Consumed);
    expect<u32>(fdbFind(node, 0, TARGET_MAC, 0)).toBe(FDB_MISS);
    expect<u64>(counted(node, Status.LearnRefused)).toBe(1);
  });
});
