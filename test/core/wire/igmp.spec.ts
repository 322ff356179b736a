import { Status } from "../../../assembly/base/status";
import { IGMP_HEADER_LEN, IGMP_QUERY, IGMP_REPORT_V3, Igmp } from "../../../assembly/wire/igmp";
import { edge, flip, put } from "../bytes";

// What Linux joins 224.0.0.251 with: a report of version 3 with one record.
const REPORT_V3 = "2200 f902 0000 0001 0400 0000 e000 00fb";

const message: usize = memory.data(64);

function versionOf(hex: string): u32 {
  const len = put(message, hex);
  return Igmp.at(message).version(len);
}

describe("Igmp", () => {
  it("takes a report that Linux sent, and reads nothing behind", () => {
    const ptr = edge(16);
    put(ptr, REPORT_V3);
    expect<i32>(Igmp.check(ptr, 16)).toBe(Status.Ok);
    expect<u32>(Igmp.at(ptr).type).toBe(IGMP_REPORT_V3);
    expect<u32>(Igmp.at(ptr).version(16)).toBe(3);
  });

  it("reads a query", () => {
    put(message, "1164 0e97 e000 0104");
    expect<i32>(Igmp.check(message, 8)).toBe(Status.BadChecksum);
    put(message, "1164 0d97");
    expect<i32>(Igmp.check(message, 8)).toBe(Status.Ok);
    expect<u32>(Igmp.at(message).type).toBe(IGMP_QUERY);
    expect<u32>(Igmp.at(message).maxRespTime).toBe(100);
    expect<u32>(Igmp.at(message).group).toBe(0xe0000104);
  });

  it("tells the versions apart (RFC 3376, section 7.1)", () => {
    expect<u32>(versionOf("1100 0000 0000 0000")).toBe(1);
    expect<u32>(versionOf("1101 0000 0000 0000")).toBe(2);
    expect<u32>(versionOf("1100 0000 0000 0000 0000 0000")).toBe(3);
    expect<u32>(versionOf("1164 0000 0000 0000 0000 00")).toBe(2);
    expect<u32>(versionOf("1200 0000 e000 0104")).toBe(1);
    expect<u32>(versionOf("1600 0000 e000 0104")).toBe(2);
    expect<u32>(versionOf("1700 0000 e000 0104")).toBe(2);
    expect<u32>(versionOf(REPORT_V3)).toBe(3);
  });

  it("names no version of what is none of theirs", () => {
    let known = "";
    for (let type = 0; type < 256; type++) {
      store<u8>(message, <u8>type);
      if (Igmp.at(message).version(8) != 0) known += `${type.toString(16)} `;
    }
    expect<string>(known).toBe("11 12 16 17 22 ");
  });

  it("refuses every length short of a header", () => {
    for (let len: u32 = 0; len < IGMP_HEADER_LEN; len++) {
      expect<i32>(Igmp.check(edge(0), len)).toBe(Status.Truncated); // and reads nothing
    }
  });

  it("refuses every single bit that is wrong", () => {
    const len = put(message, REPORT_V3);
    for (let bit: u32 = 0; bit < len * 8; bit++) {
      flip(message, bit);
      expect<i32>(Igmp.check(message, len)).toBe(Status.BadChecksum);
      flip(message, bit);
    }
  });
});
