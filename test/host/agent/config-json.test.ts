// JSON as Go reads it into a config: what it lets pass, and what it does not.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type NetworkConfig, parseNetworkConfig } from "../../../bindings/agent/index.ts";
import { HeddleError, LeaseRules, openCore } from "../../../bindings/core/index.ts";

const rules = new LeaseRules(await openCore({ memoryBytes: 1 << 16 }));
const net = '"Network":"10.5.0.0/16"';

function parse(text: string): NetworkConfig {
  return parseNetworkConfig(text, rules);
}

function refused(text: string, expected: RegExp): void {
  assert.throws(
    () => parse(text),
    (error) => {
      assert.ok(error instanceof HeddleError, String(error));
      assert.equal(error.code, "BadConfig");
      assert.match(error.expected, expected);
      assert.ok(error.message.length < 500, "says little of a long text");
      return true;
    },
  );
}

describe("the JSON of a config", () => {
  it("has keys in any letter case, the long s and the sign for kelvin among them", () => {
    const { network, subnetLen } = parse('{"network":"10.5.0.0/16","SUBNETLEN":20}');
    assert.deepEqual([network, subnetLen], ["10.5.0.0/16", 20]);
    assert.equal(parse('{"Networ\u212a":"10.5.0.0/16","\u017fubnetLen":20}').subnetLen, 20);
    refused('{"Netw\u00f6rk":"10.5.0.0/16"}', /^Network/);
  });

  it("has keys with escapes", () => {
    assert.equal(parse('{"\\u004eetwork":"10.5.0.0/16"}').network, "10.5.0.0/16");
  });

  it("may have keys that nobody knows, also those of every object", () => {
    const odd = '"__proto__":{"SubnetLen":1},"constructor":7,"toString":[[]],"":null';
    assert.equal(parse(`{${odd},${net}}`).subnetLen, 24);
  });

  it("says the last of several, in whatever letter case", () => {
    assert.equal(parse(`{${net},"SubnetLen":20,"SubnetLen":26}`).subnetLen, 26);
    assert.equal(parse(`{${net},"SubnetLen":20,"subnetlen":26}`).subnetLen, 26);
    const three = '"SubnetLen":26,"subnetlen":20,"SubnetLen":26';
    assert.equal(parse(`{${net},${three}}`).subnetLen, 26, "the third is equal to the first");
    assert.equal(parse(`{"Backend":7,${net},"backend":{"Type":"alloc"}}`).backend.type, "alloc");
  });

  it("is refused for any of several that is wrong", () => {
    refused(`{${net},"SubnetLen":"x","SubnetLen":26}`, /^SubnetLen: a whole number/);
    refused(`{"Network":"x",${net}}`, /^Network: an IPv4 prefix/);
  });

  it("leaves values as they are where it says null", () => {
    const none = '"EnableIPv4":null,"EnableIPv6":null,"EnableNFTables":null,"SubnetLen":null';
    assert.deepEqual(parse(`{${net},${none}}`), parse(`{${net}}`));
    assert.equal(parse(`{${net},"SubnetLen":20,"SubnetLen":null}`).subnetLen, 20);
    assert.equal(parse(`{${net},"IPv6SubnetMin":null,"IPv6SubnetMax":null}`).ipv6, null);
  });

  it("has no null where an address must be", () => {
    for (const key of ["Network", "SubnetMin", "SubnetMax"]) {
      refused(`{${net},"${key}":null}`, new RegExp(`^${key}: an IPv4 `));
    }
    refused(`{${net},"IPv6Network":null}`, /^IPv6Network: an IPv6 prefix$/);
  });

  it("has numbers without a fraction, a power or a sign", () => {
    for (const number of ["24.0", "2.4e1", "1e1", "1E1", "-24", "-0", '"24"', "true", "[24]"]) {
      refused(`{${net},"SubnetLen":${number}}`, /^SubnetLen: a whole number, 0 or more$/);
      refused(`{${net},"IPv6SubnetLen":${number}}`, /^IPv6SubnetLen: a whole number, 0 or more$/);
    }
  });

  it("has flags that are true or false", () => {
    for (const key of ["EnableIPv4", "EnableIPv6", "EnableNFTables"]) {
      for (const value of ["1", '"true"', "{}"]) {
        refused(`{${net},"${key}":${value}}`, new RegExp(`^${key}: true or false$`));
      }
    }
  });

  it("has addresses of the family that the key names", () => {
    for (const key of ["SubnetMin", "SubnetMax"]) {
      for (const value of ['"fc00::"', '"10.5.1"', '"010.5.1.0"', "7", '""', '"10.5.1.0/24"']) {
        refused(`{${net},"${key}":${value}}`, new RegExp(`^${key}: an IPv4 address$`));
      }
    }
    for (const key of ["IPv6SubnetMin", "IPv6SubnetMax"]) {
      for (const value of ['"fc00"', '"fe80::1%eth0"', "7", '""', '"1::2::3"']) {
        refused(`{${net},"${key}":${value}}`, new RegExp(`^${key}: an IPv6 address, or null$`));
      }
    }
  });

  it("is an object, or null, which says nothing", () => {
    refused("null", /^Network: an IPv4 prefix/);
    for (const text of ["[]", "7", '"x"', "true", "[{}]"]) refused(text, /^JSON: an object$/);
  });

  it("is JSON from end to end", () => {
    const wrong = [
      "",
      "{",
      `{${net}`,
      `{${net}}}`,
      `{${net}} x`,
      `{${net},}`,
      "{Network:1}",
      "\ufeff{}",
    ];
    for (const text of [...wrong, "{'a':1}", '{"a":01}', '{"a":.5}', '{"a":"\n"}', '{"a":NaN}']) {
      refused(text, /^JSON \(/);
    }
    assert.equal(parse(` \r\n\t{ ${net} \n} `).network, "10.5.0.0/16");
  });

  it("has at most 65536 characters, and 64 levels", () => {
    const padded = (len: number): string => `{${net}}`.padEnd(len);
    assert.equal(parse(padded(65536)).network, "10.5.0.0/16");
    refused(padded(65537), /^JSON of at most 65536 characters$/);
    const nested = (levels: number): string => `${"[".repeat(levels)}${"]".repeat(levels)}`;
    assert.equal(parse(`{${net},"x":${nested(63)}}`).network, "10.5.0.0/16");
    refused(`{${net},"x":${nested(64)}}`, /^JSON of at most 64 levels$/);
    refused(nested(32000), /^JSON of at most 64 levels$|^JSON \(/);
  });
});
