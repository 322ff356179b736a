// Keys of the store: flannel's own cases, and the places where the two say different things.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  configKey,
  parseSubnetKey,
  printSubnetKey,
  subnetKey,
  subnetsPrefix,
} from "../../../bindings/agent/index.ts";
import { HeddleError } from "../../../bindings/core/index.ts";

function refused(key: string): void {
  assert.throws(
    () => parseSubnetKey(key),
    (error) => error instanceof HeddleError && error.code === "BadLease",
    key,
  );
}

describe("where things lie", () => {
  it("is below the prefix, with one slash between", () => {
    for (const prefix of [
      "/coreos.com/network",
      "/coreos.com/network/",
      "//coreos.com//network//",
    ]) {
      assert.equal(configKey(prefix), "/coreos.com/network/config");
      assert.equal(subnetsPrefix(prefix), "/coreos.com/network/subnets/");
    }
  });

  it("has no dots for parts", () => {
    assert.equal(configKey("/a/./b/../c"), "/a/c/config");
    assert.equal(configKey("/../../a"), "/a/config");
    assert.equal(configKey("../a"), "../a/config");
    assert.equal(configKey("a/../../b"), "../b/config");
    assert.equal(configKey("../../a"), "../../a/config");
  });

  it("has a slash first where the prefix has one, or is nothing", () => {
    assert.equal(configKey("net"), "net/config");
    assert.equal(configKey(""), "config");
    assert.equal(subnetsPrefix(""), "subnets/");
    assert.equal(configKey("/"), "/config");
  });

  it("names a subnet whole", () => {
    const key = subnetKey("/n/", { subnet: "10.5.72.0/24", ipv6Subnet: null });
    assert.equal(key, "/n/subnets/10.5.72.0-24");
    assert.deepEqual(parseSubnetKey(key), { subnet: "10.5.72.0/24", ipv6Subnet: null });
  });
});

describe("a subnet's key", () => {
  const both: readonly (readonly [name: string, subnet: string, ipv6Subnet: string | null])[] = [
    ["10.12.13.0-24", "10.12.13.0/24", null],
    ["10.12.13.0-24&fd00:12:13::-56", "10.12.13.0/24", "fd00:12:13::/56"],
    ["0.0.0.0-0", "0.0.0.0/0", null],
    ["255.255.255.254-31", "255.255.255.254/31", null],
    ["10.12.13.0-24&::-0", "10.12.13.0/24", "::/0"],
    ["10.12.13.0-24&fc00::-120", "10.12.13.0/24", "fc00::/120"],
    ["10.12.13.0-24&fc00::2-127", "10.12.13.0/24", "fc00::2/127"],
    ["10.12.13.0-24&2001:db8:0:1:1:1:1:0-124", "10.12.13.0/24", "2001:db8:0:1:1:1:1:0/124"],
  ];
  for (const [name, subnet, ipv6Subnet] of both) {
    it(`is read and printed: ${name}`, () => {
      assert.deepEqual(parseSubnetKey(name), { subnet, ipv6Subnet });
      assert.equal(printSubnetKey({ subnet, ipv6Subnet }), name);
    });
  }

  const INVALID = [
    ...["10", "10.12.13.0", "10.12.13-24", "10.12.13.300-24", "10.12.13.0-24hi", "&2001::-56"],
    ...["10.12.13.0-24&:12:13:-56", "10.12.13.0-24&20011::-56", "10.12.13.0-24&2001-56"],
    ...["10.12.13.0-24&2001::", "10.12.13.0-24&2001::-56hi"],
  ];
  for (const key of INVALID) it(`is none, as in flannel's list: ${key}`, () => refused(key));

  it("is none where a length is too long, or not written as one", () => {
    for (const len of ["32", "33", "024", "+24", "-24", " 24", "", "2e1"])
      refused(`10.12.13.0-${len}`);
    for (const len of ["128", "056", ""]) refused(`10.12.13.0-24&fd00::-${len}`);
  });

  it("is none where an address is another's, or no address", () => {
    const wrong = ["010.12.13.0", "10.12.13", "10.12.13.0.0", "10a12b13c0", "x10.12.13.0", "::1"];
    for (const address of wrong) refused(`${address}-24`);
    const wrong6 = ["FD00::", "fd00::1::", "1:2:3:4:5:6:7:8:9", "::ffff:1.2.3.4", "fe80::%1"];
    for (const address of wrong6) refused(`10.12.13.0-24&${address}-56`);
  });

  it("is none with anything else about it", () => {
    for (const key of [
      "",
      "/",
      "/config",
      "10.12.13.0-24/",
      "10.12.13.0-24\n",
      "\n10.12.13.0-24",
    ]) {
      refused(key);
    }
    refused("10.12.13.0-24&fd00::-56&fd00::-56");
    refused(`10.12.13.0-24&${"0:".repeat(40000)}-56`);
  });

  it("may have host bits, as flannel's may: the subnet has none", () => {
    assert.deepEqual(parseSubnetKey("10.12.13.7-24&fd00:12:13::7-56"), {
      subnet: "10.12.13.0/24",
      ipv6Subnet: "fd00:12:13::/56",
    });
  });

  it("may have an IPv6 address written at length", () => {
    const { ipv6Subnet } = parseSubnetKey("10.12.13.0-24&fd00:0012:13:0:0:0:0:0-56");
    assert.equal(ipv6Subnet, "fd00:12:13::/56");
  });

  it("is the last part of a path, whatever is before it", () => {
    assert.equal(parseSubnetKey("/a/10.1.0.0-16/10.5.72.0-24").subnet, "10.5.72.0/24");
  });

  it("is not printed for what is no subnet", () => {
    const code = (code: string) => (error: unknown) =>
      error instanceof HeddleError && error.code === code;
    assert.throws(
      () => printSubnetKey({ subnet: "10.5.72.9/24", ipv6Subnet: null }),
      code("BadPrefix"),
    );
    const ipv6Subnet = "fd00::";
    assert.throws(() => printSubnetKey({ subnet: "10.5.72.0/24", ipv6Subnet }), code("BadPrefix"));
  });
});
