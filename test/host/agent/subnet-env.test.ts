// subnet.env: flannel's text to the byte, and what is read of a file that somebody edited.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  parseEnv,
  parseSubnetEnv,
  printSubnetEnv,
  type SubnetEnv,
} from "../../../bindings/agent/index.ts";
import { HeddleError } from "../../../bindings/core/index.ts";

const IPV4: SubnetEnv = {
  network: "10.5.0.0/16",
  subnet: "10.5.94.0/24",
  ipv6Network: null,
  ipv6Subnet: null,
  mtu: 1450,
  ipMasq: false,
};
const IPV4_TEXT = `FLANNEL_NETWORK=10.5.0.0/16
FLANNEL_SUBNET=10.5.94.1/24
FLANNEL_MTU=1450
FLANNEL_IPMASQ=false
`;

const DUAL: SubnetEnv = {
  ...IPV4,
  ipv6Network: "2001:cafe:42::/56",
  ipv6Subnet: "2001:cafe:42::/64",
  ipMasq: true,
};
const DUAL_TEXT = `FLANNEL_NETWORK=10.5.0.0/16
FLANNEL_SUBNET=10.5.94.1/24
FLANNEL_IPV6_NETWORK=2001:cafe:42::/56
FLANNEL_IPV6_SUBNET=2001:cafe:42::1/64
FLANNEL_MTU=1450
FLANNEL_IPMASQ=true
`;

const NOTHING: SubnetEnv = {
  network: null,
  subnet: null,
  ipv6Network: null,
  ipv6Subnet: null,
  mtu: null,
  ipMasq: null,
};

describe("subnet.env", () => {
  it("is flannel's to the byte, and says the same when it is read", () => {
    assert.equal(printSubnetEnv(IPV4), IPV4_TEXT);
    assert.equal(printSubnetEnv(DUAL), DUAL_TEXT);
    assert.deepEqual(parseSubnetEnv(IPV4_TEXT), IPV4);
    assert.deepEqual(parseSubnetEnv(DUAL_TEXT), DUAL);
  });

  it("has no line for what is not there", () => {
    assert.equal(printSubnetEnv(NOTHING), "");
    assert.deepEqual(parseSubnetEnv(""), NOTHING);
    const ipv6 = { ...DUAL, network: null, subnet: null };
    assert.equal(printSubnetEnv(ipv6).split("\n")[0], "FLANNEL_IPV6_NETWORK=2001:cafe:42::/56");
    assert.deepEqual(parseSubnetEnv(printSubnetEnv(ipv6)), ipv6);
  });

  it("has a first address in every subnet that has two", () => {
    assert.match(printSubnetEnv({ ...IPV4, subnet: "10.5.94.2/31" }), /SUBNET=10\.5\.94\.3\/31\n/);
    assert.match(printSubnetEnv({ ...DUAL, ipv6Subnet: "fd00::/127" }), /SUBNET=fd00::1\/127\n/);
    const text = printSubnetEnv({ ...IPV4, subnet: "255.255.255.254/31" });
    assert.equal(parseSubnetEnv(text).subnet, "255.255.255.254/31");
  });

  it("holds nothing that a shell would run", () => {
    const throws = (differs: object, code: string): void => {
      assert.throws(
        () => printSubnetEnv({ ...IPV4, ...differs } as SubnetEnv),
        (error) => error instanceof HeddleError && error.code === code,
      );
    };
    throws({ network: "10.5.0.0/16;reboot" }, "BadPrefix");
    throws({ network: "$(reboot)" }, "BadPrefix");
    throws({ subnet: "10.5.94.1/24" }, "BadPrefix");
    throws({ subnet: "10.5.94.1/32" }, "BadPrefix");
    throws({ ipv6Subnet: "fd00::1/128" }, "BadPrefix");
    throws({ ipv6Network: "fd00::\n/56" }, "BadPrefix");
    for (const mtu of [0, -1, 1.5, 65536, Number.NaN, "1450"]) throws({ mtu }, "BadValue");
    const odd = { ...IPV4, ipMasq: "$(reboot)" } as unknown as SubnetEnv;
    assert.match(printSubnetEnv(odd), /FLANNEL_IPMASQ=false\n$/);
  });
});

function subnetOf(value: string): string | null {
  return parseSubnetEnv(`FLANNEL_SUBNET=${value}\n`).subnet;
}

describe("a subnet.env of somebody's", () => {
  it("may have quotes, comments, blanks and export", () => {
    const text = `# by hand\r
export FLANNEL_NETWORK="10.5.0.0/16"  # the whole
  FLANNEL_SUBNET='10.5.94.1/24'\r

\tFLANNEL_MTU = 1450 # less than 1500
FLANNEL_IPMASQ: false
not a line
`;
    assert.deepEqual(parseSubnetEnv(text), IPV4);
  });

  it("needs no line's end at its end", () => {
    assert.deepEqual(parseSubnetEnv(IPV4_TEXT.trimEnd()), IPV4);
  });

  it("means the network of an address, and the last line of a name", () => {
    assert.equal(subnetOf("10.5.94.77/24"), "10.5.94.0/24");
    assert.equal(subnetOf("10.5.94.1/24\nFLANNEL_SUBNET=10.5.95.1/24"), "10.5.95.0/24");
  });

  it("may have lists: what is no prefix is left out, and one must be left", () => {
    assert.equal(subnetOf("10.5.94.1/24,"), "10.5.94.0/24");
    assert.equal(subnetOf("x,10.5.94.1/24,10.5.300.1/24,fd00::/64"), "10.5.94.0/24");
    assert.equal(subnetOf("x , 10.5.94.1/24 ,"), "10.5.94.0/24");
    assert.equal(subnetOf("10.5.94.1/24,10.5.95.1/24"), null);
    for (const none of ["", ",", "x", "10.5.94.1", "10.5.94.1/33", "10.5.94.1/24/24"]) {
      assert.equal(subnetOf(none), null);
    }
    const ipv6 = (list: string): string | null =>
      parseSubnetEnv(`FLANNEL_IPV6_SUBNET=${list}`).ipv6Subnet;
    assert.equal(ipv6("x,fd00::1/64,10.5.94.1/24"), "fd00::/64");
    assert.equal(ipv6("fd00::1/64,fd01::1/64"), null);
    assert.equal(ipv6("fd00::1"), null);
  });

  it("has MTUs of 16 bits", () => {
    for (const mtu of [1, 9, 10, 65535]) {
      assert.equal(parseSubnetEnv(printSubnetEnv({ ...IPV4, mtu })).mtu, mtu);
    }
  });

  it("says nothing with values that cannot be", () => {
    for (const mtu of ["0", "-1", "1450x", "1e3", "65536", "01450", "0x5aa", ""]) {
      assert.equal(parseSubnetEnv(`FLANNEL_MTU=${mtu}`).mtu, null, mtu);
    }
    for (const ipMasq of ["yes", "TRUE", "1", ""]) {
      assert.equal(parseSubnetEnv(`FLANNEL_IPMASQ=${ipMasq}`).ipMasq, null, ipMasq);
    }
    assert.equal(parseSubnetEnv("flannel_mtu=1450").mtu, null);
  });

  it("is nothing when it is far too long", () => {
    assert.deepEqual(parseSubnetEnv(IPV4_TEXT.padEnd(65537)), NOTHING);
    assert.deepEqual(parseSubnetEnv(IPV4_TEXT.padEnd(65536)), IPV4);
  });
});

describe("a list of variables", () => {
  const cases: readonly (readonly [text: string, ...pairs: (readonly [string, string])[]])[] = [
    ["A=1", ["A", "1"]],
    ["A=", ["A", ""]],
    ["A=1\nA=2", ["A", "2"]],
    ["export A=1", ["A", "1"]],
    ["export=1", ["export", "1"]],
    ["A=a b", ["A", "a b"]],
    ["A=a#b", ["A", "a#b"]],
    ["A=a #b", ["A", "a"]],
    ["A=a \t #b", ["A", "a"]],
    ["A=#b", ["A", ""]],
    ["A='a #b'", ["A", "a #b"]],
    ["A='a\\'", ["A", "a\\"]],
    ['A="a \\"b\\" \\\\" # c', ["A", 'a "b" \\']],
    ['A="a" b'],
    ['A="a'],
    ["A='a"],
    ["1A=1"],
    ["A-B=1"],
    ["A"],
    ["=1"],
    ["#A=1"],
    ["__proto__=1", ["__proto__", "1"]],
  ];
  it("has quotes, escapes and comments as a shell has, and no line that is none", () => {
    for (const [text, ...pairs] of cases) assert.deepEqual([...parseEnv(text)], pairs, text);
  });
});
