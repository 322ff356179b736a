// Keys and values of leases and subnet.env: what is printed parses to the same, what parses is what
// a twin says it is, and whatever else is said to be one ends in an error of ours, and soon.
import { deepStrictEqual, ok, strictEqual } from "node:assert";
import fc from "fast-check";
import {
  type LeaseAttrs,
  parseEnv,
  parseLeaseAttrs,
  parseSubnetEnv,
  parseSubnetKey,
  parseVxlanData,
  printLeaseAttrs,
  printSubnetEnv,
  printSubnetKey,
  printVxlanData,
} from "../bindings/agent/index.ts";
import { HeddleError } from "../bindings/core/index.ts";
import { readVariables } from "../test/model/env.ts";
import { judgeKey, judgeValue } from "../test/model/lease-text.ts";
import {
  anyIpv4,
  anyIpv6,
  anyMac,
  blanks,
  leaseIpv6Subnet,
  leaseMembers,
  leaseSubnet,
  leaseValues,
  misspelt,
  subnetFiles,
  subnetKeys,
  vxlanMembers,
  written,
} from "./arbitrary/index.ts";
import { law, type Suite } from "./law.ts";
import { longText, soon, wholeOf } from "./long-text.ts";

const anyString = fc.string({ unit: "binary" });
const anyKey = fc.oneof(
  { arbitrary: subnetKeys.legal, weight: 1 },
  { arbitrary: subnetKeys.nearly, weight: 6 },
  { arbitrary: anyString, weight: 1 },
);
const anyValue = fc.oneof(
  { arbitrary: leaseValues.nearly, weight: 6 },
  { arbitrary: fc.json(), weight: 1 },
  { arbitrary: anyString, weight: 1 },
);
const vxlanText = vxlanMembers.map((members) => written(members));
const anyFile = fc.oneof(
  { arbitrary: subnetFiles.legal, weight: 4 },
  { arbitrary: subnetFiles.nearly, weight: 2 },
  { arbitrary: anyString, weight: 1 },
);

const attrs: fc.Arbitrary<LeaseAttrs> = fc.record(
  {
    publicIp: anyIpv4,
    publicIpv6: fc.option(anyIpv6),
    backendType: fc.oneof(fc.constantFrom("", "vxlan", "host-gw"), anyString),
    backendData: fc.jsonValue({ maxDepth: 3 }),
    backendV6Data: fc.jsonValue({ maxDepth: 3 }),
  },
  { requiredKeys: ["publicIp", "publicIpv6", "backendType"] },
);

const env = fc.record({
  network: fc.option(leaseSubnet),
  subnet: fc.option(leaseSubnet),
  ipv6Network: fc.option(leaseIpv6Subnet),
  ipv6Subnet: fc.option(leaseIpv6Subnet),
  mtu: fc.option(fc.integer({ min: 1, max: 65535 })),
  ipMasq: fc.option(fc.boolean()),
});

export function openLeaseText(): Suite {
  return {
    name: "lease text",
    share: 0.5,
    laws: [
      law("key", fc.tuple(leaseSubnet, fc.option(leaseIpv6Subnet)), ([subnet, ipv6Subnet]) => {
        deepStrictEqual(parseSubnetKey(printSubnetKey({ subnet, ipv6Subnet })), {
          subnet,
          ipv6Subnet,
        });
      }),
      law("any key", anyKey, (text) => {
        const name = text.slice(text.lastIndexOf("/") + 1);
        deepStrictEqual(attempt(parseSubnetKey, text), judgeKey(name));
      }),
      law("value", attrs, (one) => {
        const text = printLeaseAttrs(one);
        ok(!/[<>&\u2028\u2029]/.test(text));
        strictEqual(printLeaseAttrs(parseLeaseAttrs(text)), text);
      }),
      law("members", fc.tuple(leaseMembers, blanks), ([members, between]) => {
        deepStrictEqual(attempt(parseLeaseAttrs, written(members, between)), judgeValue(members));
      }),
      law("any value", anyValue, expectValue),
      law("vxlan", fc.record({ vni: fc.option(fc.nat()), mac: anyMac }), ({ vni, mac }) => {
        const data = attempt(printVxlanData, { vni, vtepMac: mac });
        const isStation = Number.parseInt(mac, 16) % 2 === 0 && mac !== "00:00:00:00:00:00";
        strictEqual(data !== undefined, isStation);
        if (isStation) deepStrictEqual(parseVxlanData(data), { vni, vtepMac: mac });
      }),
      law("any vxlan", fc.oneof(vxlanText, misspelt(vxlanText)), (text) => expectVxlan(text)),
      law("env", env, (one) => {
        deepStrictEqual(parseSubnetEnv(printSubnetEnv(one)), { ...one });
      }),
      law("any env", anyFile, expectEnv),
      law("long text", longText, (long) => soon(wholeOf(long), expectAll)),
    ],
  };
}

/** What it says; undefined when it refuses. */
function attempt<T, Given>(parse: (given: Given) => T, given: Given): T | undefined {
  try {
    return parse(given);
  } catch (error) {
    if (error instanceof HeddleError) return undefined;
    throw error;
  }
}

function expectValue(text: string): void {
  const found = attempt(parseLeaseAttrs, text);
  if (found === undefined) return;
  const settled = printLeaseAttrs(found);
  strictEqual(printLeaseAttrs(parseLeaseAttrs(settled)), settled);
  attempt(parseVxlanData, found.backendData);
}

function expectVxlan(text: string): void {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return;
  }
  const found = attempt(parseVxlanData, data);
  if (found !== undefined) deepStrictEqual(parseVxlanData(printVxlanData(found)), found);
}

function expectEnv(text: string): void {
  deepStrictEqual(new Map(parseEnv(text)), readVariables(text));
  const found = parseSubnetEnv(text);
  const settled = attempt(printSubnetEnv, found); // of one address there is no first
  if (settled !== undefined) deepStrictEqual(parseSubnetEnv(settled), found);
}

function expectAll(text: string): void {
  attempt(parseSubnetKey, text);
  expectValue(text);
  parseSubnetEnv(text);
}
