// Flannel's rules for a network config, case by case: every row of its table of keys, of the rules
// for lengths, and the order in which it looks.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  HeddleError,
  type LeaseConfigInit,
  LeaseRules,
  openCore,
} from "../../../bindings/core/index.ts";

const core = await openCore({ memoryBytes: 1 << 16 });
const rules = new LeaseRules(core);

/** Network, SubnetLen, SubnetMin and SubnetMax, and what becomes of them. */
type Good = readonly [
  name: string,
  config: LeaseConfigInit,
  ...whole: [network: string, subnetLen: number, subnetMin: string, subnetMax: string],
];

const GOOD: readonly Good[] = [
  ["/16: 24", { network: "10.3.0.0/16" }, "10.3.0.0/16", 24, "10.3.1.0", "10.3.255.0"],
  ["/8: 24", { network: "10.0.0.0/8" }, "10.0.0.0/8", 24, "10.0.1.0", "10.255.255.0"],
  ["/1: 24", { network: "128.0.0.0/1" }, "128.0.0.0/1", 24, "128.0.1.0", "255.255.255.0"],
  ["/22: 24", { network: "10.3.4.0/22" }, "10.3.4.0/22", 24, "10.3.5.0", "10.3.7.0"],
  ["/23: 25", { network: "10.3.4.0/23" }, "10.3.4.0/23", 25, "10.3.4.128", "10.3.5.128"],
  ["/24: 26", { network: "10.3.4.0/24" }, "10.3.4.0/24", 26, "10.3.4.64", "10.3.4.192"],
  ["/27: 29", { network: "10.3.4.32/27" }, "10.3.4.32/27", 29, "10.3.4.40", "10.3.4.56"],
  ["/28: 30", { network: "10.3.4.16/28" }, "10.3.4.16/28", 30, "10.3.4.20", "10.3.4.28"],
  ["host bits go", { network: "10.5.7.9/16" }, "10.5.0.0/16", 24, "10.5.1.0", "10.5.255.0"],
  ["0.0.0.0/8", { network: "0.0.0.0/8" }, "0.0.0.0/8", 24, "0.0.1.0", "0.255.255.0"],
  [
    "a length of 0 is none",
    { network: "10.3.0.0/16", subnetLen: 0 },
    ...(["10.3.0.0/16", 24, "10.3.1.0", "10.3.255.0"] as const),
  ],
  [
    "0.0.0.0 is no SubnetMin, and no SubnetMax",
    { network: "10.3.0.0/16", subnetMin: "0.0.0.0", subnetMax: "0.0.0.0" },
    ...(["10.3.0.0/16", 24, "10.3.1.0", "10.3.255.0"] as const),
  ],
  [
    "a length of 30",
    { network: "10.3.0.0/16", subnetLen: 30 },
    ...(["10.3.0.0/16", 30, "10.3.0.4", "10.3.255.252"] as const),
  ],
  [
    "two bits more than the network's",
    { network: "10.3.0.0/16", subnetLen: 18 },
    ...(["10.3.0.0/16", 18, "10.3.64.0", "10.3.192.0"] as const),
  ],
  [
    "SubnetMin at the network itself, SubnetMax at its last subnet",
    { network: "10.3.0.0/16", subnetMin: "10.3.0.0", subnetMax: "10.3.255.0" },
    ...(["10.3.0.0/16", 24, "10.3.0.0", "10.3.255.0"] as const),
  ],
  [
    "SubnetMin above SubnetMax is not looked at",
    { network: "10.3.0.0/16", subnetMin: "10.3.9.0", subnetMax: "10.3.8.0" },
    ...(["10.3.0.0/16", 24, "10.3.9.0", "10.3.8.0"] as const),
  ],
  [
    "the end of all addresses",
    { network: "255.255.255.0/24", subnetLen: 26 },
    ...(["255.255.255.0/24", 26, "255.255.255.64", "255.255.255.192"] as const),
  ],
];

const net = "10.3.0.0/16";

/** What a config breaks: the value that is wrong, and what was wanted. */
const BAD: readonly (readonly [
  name: string,
  config: LeaseConfigInit,
  value: unknown,
  expected: RegExp,
])[] = [
  ["0.0.0.0/0", { network: "0.0.0.0/0" }, "0.0.0.0/0", /^network: a prefix of at least one bit/],
  ["10.0.0.0/0", { network: "10.0.0.0/0" }, "10.0.0.0/0", /^network: a prefix of at least one bit/],
  ["a length of 31", { network: net, subnetLen: 31 }, 31, /^subnetLen: at most 30$/],
  ["a length of 32", { network: net, subnetLen: 32 }, 32, /^subnetLen: at most 30$/],
  ["a length of 65535", { network: net, subnetLen: 65535 }, 65535, /^subnetLen: at most 30$/],
  ["P + 1", { network: net, subnetLen: 17 }, 17, /^subnetLen: at least 18, for four subnets/],
  ["P", { network: net, subnetLen: 16 }, 16, /^subnetLen: at least 18/],
  ["less than P", { network: net, subnetLen: 1 }, 1, /^subnetLen: at least 18/],
  ["/29 and 30", { network: "10.3.0.0/29", subnetLen: 30 }, 30, /^subnetLen: at least 31/],
  ["/29", { network: "10.3.0.0/29" }, "10.3.0.0/29", /^network: a prefix of at most 28 bits/],
  ["/32", { network: "10.3.0.0/32" }, "10.3.0.0/32", /^network: a prefix of at most 28 bits/],
  [
    "SubnetMin below the network",
    { network: net, subnetMin: "10.2.255.0" },
    ...(["10.2.255.0", /^subnetMin: an address in 10\.3\.0\.0\/16$/] as const),
  ],
  [
    "SubnetMin above it",
    { network: net, subnetMin: "10.4.0.0" },
    ...(["10.4.0.0", /^subnetMin: an address in/] as const),
  ],
  [
    "SubnetMax below it",
    { network: net, subnetMax: "10.2.255.0" },
    ...(["10.2.255.0", /^subnetMax: an address in 10\.3\.0\.0\/16$/] as const),
  ],
  [
    "SubnetMax above it",
    { network: net, subnetMax: "10.4.0.0" },
    ...(["10.4.0.0", /^subnetMax: an address in/] as const),
  ],
  [
    "SubnetMin unaligned",
    { network: net, subnetMin: "10.3.1.1" },
    ...(["10.3.1.1", /^subnetMin: the first address of a \/24$/] as const),
  ],
  [
    "SubnetMax unaligned to the length given",
    { network: net, subnetLen: 26, subnetMax: "10.3.1.32" },
    ...(["10.3.1.32", /^subnetMax: the first address of a \/26$/] as const),
  ],
  [
    "the length before the range",
    { network: net, subnetLen: 31, subnetMin: "1.1.1.1" },
    ...([31, /^subnetLen/] as const),
  ],
  [
    "SubnetMin in range before SubnetMax in range",
    { network: net, subnetMin: "1.1.1.1", subnetMax: "1.1.1.1" },
    ...(["1.1.1.1", /^subnetMin: an address/] as const),
  ],
  [
    "SubnetMax in range before SubnetMin aligned",
    { network: net, subnetMin: "10.3.1.1", subnetMax: "1.1.1.0" },
    ...(["1.1.1.0", /^subnetMax: an address/] as const),
  ],
  [
    "SubnetMin aligned before SubnetMax aligned",
    { network: net, subnetMin: "10.3.1.1", subnetMax: "10.3.2.2" },
    ...(["10.3.1.1", /^subnetMin: the first/] as const),
  ],
];

function throws(what: () => unknown, code: string, value: unknown, expected: RegExp): void {
  assert.throws(what, (error) => {
    assert.ok(error instanceof HeddleError, String(error));
    assert.deepEqual([error.code, error.value], [code, value]);
    assert.match(error.expected, expected);
    return true;
  });
}

describe("a network config", () => {
  for (const [name, config, network, subnetLen, subnetMin, subnetMax] of GOOD) {
    it(`is completed: ${name}`, () => {
      const whole = { network, subnetLen, subnetMin, subnetMax };
      assert.deepEqual(rules.complete(config), whole);
      assert.deepEqual(rules.complete(whole), whole, "and stays so");
    });
  }

  for (const [name, config, value, expected] of BAD) {
    it(`is refused: ${name}`, () => {
      throws(() => rules.complete(config), "BadConfig", value, expected);
      throws(() => rules.pick(config, [], 0), "BadConfig", value, expected);
      throws(() => rules.own(config, [], "192.0.2.1"), "BadConfig", value, expected);
      throws(() => rules.isCompatible(config, "10.3.1.0/24"), "BadConfig", value, expected);
    });
  }

  it("is refused with a value that is none", () => {
    const fails = (config: object, code: string, value: unknown): void => {
      throws(() => rules.complete(config as LeaseConfigInit), code, value, /^/);
    };
    fails({}, "BadPrefix", undefined);
    fails({ network: null }, "BadPrefix", null);
    fails({ network: "10.3.0.0" }, "BadPrefix", "10.3.0.0");
    fails({ network: "10.3.0.0/33" }, "BadPrefix", "10.3.0.0/33");
    fails({ network: "fc00::/48" }, "BadPrefix", "fc00::/48");
    fails({ network: net, subnetLen: -1 }, "BadValue", -1);
    fails({ network: net, subnetLen: 24.5 }, "BadValue", 24.5);
    fails({ network: net, subnetLen: "24" }, "BadValue", "24");
    fails({ network: net, subnetLen: 65536 }, "BadValue", 65536);
    fails({ network: net, subnetMin: null }, "BadAddress", null);
    fails({ network: net, subnetMin: "10.3.1" }, "BadAddress", "10.3.1");
    fails({ network: net, subnetMax: 7 }, "BadAddress", 7);
    fails({ network: net, subnets: 7 }, "BadValue", "subnets");
  });
});
