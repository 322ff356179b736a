// UDP and the internet checksum.
import assert from "node:assert/strict";
import { openCore } from "../../../bindings/core/index.ts";
import { checksum, foldedSum } from "../../model/checksum.ts";
import { bytesOf, ethernet, ipv4, join, udp } from "../../model/packet.ts";
import { outerFrame } from "../path/rows.ts";
import { OWN_MAC, openVtep, PEER, PEER_MAC } from "../path/vtep.ts";
import { inOrder, type RfcSumRow } from "./rows.ts";

const WORDS = 0x10000;
const UDP_AT = 34;
const SEARCH_MAX = 1 << 18;
const EDGES = [0, 1, 2, 0xff, 0x100, 0x7fff, 0x8000, 0xfeff, 0xfffd, 0xfffe, 0xffff];

const core = await openCore({ memoryBytes: 1 << 20 });
const node = core.openNode({ seed: 1n, slots: 1, routes: 1, hops: 1, fdb: 1, neighbors: 1 });
const { checksum_sum: sumOf, checksum_update: update } = node.exports;

function sum(bytes: Uint8Array, seed = 0): number {
  node.bytes.set(bytes, node.arena);
  return sumOf(node.arena, bytes.length, seed);
}

/** ~(a + b), the sum folded. */
function complement(a: number, b: number): number {
  const total = a + b;
  return ~(total + (total >> 16)) & 0xffff;
}

// The checksum of a header whose other words sum up to `rest`, before and after one changes.
function expectUpdate(rest: number, from: number, to: number): void {
  const updated = update(complement(rest, from), from, to);
  const full = complement(rest, to);
  if (updated !== full) assert.fail(`rest ${rest}, ${from} to ${to}: ${updated}, not ${full}`);
}

const tests: Readonly<Record<RfcSumRow, () => Promise<void> | void>> = {
  "RFC 768: length from 8 to what IP carries": async () => {
    const vtep = await openVtep(["linuxMode"]);
    const whole = outerFrame().length - UDP_AT;
    const verdictOf = (length: number): string =>
      vtep.decapFrame(outerFrame({ udp: { length, checksum: 0 } })).verdict;
    for (let length = 0; length < 8; length++) assert.equal(verdictOf(length), "BadLength");
    assert.equal(verdictOf(8), "Truncated"); // no VXLAN header is left
    assert.equal(verdictOf(whole - 1), "consumed");
    assert.equal(verdictOf(whole), "consumed");
    assert.equal(verdictOf(whole + 1), "Truncated");
    assert.equal(verdictOf(0xffff), "Truncated");
  },

  "RFC 768: checksum 0 is none, and a computed 0 is sent as 0xffff": async () => {
    const vtep = await openVtep(["linuxMode", "udpChecksum"]);
    vtep.pin(PEER_MAC, PEER);
    const addresses = { src: "10.1.15.2", dst: "10.1.16.3" };
    // The identification of the outer header is no part of the sum: only the payload moves it.
    for (let word = 0; word < SEARCH_MAX; word++) {
      const payload = Uint8Array.of(word & 255, (word >> 8) & 255, word >> 16);
      const packet = ipv4(addresses, udp({ srcPort: 7, dstPort: 9 }, payload));
      const frame = ethernet({ dst: PEER_MAC, src: OWN_MAC }, packet);
      const { bytes } = vtep.feed("vxlan_encap_frame_burst", frame);
      const sent = ((bytes?.[UDP_AT + 6] ?? 0) << 8) | (bytes?.[UDP_AT + 7] ?? 0);
      assert.notEqual(sent, 0);
      if (sent === 0xffff) return;
    }
    assert.fail("no payload whose checksum is zero");
  },

  "RFC 1071: the sum depends neither on byte order nor on how data is grouped": () => {
    const bytes = Uint8Array.from({ length: 1500 }, (_, at) => (at * 167 + (at >> 3)) & 255);
    const whole = sum(bytes);
    assert.equal(whole, foldedSum(bytes));
    for (let cut = 0; cut <= bytes.length; cut += 2) {
      assert.equal(sum(bytes.subarray(cut), sum(bytes.subarray(0, cut))), whole);
    }
    const swapped = bytes.map((_, at) => bytes[at ^ 1] ?? 0);
    assert.equal(sum(swapped), ((whole << 8) | (whole >> 8)) & 0xffff);
    assert.equal(sum(bytesOf("0001 f203 f4f5 f6f7")), 0xf2dd); // RFC 1071, section 3, as it lies
  },

  // All values of the old word, of the new one, and of the checksum, with the edges of the others.
  "RFC 1141 and 1624: incremental is full, for each value of one word": () => {
    for (const one of EDGES) {
      for (const other of EDGES) {
        for (let word = 0; word < WORDS; word++) {
          // No header is all zeros: its version is not.
          if (one !== 0) expectUpdate(one, word, other);
          if (one !== 0) expectUpdate(one, other, word);
          if (word !== 0) expectUpdate(word, one, other);
        }
      }
    }
    // RFC 1624, section 4: the checksum 0xdd2f, and a word that goes from 0x5555 to 0x3285.
    assert.equal(update(0xdd2f, 0x5555, 0x3285), 0x0000);
  },

  // flannel: one more in the first byte on the wire, and two where that would wrap. Seen as numbers
  // of a little-endian machine the word at its TTL loses one.
  "RFC 1624: flannel's trick for the TTL comes to the same checksum": () => {
    const limit = 0xfffe; // htons(0xffff - 0x100)
    for (let old = 0; old < WORDS; old++) {
      const trick = (old >= limit ? old + 1 + 1 : old + 1) & 0xffff;
      for (const from of [1, 2, 0x40, 0xff, 0x1101, 0x1140, 0xff01, 0xffff]) {
        const updated = update(old, from, from - 1);
        if (updated !== trick) assert.fail(`${old}: ${updated}, not ${trick}`);
      }
    }
    const header = ipv4({ src: "10.1.15.2", dst: "10.1.16.3", ttl: 64 }, new Uint8Array());
    const hopped = ipv4({ src: "10.1.15.2", dst: "10.1.16.3", ttl: 63 }, new Uint8Array());
    const sumAt = (bytes: Uint8Array): number => (bytes[10] ?? 0) | ((bytes[11] ?? 0) << 8);
    assert.equal(update(sumAt(header), 0x1140, 0x113f), sumAt(hopped));
    assert.equal(
      checksum(join(hopped.subarray(0, 10), new Uint8Array(2), hopped.subarray(12))),
      sumAt(hopped),
    );
  },
};

inOrder("UDP and checksums", tests);
