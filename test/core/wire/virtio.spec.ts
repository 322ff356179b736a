import { Status } from "../../../assembly/base/status";
import {
  VIRTIO_GSO_ECN,
  VIRTIO_GSO_TCPV4,
  VIRTIO_HEADER_LEN,
  Virtio,
} from "../../../assembly/wire/virtio";
import { hexOf, put } from "../bytes";

const header: usize = memory.data(64);

describe("Virtio", () => {
  beforeEach(() => {
    memory.fill(header, 0xee, 64);
  });

  it("is read as it lies, little-endian", () => {
    put(header, "01 81 4200 7605 2200 1000");
    const virtio = Virtio.at(header);
    expect<bool>(virtio.needsCsum).toBe(true);
    expect<u32>(virtio.gsoType).toBe(VIRTIO_GSO_TCPV4);
    expect<u32>(virtio.gsoSize).toBe(1398);
    expect<u32>(virtio.csumStart).toBe(34);
    expect<u32>(virtio.csumOffset).toBe(16);
    put(header, "02");
    expect<bool>(virtio.needsCsum).toBe(false);
  });

  it("has the checksum in the packet, behind the link's header", () => {
    put(header, "01 00 0000 0000 0e00 0200");
    const virtio = Virtio.at(header);
    expect<i32>(virtio.checkCsum(14, 18)).toBe(Status.Ok);
    expect<i32>(virtio.checkCsum(14, 17)).toBe(Status.BadOffload);
    expect<i32>(virtio.checkCsum(15, 18)).toBe(Status.BadOffload);
    put(header, "01 00 0000 0000 ffff ffff");
    expect<i32>(virtio.checkCsum(14, 0x1ffff)).toBe(Status.BadOffload);
    expect<i32>(virtio.checkCsum(14, 0x20000)).toBe(Status.Ok);
  });

  it("is written as ten bytes", () => {
    const virtio = Virtio.at(header);
    virtio.emit();
    expect<string>(hexOf(header, VIRTIO_HEADER_LEN + 1)).toBe("00000000000000000000ee");
    virtio.setSuper(VIRTIO_GSO_TCPV4 | VIRTIO_GSO_ECN, 66, 1398);
    virtio.setCsum(34, 16);
    expect<string>(hexOf(header, VIRTIO_HEADER_LEN + 1)).toBe("01814200760522001000ee");
  });
});
