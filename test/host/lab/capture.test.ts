// The reader of captures beside files that the model wrote, in either byte order, and the writer's.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { CapturedPacket } from "../../../bindings/lab/index.ts";
import { PcapngWriter, readCapture, readCaptureStream } from "../../../bindings/lab/index.ts";
import * as model from "../../model/capture.ts";
import { join } from "../../model/packet.ts";

const ORDERS = ["big", "little"] as const;
const PACKET = Uint8Array.from({ length: 61 }, (_, at) => at);

function read(capture: Uint8Array): CapturedPacket[] {
  return [...readCapture(capture)];
}

/** All that a packet says, without the interface. */
function factsOf({ interface: _, ...facts }: CapturedPacket): Omit<CapturedPacket, "interface"> {
  return facts;
}

for (const order of ORDERS) {
  test(`pcap, ${order} endian: micro- and nanoseconds, bytes that were cut off`, () => {
    const packets = [
      { seconds: 0xffffffff, fraction: 999_999, bytes: PACKET },
      { seconds: 1, fraction: 2, bytes: PACKET.subarray(0, 3), originalLen: 61 },
      { seconds: 0, fraction: 0, bytes: new Uint8Array() },
    ];
    const micro = read(model.pcap({ order, link: 1, snapLen: 65535, packets }));
    assert.deepEqual(micro.map(factsOf), [
      fact(0, 4_294_967_295_999_999_000n, PACKET),
      { ...fact(1, 1_000_002_000n, PACKET.subarray(0, 3)), originalLen: 61 },
      fact(2, 0n, new Uint8Array()),
    ]);
    const place = { index: 0, linkType: "ethernet", linkNumber: 1, snapLen: 65535 };
    for (const packet of micro) assert.deepEqual(packet.interface, place);
    const nano = read(model.pcap({ order, magic: model.NANOSECONDS, link: 1, packets }));
    assert.deepEqual(
      nano.map(({ timeNs }) => timeNs),
      [4_294_967_295_000_999_999n, 1_000_000_002n, 0n],
    );
  });

  test(`pcap, ${order} endian: the link type stands in the low sixteen bits`, () => {
    const packets = [{ seconds: 0, fraction: 0, bytes: PACKET }];
    const link = 0x24000000; // a frame check sequence of four bytes follows each packet
    const places = [1, 12, 14, 101, 228, 113].map((number) => {
      const [packet] = read(model.pcap({ order, link: link + number, packets }));
      return packet?.interface;
    });
    const types = places.map((place) => place?.linkType);
    assert.deepEqual(types, ["ethernet", "ip", "ip", "ip", "ip", null]);
    assert.equal(places.at(-1)?.linkNumber, 113);
  });

  test(`pcapng, ${order} endian: enhanced, simple and obsolete packets`, () => {
    const packets = read(
      join(
        model.sectionBlock(order, [4, model.text("a test")]),
        model.interfaceBlock(order, { link: 1, snapLen: 40 }, [2, model.text("eth0\0")]),
        model.interfaceBlock(
          order,
          { link: 101 },
          [2, model.text("tun0")],
          [3, model.text("\u00fcber all")],
          [9, Uint8Array.of(9)],
        ),
        model.enhancedBlock(
          order,
          { interface: 1, ticks: 1_700_000_000_123_456_789n, bytes: PACKET, originalLen: 90 },
          [1, model.text("first")],
          [2, model.u32(0x2fffe, order)],
          [1, model.text("second")],
        ),
        model.simpleBlock(order, 61, PACKET.subarray(0, 40)),
        model.obsoleteBlock(
          order,
          { interface: 0, drops: 7, ticks: 5_000_000_000_000n, bytes: PACKET },
          [2, model.u32(1, order)],
        ),
      ),
    );
    const long = { originalLen: 90, direction: "out" as const, comments: ["first", "second"] };
    assert.deepEqual(packets.map(factsOf), [
      { ...fact(0, 1_700_000_000_123_456_789n, PACKET), ...long },
      { ...fact(1, null, PACKET.subarray(0, 40)), originalLen: 61 },
      { ...fact(2, 5_000_000_000_000_000n, PACKET), direction: "in" },
    ]);
    const eth0 = { index: 0, linkType: "ethernet", linkNumber: 1, snapLen: 40, name: "eth0" };
    const tun0 = {
      ...{ index: 1, linkType: "ip", linkNumber: 101, snapLen: 0 },
      ...{ name: "tun0", description: "\u00fcber all" },
    };
    assert.deepEqual(
      packets.map((packet) => packet.interface),
      [tun0, eth0, eth0],
    );
  });

  test(`pcapng, ${order} endian: ticks of every length, from any second`, () => {
    const cases: [resolution: number, offsetS: bigint, ticks: bigint, timeNs: bigint][] = [
      [0, 0n, 3n, 3_000_000_000n],
      [3, 0n, 1n, 1_000_000n],
      [6, 1_600_000_000n, 1n, 1_600_000_000_000_001_000n],
      [9, -2n, 5n, -1_999_999_995n],
      [12, 0n, 1999n, 1n],
      [127, 0n, 2n ** 64n - 1n, 0n],
      [0x80, 0n, 2n, 2_000_000_000n],
      [0x80 + 10, 0n, 512n, 500_000_000n],
      [0x80 + 32, 0n, 2n ** 64n - 1n, 4_294_967_295_999_999_999n],
    ];
    const places = cases.map(([resolution, offsetS]) =>
      model.interfaceBlock(
        order,
        { link: 1 },
        [9, Uint8Array.of(resolution)],
        [14, model.number(offsetS, 8, order)],
      ),
    );
    const packets = cases.map(([, , ticks], at) =>
      model.enhancedBlock(order, { interface: at, ticks, bytes: PACKET }),
    );
    const times = read(join(model.sectionBlock(order), ...places, ...packets));
    assert.deepEqual(
      times.map(({ timeNs }) => timeNs),
      cases.map(([, , , timeNs]) => timeNs),
    );
  });
}

function fact(index: number, timeNs: bigint | null, bytes: Uint8Array) {
  return { index, timeNs, bytes: Uint8Array.from(bytes), originalLen: bytes.length, comments: [] };
}

test("each section has its own byte order and interfaces, counted over the whole capture", () => {
  const sections = ORDERS.map((order, at) =>
    join(
      model.sectionBlock(order),
      model.interfaceBlock(order, { link: 1 }, [2, model.text(`eth${at}`)]),
      model.enhancedBlock(order, { interface: 0, ticks: BigInt(at), bytes: PACKET }),
    ),
  );
  const packets = read(join(...sections, ...sections));
  assert.deepEqual(
    packets.map(({ index, interface: place }) => [index, place.index, place.name]),
    [
      [0, 0, "eth0"],
      [1, 1, "eth1"],
      [2, 2, "eth0"],
      [3, 3, "eth1"],
    ],
  );
});

test("blocks about other things are passed over", () => {
  const order = "little";
  const others = [4, 5, 9, 10, 0x0bad, 0x40000bad, 0xffffffff].map((type, at) =>
    model.block(order, type, new Uint8Array(at * 4)),
  );
  const packet = model.enhancedBlock(order, { interface: 0, ticks: 0n, bytes: PACKET });
  const place = model.interfaceBlock(order, { link: 1 }, [11, new Uint8Array(9)]);
  const [first, ...rest] = [model.sectionBlock(order), place, packet, packet];
  const parts = rest.flatMap((part) => [...others, part]);
  assert.equal(read(join(first as Uint8Array, ...parts, ...others)).length, 2);
});

test("a list of options may end where its block does", () => {
  const body = [new Uint8Array(4), new Uint8Array(8), model.u32(4, "little")];
  const option = join(model.u16(1, "little"), model.u16(2, "little"), model.text("hi"));
  const packets = read(
    join(
      model.sectionBlock("little"),
      model.interfaceBlock("little", { link: 1 }),
      model.block("little", 6, ...body, model.u32(4, "little"), PACKET.subarray(0, 4), option),
    ),
  );
  assert.deepEqual(packets[0]?.comments, ["hi"]);
});

function written(): { capture: Uint8Array; packets: Parameters<PcapngWriter["addPacket"]>[0][] } {
  const chunks: Uint8Array[] = [];
  const writer = new PcapngWriter((chunk) => chunks.push(chunk), { comment: "a test" });
  writer.addInterface({ name: "host1.eth0", linkType: "ethernet", description: "a cable" });
  writer.addInterface({ name: "host1.flannel0", linkType: "ip" });
  const packets = [
    { interface: 0, timeNs: 0n, bytes: PACKET },
    { interface: 1, timeNs: 2n ** 64n - 1n, bytes: PACKET.subarray(0, 20), originalLen: 61 },
    { interface: 0, timeNs: 1n, bytes: new Uint8Array(), direction: "in", comment: "who" } as const,
    { interface: 1, timeNs: 2n, bytes: PACKET, direction: "out" } as const,
  ];
  for (const packet of packets) writer.addPacket(packet);
  return { capture: join(...chunks), packets };
}

test("what the writer wrote is read back", () => {
  const { capture, packets } = written();
  const found = read(capture);
  assert.deepEqual(
    found.map(factsOf),
    packets.map(({ timeNs, bytes, originalLen, direction, comment }, index) => ({
      ...fact(index, timeNs, bytes),
      originalLen: originalLen ?? bytes.length,
      ...(direction && { direction }),
      comments: comment === undefined ? [] : [comment],
    })),
  );
  const place = { index: 0, linkType: "ethernet", linkNumber: 1, snapLen: 0 };
  assert.deepEqual(found[0]?.interface, { ...place, name: "host1.eth0", description: "a cable" });
  assert.deepEqual(
    found.map((packet) => packet.interface.name),
    ["host1.eth0", "host1.flannel0", "host1.eth0", "host1.flannel0"],
  );
});

test("it does not matter where a capture is cut into parts, or what becomes of them", async () => {
  const { capture } = written();
  const whole = read(capture);
  for (let len = 1; len <= capture.length; len++) {
    assert.deepEqual([...readCapture(reused(capture, len))], whole);
  }
  const slow: CapturedPacket[] = [];
  for await (const packet of readCaptureStream(later(reused(capture, 7)))) slow.push(packet);
  assert.deepEqual(slow, whole);
});

/** Parts of `len` bytes that all lie in the same buffer, with an empty one now and then. */
function* reused(capture: Uint8Array, len: number): Generator<Uint8Array> {
  const buffer = Buffer.alloc(len);
  for (let at = 0; at < capture.length; at += len) {
    const part = capture.subarray(at, at + len);
    buffer.fill(0xa5);
    buffer.set(part);
    yield buffer.subarray(0, part.length);
    if ((at / len) % 5 === 4) yield buffer.subarray(0, 0);
  }
}

async function* later(parts: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    await Promise.resolve();
    yield part;
  }
}

test("a packet's bytes are its own", () => {
  const { capture } = written();
  const [packet] = readCapture(capture);
  capture.fill(0xa5);
  assert.deepEqual(packet?.bytes, PACKET);
});
