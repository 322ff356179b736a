import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  HeddleError,
  network,
  parseIpv4,
  parseMac,
  parseNetwork,
  parsePrefix,
  printIpv4,
  printMac,
  printPrefix,
} from "../../../bindings/core/index.ts";

const refuses = (
  parse: (text: string) => unknown,
  code: string,
  texts: readonly string[],
): void => {
  for (const text of texts) {
    assert.throws(
      () => parse(text),
      (error) => error instanceof HeddleError && error.code === code && error.value === text,
      JSON.stringify(text),
    );
  }
};

describe("addresses", () => {
  it("are numbers in host order", () => {
    assert.equal(parseIpv4("192.0.2.1"), 0xc0000201);
    assert.equal(parseMac("02:42:ac:11:00:02"), 0x020011ac4202);
    assert.deepEqual(parsePrefix("10.42.0.0/16"), { address: 0x0a2a0000, len: 16 });
  });

  it("lose the bits behind a length", () => {
    const address = parseIpv4("10.42.7.9");
    const kept = [0, 8, 23, 24, 31, 32].map((len) => printIpv4(network({ address, len })));
    const expected = ["0.0.0.0", "10.0.0.0", "10.42.6.0", "10.42.7.0", "10.42.7.8", "10.42.7.9"];
    assert.deepEqual(kept, expected);
    assert.deepEqual(parseNetwork("10.42.7.9/23"), { address: 0x0a2a0600, len: 23 });
    assert.deepEqual(parseNetwork("10.42.7.9/0"), { address: 0, len: 0 });
    refuses(parseNetwork, "BadPrefix", ["10.42.7.9", "10.42.7.9/33", "10.42.7/23", "fc00::/48"]);
  });

  it("print what they parse", () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), fc.nat(2 ** 48 - 1), fc.nat(32), (address, mac, len) => {
        assert.equal(parseIpv4(printIpv4(address)), address);
        assert.equal(parseMac(printMac(mac)), mac);
        const network = len === 0 ? 0 : (address & (-1 << (32 - len))) >>> 0;
        const prefix = { address: network, len };
        assert.deepEqual(parsePrefix(printPrefix(prefix)), prefix);
      }),
    );
  });

  it("refuse every other way of writing one", () => {
    refuses(parseIpv4, "BadAddress", [
      "",
      "1.2.3",
      "1.2.3.4.5",
      "01.2.3.4",
      "256.1.1.1",
      "0x1.2.3.4",
    ]);
    refuses(parseIpv4, "BadAddress", ["1.2.3.4 ", " 1.2.3.4", "1.2.3.4\n", "1.2.3.-4", "::1"]);
    refuses(parsePrefix, "BadPrefix", [
      "10.0.0.0",
      "10.0.0.0/33",
      "10.0.0.0/08",
      "10/8",
      "10.0.0.0/",
    ]);
    refuses(parseMac, "BadMac", ["", "02:42:ac:11:00", "02-42-ac-11-00-02", "2:42:ac:11:0:2"]);
  });

  it("refuse host bits, and say which prefix was meant", () => {
    assert.throws(() => parsePrefix("10.92.203.0/23"), /10\.92\.202\.0\/23/);
  });
});
