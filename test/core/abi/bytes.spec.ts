import {
  checksum_sum,
  checksum_update,
  packet_decode,
  packet_decode_bulk,
} from "../../../assembly/abi/bytes";
import { sumPlain } from "../../../assembly/base/checksum";
import { Status } from "../../../assembly/base/status";
import { PieceAt } from "../../../assembly/path/burst";
import { LayerAt, LayerKind } from "../../../assembly/path/layer";
import { edge, isDirty, noise, put } from "../bytes";
import { openNode } from "../table/node";
import { slotAt } from "./host";

const LAST: u32 = 0xffffffff;
const bytes: usize = memory.data(1024);

function memoryEnd(): u32 {
  return (<u32>memory.size()) << 16;
}

describe("checksum_sum", () => {
  it("sums, on top of a seed", () => {
    noise(bytes, 1024, 9);
    expect<i32>(checksum_sum(bytes + 1, 777, 0)).toBe(<i32>sumPlain(bytes + 1, 777, 0));
    expect<i32>(checksum_sum(bytes + 1, 777, LAST)).toBe(<i32>sumPlain(bytes + 1, 777, LAST));
    expect<i32>(checksum_sum(bytes, 0, 0x12345)).toBe(0x2346);
  });

  it("reaches both ends of memory", () => {
    const ptr = edge(100);
    memory.fill(ptr, 0xff, 100);
    expect<i32>(checksum_sum(ptr, 100, 0)).toBe(0xffff);
    expect<i32>(checksum_sum(memoryEnd(), 0, 0)).toBe(0);
    expect<i32>(checksum_sum(0, 0, 0)).toBe(0);
    const all = checksum_sum(0, memoryEnd(), 0);
    const twin = <i32>sumPlain(0, memoryEnd(), 0); // before an expectation writes anything
    expect<i32>(all).toBe(twin);
  });

  it("refuses a byte more, and every range that wraps", () => {
    const ptr = edge(100);
    expect<i32>(checksum_sum(ptr, 101, 0)).toBe(Status.BadArgument);
    expect<i32>(checksum_sum(memoryEnd(), 1, 0)).toBe(Status.BadArgument);
    expect<i32>(checksum_sum(memoryEnd() + 1, 0, 0)).toBe(Status.BadArgument);
    expect<i32>(checksum_sum(0, LAST, 0)).toBe(Status.BadArgument);
    expect<i32>(checksum_sum(ptr, LAST, 0)).toBe(Status.BadArgument);
    expect<i32>(checksum_sum(LAST, 1, 0)).toBe(Status.BadArgument);
    expect<i32>(checksum_sum(LAST, LAST, 0)).toBe(Status.BadArgument);
  });
});

describe("checksum_update", () => {
  it("follows one word, whatever the high bits are", () => {
    expect<i32>(checksum_update(0x2fdd, 0x5555, 0x8532)).toBe(0);
    expect<i32>(checksum_update(0xffff2fdd, 0xffff5555, 0xffff8532)).toBe(0);
    expect<i32>(checksum_update(LAST, LAST, LAST)).toBe(0);
  });
});

describe("packet_decode", () => {
  it("writes the layers that there is room for, whole records", () => {
    const out = slotAt(openNode());
    memory.fill(out, 0xa5, 64);
    const len = put(bytes, "020000000002 020000000001 88b5 0102");
    expect<i32>(packet_decode(bytes, len, LayerKind.Ethernet, out, 4)).toBe(2);
    expect<u32>(load<u8>(out, LayerAt.Kind)).toBe(LayerKind.Ethernet);
    expect<u32>(load<u8>(out + LayerAt.End, LayerAt.Kind)).toBe(LayerKind.Payload);
    expect<u32>(load<u8>(out + 2 * LayerAt.End)).toBe(0xa5);
    expect<i32>(packet_decode(bytes, len, LayerKind.Ethernet, out, 1)).toBe(1);
    expect<i32>(packet_decode(bytes, len, LayerKind.Ipv4, out, 4)).toBe(1);
    expect<i32>(load<i16>(out, LayerAt.Status)).toBe(Status.Truncated);
  });

  it("takes claimed memory for its records, apart from the packet", () => {
    const out = slotAt(openNode());
    const start = LayerKind.Ethernet;
    expect<i32>(packet_decode(bytes, 16, LayerKind.Arp, out, 4)).toBe(Status.BadArgument);
    expect<i32>(packet_decode(bytes, 16, start, out + 2, 4)).toBe(Status.BadArgument);
    expect<i32>(packet_decode(bytes, 16, start, bytes + 64, 4)).toBe(Status.BadArgument);
    expect<i32>(packet_decode(bytes, 16, start, out, (1 << 26) + 1)).toBe(Status.BadArgument);
    expect<i32>(packet_decode(bytes, 16, start, out, 1 << 26)).toBe(Status.BadArgument);
    expect<i32>(packet_decode(memoryEnd() - 8, 16, start, out, 4)).toBe(Status.BadArgument);
    expect<i32>(packet_decode(out + 63, 16, start, out, 4)).toBe(Status.BadArgument);
    expect<i32>(packet_decode(out - 15, 16, start, out, 4)).toBe(Status.BadArgument);
    expect<i32>(packet_decode(out + 64, 16, start, out, 4)).toBeGreaterThan(0);
    expect<i32>(packet_decode(out - 16, 16, start, out, 4)).toBeGreaterThan(0);
  });
});

describe("packet_decode_bulk", () => {
  it("writes the layers of each packet, and an end where there are fewer", () => {
    const pieces = slotAt(openNode());
    const out = pieces + 64;
    const len = put(bytes, "020000000002 020000000001 88b5 0102");
    for (let i: usize = 0; i < 3; i++) setPiece(pieces, i, bytes, i == 1 ? 4 : len);
    memory.fill(out, 0xa5, 256);
    expect<i32>(packet_decode_bulk(pieces, 3, LayerKind.Ethernet, out, 3)).toBe(5);
    for (let i: usize = 0; i < 3; i++) {
      const layers = packet_decode(bytes, i == 1 ? 4 : len, LayerKind.Ethernet, out + 192, 3);
      const records = out + i * 3 * LayerAt.End;
      expect<i32>(memory.compare(records, out + 192, layers * LayerAt.End)).toBe(0);
      expect<u32>(load<u8>(records + layers * LayerAt.End)).toBe(0);
    }
    expect<i32>(packet_decode_bulk(pieces, 3, LayerKind.Ethernet, out, 0)).toBe(0);
    expect<i32>(packet_decode_bulk(pieces, 0, LayerKind.Ethernet, out, 9)).toBe(0);
  });

  it("refuses what is not there, or would be written over", () => {
    const pieces = slotAt(openNode());
    const out = pieces + 64;
    const start = LayerKind.Ethernet;
    for (let i: usize = 0; i < 2; i++) setPiece(pieces, i, bytes, 16);
    expect<i32>(packet_decode_bulk(pieces, 2, start, out, 4)).toBeGreaterThan(0);
    memory.fill(out, 0xa5, 128);
    expect<i32>(packet_decode_bulk(pieces, 2, LayerKind.Arp, out, 4)).toBe(Status.BadArgument);
    expect<i32>(packet_decode_bulk(pieces + 2, 1, start, out, 4)).toBe(Status.BadArgument);
    expect<i32>(packet_decode_bulk(pieces, 2, start, out + 2, 4)).toBe(Status.BadArgument);
    expect<i32>(packet_decode_bulk(pieces, 2, start, pieces + 12, 4)).toBe(Status.BadArgument);
    expect<i32>(packet_decode_bulk(pieces, 2, start, out, 1 << 25)).toBe(Status.BadArgument);
    expect<i32>(packet_decode_bulk(pieces, LAST, start, out, 0)).toBe(Status.BadArgument);
    expect<i32>(packet_decode_bulk(bytes, 2, start, out, 4)).toBe(Status.BadArgument);
    setPiece(pieces, 1, memoryEnd() - 8, 16);
    expect<i32>(packet_decode_bulk(pieces, 2, start, out, 4)).toBe(Status.BadArgument);
    setPiece(pieces, 1, out + 127, 1);
    expect<i32>(packet_decode_bulk(pieces, 2, start, out, 4)).toBe(Status.BadArgument);
    expect<bool>(isDirty(out, 128)).toBe(true);
    setPiece(pieces, 1, out + 128, 1);
    expect<i32>(packet_decode_bulk(pieces, 2, start, out, 4)).toBeGreaterThan(0);
  });
});

function setPiece(pieces: usize, index: usize, ptr: usize, len: u32): void {
  store<u32>(pieces + index * PieceAt.End, <u32>ptr, PieceAt.Ptr);
  store<u32>(pieces + index * PieceAt.End, len, PieceAt.Len);
}
