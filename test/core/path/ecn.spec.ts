import { Status } from "../../../assembly/base/status";
import { innerTosAfter, outerTos } from "../../../assembly/path/ecn";
import { Port, PortAt, PortFlag, TosMode } from "../../../assembly/table/port";

const NOT_ECT: u32 = 0;
const ECT_1: u32 = 1;
const ECT_0: u32 = 2;
const CE: u32 = 3;

const record: usize = memory.data(64, 8);

function portWith(flags: u32, mode: u32 = TosMode.Fixed, tos: u32 = 0): Port {
  memory.fill(record, 0, 64);
  store<u32>(record, flags, PortAt.Flags);
  store<u8>(record, <u8>mode, PortAt.TosMode);
  store<u8>(record, <u8>tos, PortAt.Tos);
  return Port.at(record);
}

describe("outerTos", () => {
  it("has the port's DSCP or the inner one, and no mark without Ecn", () => {
    for (let inner: u32 = 0; inner < 256; inner++) {
      expect<u32>(outerTos(portWith(0, TosMode.Fixed, 0xbb), inner)).toBe(0xb8);
      expect<u32>(outerTos(portWith(0, TosMode.Inherit, 0xbb), inner)).toBe(inner & 0xfc);
    }
  });

  it("copies the mark with Ecn (RFC 6040, section 4.1)", () => {
    for (let inner: u32 = 0; inner < 256; inner++) {
      expect<u32>(outerTos(portWith(PortFlag.Ecn, TosMode.Fixed, 0xbb), inner)).toBe(
        0xb8 | (inner & 3),
      );
      expect<u32>(outerTos(portWith(PortFlag.Ecn, TosMode.Inherit), inner)).toBe(inner);
    }
  });

  it("takes Congestion Experienced back in linux mode, and only that", () => {
    const port = portWith(PortFlag.Ecn | PortFlag.LinuxMode, TosMode.Inherit);
    expect<u32>(outerTos(port, 0xb8 | CE)).toBe(0xb8 | ECT_0);
    for (let ecn = NOT_ECT; ecn < CE; ecn++) expect<u32>(outerTos(port, ecn)).toBe(ecn);
    expect<u32>(outerTos(portWith(PortFlag.LinuxMode, TosMode.Inherit), CE)).toBe(NOT_ECT);
  });
});

describe("innerTosAfter", () => {
  // RFC 6040, section 4.2, figure 4.
  it("leaves the mark as it was under Not-ECT and ECT(0)", () => {
    const port = portWith(PortFlag.Ecn);
    for (let inner = NOT_ECT; inner <= CE; inner++) {
      expect<i32>(innerTosAfter(port, NOT_ECT, inner)).toBe(inner);
      expect<i32>(innerTosAfter(port, ECT_0, inner)).toBe(inner);
    }
  });

  it("takes ECT(1) over ECT(0), and over nothing else", () => {
    const port = portWith(PortFlag.Ecn);
    expect<i32>(innerTosAfter(port, ECT_1, NOT_ECT)).toBe(NOT_ECT);
    expect<i32>(innerTosAfter(port, ECT_1, ECT_1)).toBe(ECT_1);
    expect<i32>(innerTosAfter(port, ECT_1, ECT_0)).toBe(ECT_1);
    expect<i32>(innerTosAfter(port, ECT_1, CE)).toBe(CE);
  });

  it("takes Congestion Experienced over every mark, and drops what has none", () => {
    const port = portWith(PortFlag.Ecn);
    expect<i32>(innerTosAfter(port, CE, NOT_ECT)).toBe(Status.EcnMismatch);
    expect<i32>(innerTosAfter(port, CE, ECT_1)).toBe(CE);
    expect<i32>(innerTosAfter(port, CE, ECT_0)).toBe(CE);
    expect<i32>(innerTosAfter(port, CE, CE)).toBe(CE);
  });

  it("keeps the inner DSCP, whatever the outer one is", () => {
    const port = portWith(PortFlag.Ecn);
    expect<i32>(innerTosAfter(port, 0xfc | CE, 0xb8 | ECT_0)).toBe(0xb8 | CE);
    expect<i32>(innerTosAfter(port, 0xfc | ECT_1, 0xb8 | ECT_0)).toBe(0xb8 | ECT_1);
    expect<i32>(innerTosAfter(port, 0xfc, 0xb8 | CE)).toBe(0xb8 | CE);
  });

  it("leaves everything as it was without Ecn", () => {
    const port = portWith(PortFlag.LinuxMode);
    for (let outer = NOT_ECT; outer <= CE; outer++) {
      for (let inner: u32 = 0; inner < 256; inner++) {
        expect<i32>(innerTosAfter(port, outer, inner)).toBe(inner);
      }
    }
  });
});
