// Lists of options, as headers carry them: whole ones, and ones whose lengths lie.
import fc from "fast-check";
import { option, optionList } from "../../test/model/headers.ts";
import { join } from "../../test/model/packet.ts";

type Bytes = fc.Arbitrary<Uint8Array>;

const LIST_MAX = 40; // IPv4 and TCP leave as much room

const exactly = (len: number): Bytes => fc.uint8Array({ minLength: len, maxLength: len });
const nop: Bytes = fc.constant(Uint8Array.of(1));
const addresses = (most: number): Bytes => fc.integer({ min: 1, max: most }).chain(times4);

function times4(count: number): Bytes {
  return exactly(count * 4);
}

function sized(kind: number, data: Bytes): Bytes {
  return data.map((bytes) => option(kind, bytes));
}

function listOf(...kinds: readonly Bytes[]): Bytes {
  return fc.array(fc.oneof(...kinds), { maxLength: 4 }).map((options) => {
    const fitting: Uint8Array[] = [];
    let room = LIST_MAX;
    for (const one of options) {
      if (one.length > room) continue;
      fitting.push(one);
      room -= one.length;
    }
    return optionList(...fitting);
  });
}

// What RFC 791 and RFC 2113 define: the pointer of a route counts from the option's own first byte.
const route = (kind: number): Bytes =>
  sized(
    kind,
    addresses(3).map((list) => join(Uint8Array.of(4), list)),
  );

/** Options of an IPv4 header, in whole words: record route, source routes, time, alert. */
export const ipv4Options: Bytes = listOf(
  ...[nop, route(7), route(131), route(137)],
  sized(
    68,
    addresses(3).map((list) => join(Uint8Array.of(5, 0), list)),
  ),
  fc.constant(option(148, new Uint8Array(2))),
);

/** Options of a TCP header, a multiple of four bytes: MSS, window scale, SACK, time, any other. */
export const tcpOptions: Bytes = listOf(
  nop,
  sized(2, exactly(2)),
  sized(
    3,
    fc.nat(14).map((shift) => Uint8Array.of(shift)),
  ),
  fc.constant(option(4, new Uint8Array())),
  sized(
    5,
    fc.integer({ min: 1, max: 4 }).chain((blocks) => exactly(blocks * 8)),
  ),
  sized(8, exactly(8)),
  fc
    .record({ kind: fc.integer({ min: 9, max: 255 }), data: fc.uint8Array({ maxLength: 8 }) })
    .map(({ kind, data }) => option(kind, data)),
);

/** A list with an option that is too short to be one, or reaches beyond the list. */
export const brokenOptions: Bytes = fc
  .record({ kind: fc.constantFrom(2, 7, 68, 130, 255), length: fc.constantFrom(0, 1, 5, 41, 255) })
  .map(({ kind, length }) => Uint8Array.of(kind, length, 0, 0));
