// IPv6 text: RFC 4291's ways of writing in, RFC 5952's one way out.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  parseIpv6,
  parseIpv6Network,
  printIpv6,
  printIpv6Prefix,
} from "../../../bindings/agent/ipv6.ts";
import { HeddleError } from "../../../bindings/core/index.ts";

function refuses(what: () => unknown, code: string, text: string): void {
  assert.throws(what, (error) => error instanceof HeddleError && error.code === code, text);
}

describe("an IPv6 address", () => {
  const ways: readonly (readonly [text: string, address: bigint, printed: string])[] = [
    ["::", 0n, "::"],
    ["::1", 1n, "::1"],
    ["1::", 1n << 112n, "1::"],
    ["FD00:0012:0013::0001", 0xfd00001200130000_0000000000000001n, "fd00:12:13::1"],
    ["1:2:3:4:5:6:7:8", 0x0001000200030004_0005000600070008n, "1:2:3:4:5:6:7:8"],
    ["0:0:1:0:0:0:1:0", 0x0000000000010000_0000000000010000n, "0:0:1::1:0"],
    ["1:0:0:2:0:0:3:4", 0x0001000000000002_0000000000030004n, "1::2:0:0:3:4"],
    ["1:2:3:4:5:6:0:8", 0x0001000200030004_0005000600000008n, "1:2:3:4:5:6:0:8"],
    ["::2:3:4:5:6:7:8", 0x0000000200030004_0005000600070008n, "0:2:3:4:5:6:7:8"],
    [
      "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
      (1n << 128n) - 1n,
      "ffff:".repeat(7).concat("ffff"),
    ],
    ["::192.0.2.1", 0xc0000201n, "::c000:201"],
    ["::ffff:1.2.3.4", 0xffff01020304n, "::ffff:102:304"],
    ["64:ff9b::0.0.0.255", (0x64ff9bn << 96n) + 255n, "64:ff9b::ff"],
    ["1:2:3:4:5:6:255.254.253.252", 0x0001000200030004_00050006fffefdfcn, "1:2:3:4:5:6:fffe:fdfc"],
  ];
  for (const [text, address, printed] of ways) {
    it(`is read and printed: ${text}`, () => {
      assert.equal(parseIpv6(text), address);
      assert.equal(printIpv6(address), printed);
      assert.equal(parseIpv6(printed), address);
    });
  }

  it("is none where it is anything else", () => {
    const wrong = [
      ...["", ":", ":::", "1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "g::"],
      ...[
        "1:2:3:4:5:6:7::8",
        "::1:2:3:4:5:6:7:8",
        "fe80::1%eth0",
        "[::1]",
        " ::1",
        "::1\n",
        "::1/64",
      ],
      ...["1.2.3.4", "::1.2.3", "::1.2.3.256", "::1.2.3.04", "::1.2.3.4.5", "::1.2.3.4:5", "::0x1"],
      ...["1:2:3:4:5:6:7:1.2.3.4", "::1.2.3.4 ", "1.2.3.4::"],
    ];
    for (const text of wrong) refuses(() => parseIpv6(text), "BadAddress", text);
  });
});

describe("an IPv6 prefix", () => {
  it("loses its host bits, at any length", () => {
    const all = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
    for (let len = 0; len <= 128; len++) {
      const { address } = parseIpv6Network(`${all}/${len}`);
      assert.equal(address, (1n << 128n) - (1n << BigInt(128 - len)));
      const text = printIpv6Prefix({ address, len });
      assert.deepEqual(parseIpv6Network(text), { address, len });
    }
    assert.equal(printIpv6Prefix(parseIpv6Network("fd00:12:13::7/56")), "fd00:12:13::/56");
  });

  it("is none where its length is none, or its address", () => {
    const wrong = [
      "",
      "::",
      "::/",
      "::/129",
      "::/064",
      "::/-1",
      "::/1/1",
      "/64",
      "1.2.3.4/24",
      "x/64",
    ];
    for (const text of wrong) refuses(() => parseIpv6Network(text), "BadPrefix", text);
  });
});
