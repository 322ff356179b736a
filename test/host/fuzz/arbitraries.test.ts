// heddle/arbitraries: what is legal is, what is nearly so for the most part is not, and sets have
// the shape that they promise.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decode, openCore, parsePrefix } from "../../../bindings/core/index.ts";
import {
  bgpPrefixes,
  type CodecName,
  codecs,
  records,
  tcpOptions,
} from "../../../fuzz/arbitrary/index.ts";
import { hexOf } from "../../model/packet.ts";
import {
  isWrong,
  judgeArp,
  judgeEthernet,
  judgeIpv4,
  judgeUdp,
  judgeVxlan,
} from "../../model/parse.ts";

const SEED = 20;
const RUNS = 300;
const all = codecs();
const names = Object.keys(all) as CodecName[];

function draw<T>(arbitrary: fc.Arbitrary<T>, numRuns = RUNS): T[] {
  return fc.sample(arbitrary, { seed: SEED, numRuns });
}

const core = await openCore({ memoryBytes: 1 << 17 });

function faultOf(link: "ethernet" | "ip", bytes: Uint8Array): string | undefined {
  const { layers, error } = decode(core, bytes, { link });
  return error?.reason ?? layers.find((layer) => layer.status !== undefined)?.status;
}

/** As deep as the headers of test/model/parse.ts go. */
function isWhole(link: "ethernet" | "ip", bytes: Uint8Array): boolean {
  if (link === "ip") return isWholeIp(bytes);
  const frame = judgeEthernet(bytes);
  if (isWrong(frame)) return false;
  const isTagged = frame.etherType === 0x8100;
  if (isTagged && frame.payload.length < 4) return false;
  const [etherType, payload] = isTagged
    ? [((frame.payload[2] ?? 0) << 8) | (frame.payload[3] ?? 0), frame.payload.subarray(4)]
    : [frame.etherType, frame.payload];
  if (etherType === 0x0800) return isWholeIp(payload);
  return etherType !== 0x0806 || !isWrong(judgeArp(payload));
}

function isWholeIp(bytes: Uint8Array): boolean {
  const ip = judgeIpv4(bytes);
  if (isWrong(ip)) return false;
  if (ip.moreFragments || ip.offset > 0) return true;
  if (ip.protocol === 4) return isWholeIp(ip.payload);
  if (ip.protocol !== 17) return true;
  const udp = judgeUdp(ip);
  if (isWrong(udp) || !udp.isChecksumValid) return false;
  if (udp.dstPort === 8285) return isWholeIp(udp.payload);
  if (![8472, 4789, 6784].includes(udp.dstPort)) return true;
  const vxlan = judgeVxlan(udp.payload, false);
  return !isWrong(vxlan) && isWhole("ethernet", vxlan.payload);
}

for (const name of names) {
  const { link, legal, nearly, noise } = all[name];

  test(`${name}: what is legal is whole`, () => {
    const broken = draw(legal).filter((bytes) => !isWhole(link, bytes));
    assert.deepEqual(broken.map(hexOf), []);
  });

  test(`${name}: the core finds nothing wrong with what is legal`, () => {
    const broken = draw(legal).filter((bytes) => faultOf(link, bytes) !== undefined);
    assert.deepEqual(broken.map(hexOf), []);
  });

  // ARP for other hardware, and of other operations, is payload to a decoder.
  const least = name === "arp" ? 0.25 : 0.75;
  test(`${name}: the core finds something wrong with most of what is nearly legal`, () => {
    const broken = draw(nearly).filter((bytes) => faultOf(link, bytes) !== undefined);
    assert.ok(broken.length > RUNS * least, `${broken.length} of ${RUNS}`);
  });

  test(`${name}: inputs differ`, () => {
    for (const bytes of [legal, nearly, noise]) {
      assert.ok(new Set(draw(bytes).map(hexOf)).size > RUNS / 3);
    }
  });
}

test("a seed draws the same bytes again", () => {
  for (const name of names) {
    assert.deepEqual(draw(all[name].any, 20), draw(all[name].any, 20));
  }
});

test("a failure shrinks to a small packet", () => {
  const property = fc.property(all.tcp.legal, (bytes) => assert.ok(bytes.length < 20));
  const { counterexample } = fc.check(property, { seed: SEED });
  assert.equal(counterexample?.[0].length, 40);
});

test("options fit the header and fill whole words", () => {
  for (const list of draw(tcpOptions)) {
    assert.ok(list.length <= 40 && list.length % 4 === 0);
  }
});

test("prefixes of the Internet's shape are different, unicast and mostly long", () => {
  const [prefixes = []] = draw(bgpPrefixes({ min: 20_000, max: 20_000 }), 1);
  assert.equal(prefixes.length, 20_000);
  assert.equal(new Set(prefixes).size, 20_000);
  const parsed = prefixes.map(parsePrefix);
  assert.ok(parsed.every(({ address }) => address >= 0x01000000 && address < 0xe0000000));
  const share = (len: number): number =>
    parsed.filter((one) => one.len === len).length / parsed.length;
  assert.ok(share(24) > 0.5 && share(24) < 0.65, `${share(24)}`);
  assert.ok(share(16) > 0.005 && share(16) < 0.03, `${share(16)}`);
  assert.ok(parsed.every(({ len }) => len >= 8 && len <= 24));
  const shorter = new Set(parsed.filter(({ len }) => len <= 20).map(coverKey(20)));
  const nested = parsed.filter((one) => one.len === 24 && shorter.has(coverKey(20)(one)));
  assert.ok(nested.length > 100, `${nested.length} lie within a /20`);
});

function coverKey(len: number): (one: { address: number }) => number {
  return ({ address }) => Math.floor(address / 2 ** (32 - len));
}

test("records name only what there is", () => {
  const { fdb, hop, neighbor } = records({ ports: 2, domains: 1, remotes: 3, hops: 1 });
  assert.ok(draw(fdb).every(({ port, domain }) => port < 2 && domain === 0));
  assert.ok(draw(hop).every(({ index, remote }) => index === 0 && (remote ?? 0) < 3));
  assert.ok(draw(neighbor).every(({ mac }) => Number.parseInt(mac.slice(0, 2), 16) % 2 === 0));
});
