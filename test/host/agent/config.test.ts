// The network config: every key of flannel's table, its defaults, and the first rule it breaks.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type NetworkConfig, parseNetworkConfig } from "../../../bindings/agent/index.ts";
import { HeddleError, LeaseRules, openCore } from "../../../bindings/core/index.ts";

const rules = new LeaseRules(await openCore({ memoryBytes: 1 << 16 }));
const net = '"Network":"10.5.0.0/16"';

function parse(text: string): NetworkConfig {
  return parseNetworkConfig(text, rules);
}

function refused(text: string, expected: RegExp, code = "BadConfig"): void {
  assert.throws(
    () => parse(text),
    (error) => {
      assert.ok(error instanceof HeddleError, String(error));
      assert.equal(error.code, code, error.message);
      assert.match(error.expected, expected);
      return true;
    },
  );
}

const PLAIN: NetworkConfig = {
  enableIpv4: true,
  enableIpv6: false,
  enableNftables: false,
  network: "10.5.0.0/16",
  subnetLen: 24,
  subnetMin: "10.5.1.0",
  subnetMax: "10.5.255.0",
  ipv6: null,
  backend: { type: "udp", port: 8285 },
};

const VXLAN = {
  type: "vxlan",
  vni: 1,
  port: 0,
  mtu: 0,
  gbp: false,
  learning: false,
  directRouting: false,
};

const GOOD: readonly (readonly [name: string, text: string, differs: object])[] = [
  ["all defaults", `{${net}}`, {}],
  ["host bits go", '{"Network":"10.5.7.9/16"}', {}],
  ["a length with a zero before it, as Go takes it", '{"Network":"10.5.0.0/016"}', {}],
  ["EnableNFTables", `{${net},"EnableNFTables":true}`, { enableNftables: true }],
  ["EnableIPv4 and EnableIPv6 as they are", `{${net},"EnableIPv4":true,"EnableIPv6":false}`, {}],
  ["SubnetLen", `{${net},"SubnetLen":20}`, lens(20, "10.5.16.0", "10.5.240.0")],
  ["SubnetLen 0 is none", `{${net},"SubnetLen":0}`, {}],
  ["SubnetLen 30", `{${net},"SubnetLen":30}`, lens(30, "10.5.0.4", "10.5.255.252")],
  ["SubnetLen P + 2", `{${net},"SubnetLen":18}`, lens(18, "10.5.64.0", "10.5.192.0")],
  ["/22: 24", '{"Network":"10.5.0.0/22"}', range("10.5.0.0/22", 24, "10.5.1.0", "10.5.3.0")],
  ["/23: 25", '{"Network":"10.5.0.0/23"}', range("10.5.0.0/23", 25, "10.5.0.128", "10.5.1.128")],
  ["/28: 30", '{"Network":"10.5.0.0/28"}', range("10.5.0.0/28", 30, "10.5.0.4", "10.5.0.12")],
  [
    "SubnetMin and SubnetMax",
    `{${net},"SubnetMin":"10.5.10.0","SubnetMax":"10.5.99.0"}`,
    lens(24, "10.5.10.0", "10.5.99.0"),
  ],
  [
    "one subnet",
    `{${net},"SubnetMin":"10.5.9.0","SubnetMax":"10.5.9.0"}`,
    lens(24, "10.5.9.0", "10.5.9.0"),
  ],
  ["0.0.0.0 is no bound", `{${net},"SubnetMin":"0.0.0.0","SubnetMax":"0.0.0.0"}`, {}],
  [
    "the articles' network of twenty",
    `{"Network": "10.2.0.0/16", "SubnetLen": 24, "SubnetMin": "10.2.1.0",
      "SubnetMax": "10.2.20.0", "Backend": {"Type": "vxlan"}}`,
    { ...range("10.2.0.0/16", 24, "10.2.1.0", "10.2.20.0"), backend: VXLAN },
  ],
  [
    "IPv6, by default",
    `{${net},"EnableIPv6":true,"IPv6Network":"fc00::/48"}`,
    ipv6("fc00::/48", 64, "fc00:0:0:1::", "fc00:0:0:ffff::"),
  ],
  [
    "IPv6, host bits, /62",
    `{${net},"EnableIPv6":true,"IPv6Network":"FC00::1/62"}`,
    ipv6("fc00::/62", 64, "fc00:0:0:1::", "fc00:0:0:3::"),
  ],
  [
    "IPv6, /63: 65",
    `{${net},"EnableIPv6":true,"IPv6Network":"fc00::/63"}`,
    ipv6("fc00::/63", 65, "fc00::8000:0:0:0", "fc00:0:0:1:8000::"),
  ],
  [
    "IPv6, /124: 126",
    `{${net},"EnableIPv6":true,"IPv6Network":"fc00::/124"}`,
    ipv6("fc00::/124", 126, "fc00::4", "fc00::c"),
  ],
  [
    "IPv6, all keys",
    `{${net},"EnableIPv6":true,"IPv6Network":"fc00::/48","IPv6SubnetLen":80,
      "IPv6SubnetMin":"fc00:0:0:2::","IPv6SubnetMax":"fc00:0:0:f::"}`,
    ipv6("fc00::/48", 80, "fc00:0:0:2::", "fc00:0:0:f::"),
  ],
  [
    "IPv6, the least and the most",
    `{${net},"EnableIPv6":true,"IPv6Network":"fc00::/48","IPv6SubnetLen":126,
      "IPv6SubnetMin":"fc00::","IPv6SubnetMax":"fc00::"}`,
    ipv6("fc00::/48", 126, "fc00::", "fc00::"),
  ],
  [
    "IPv6, P + 2",
    `{${net},"EnableIPv6":true,"IPv6Network":"fc00::/48","IPv6SubnetLen":50}`,
    ipv6("fc00::/48", 50, "fc00:0:0:4000::", "fc00:0:0:c000::"),
  ],
  [
    "IPv6, null and :: are no bounds",
    `{${net},"EnableIPv6":true,"IPv6Network":"fc00::/48",
      "IPv6SubnetMin":null,"IPv6SubnetMax":"::"}`,
    ipv6("fc00::/48", 64, "fc00:0:0:1::", "fc00:0:0:ffff::"),
  ],
  ["IPv6's keys while it is off: only read", `{${net},"IPv6Network":"fc00::/127"}`, {}],
  ["an IPv4 prefix as IPv6Network, while it is off", `{${net},"IPv6Network":"10.0.0.0/8"}`, {}],
  [
    "IPv4 off: its rules rest",
    '{"EnableIPv4":false,"Network":"10.5.0.0/30"}',
    { enableIpv4: false, ...range("0.0.0.0/0", 0, "0.0.0.0", "0.0.0.0") },
  ],
];

function range(network: string, subnetLen: number, subnetMin: string, subnetMax: string): object {
  return { network, subnetLen, subnetMin, subnetMax };
}

function lens(subnetLen: number, subnetMin: string, subnetMax: string): object {
  return { subnetLen, subnetMin, subnetMax };
}

function ipv6(
  ...[network, subnetLen, subnetMin, subnetMax]: [string, number, string, string]
): object {
  return { enableIpv6: true, ipv6: { network, subnetLen, subnetMin, subnetMax } };
}

const v6 = `${net},"EnableIPv6":true`;
const fc = `${v6},"IPv6Network":"fc00::/48"`;

const BAD: readonly (readonly [name: string, members: string, expected: RegExp])[] = [
  ["no Network", "", /^Network: an IPv4 prefix/],
  ["0.0.0.0/0 is none", '"Network":"0.0.0.0/0"', /^Network: a prefix of at least one bit/],
  ["Network without a length", '"Network":"10.5.0.0"', /^Network: an IPv4 prefix/],
  ["Network of IPv6", '"Network":"fc00::/48"', /^Network: an IPv4 prefix/],
  ["Network empty", '"Network":""', /^Network: an IPv4 prefix/],
  ["Network with blanks", '"Network":" 10.5.0.0/16"', /^Network: an IPv4 prefix/],
  ["Network with an escape", '"Network":"10\\u002e5.0.0/16"', /^Network: an IPv4 prefix/],
  ["SubnetLen 31", `${net},"SubnetLen":31`, /^SubnetLen: at most 30$/],
  ["SubnetLen of 64 bits", `${net},"SubnetLen":18446744073709551615`, /^SubnetLen: at most 30$/],
  ["SubnetLen of 65", `${net},"SubnetLen":18446744073709551616`, /^SubnetLen: a whole number/],
  ["SubnetLen P + 1", `${net},"SubnetLen":17`, /^SubnetLen: at least 18, for four subnets/],
  ["/29 without SubnetLen", '"Network":"10.5.0.0/29"', /^Network: a prefix of at most 28 bits/],
  ["SubnetMin outside", `${net},"SubnetMin":"10.6.1.0"`, /^SubnetMin: an address in 10\.5/],
  ["SubnetMax outside", `${net},"SubnetMax":"10.4.1.0"`, /^SubnetMax: an address in 10\.5/],
  ["SubnetMin unaligned", `${net},"SubnetMin":"10.5.1.1"`, /^SubnetMin: the first address of a/],
  ["SubnetMax unaligned", `${net},"SubnetMax":"10.5.1.1"`, /^SubnetMax: the first address of a/],
  [
    "SubnetMin above SubnetMax",
    `${net},"SubnetMin":"10.5.9.0","SubnetMax":"10.5.8.0"`,
    /^SubnetMin: at most SubnetMax, which is 10\.5\.8\.0$/,
  ],
  ["SubnetMax below the default SubnetMin", `${net},"SubnetMax":"10.5.0.0"`, /^SubnetMin: at most/],
  ["the length first", `${net},"SubnetLen":31,"SubnetMin":"1.1.1.1"`, /^SubnetLen/],
  [
    "SubnetMax's range before SubnetMin's place",
    `${net},"SubnetMin":"10.5.1.1","SubnetMax":"1.1.1.0"`,
    /^SubnetMax: an address/,
  ],
  ["IPv4 before IPv6", '"EnableIPv6":true', /^Network/],
  ["no IPv6Network", v6, /^IPv6Network: an IPv6 prefix/],
  ["::/0 is none", `${v6},"IPv6Network":"::/0"`, /^IPv6Network: an IPv6 prefix/],
  ["IPv6Network of IPv4", `${v6},"IPv6Network":"10.0.0.0/8"`, /^IPv6Network: an IPv6 prefix/],
  [
    "IPv6Network with a zone",
    `${v6},"IPv6Network":"fe80::%eth0/64"`,
    /^IPv6Network: an IPv6 prefix/,
  ],
  ["IPv6SubnetLen 1", `${fc},"IPv6SubnetLen":1`, /^IPv6SubnetLen: at least 50/],
  ["IPv6SubnetLen 127", `${fc},"IPv6SubnetLen":127`, /^IPv6SubnetLen: at most 126$/],
  ["IPv6SubnetLen P + 1", `${fc},"IPv6SubnetLen":49`, /^IPv6SubnetLen: at least 50, for four/],
  ["/125 without IPv6SubnetLen", `${v6},"IPv6Network":"fc00::/125"`, /^IPv6Network: .*at most 124/],
  ["IPv6SubnetMin outside", `${fc},"IPv6SubnetMin":"fc01::"`, /^IPv6SubnetMin: an address in fc00/],
  ["IPv6SubnetMax just outside", `${fc},"IPv6SubnetMax":"fc00:0:1::"`, /^IPv6SubnetMax: an addr/],
  ["IPv6SubnetMax outside", `${fc},"IPv6SubnetMax":"fc01::"`, /^IPv6SubnetMax: an address in fc00/],
  ["IPv6SubnetMin unaligned", `${fc},"IPv6SubnetMin":"fc00::1"`, /^IPv6SubnetMin: the first/],
  ["IPv6SubnetMax unaligned", `${fc},"IPv6SubnetMax":"fc00::1"`, /^IPv6SubnetMax: the first/],
  [
    "IPv6SubnetMax's range before IPv6SubnetMin's place",
    `${fc},"IPv6SubnetMin":"fc00::1","IPv6SubnetMax":"fc01::"`,
    /^IPv6SubnetMax: an address/,
  ],
  [
    "IPv6SubnetMin above IPv6SubnetMax",
    `${fc},"IPv6SubnetMin":"fc00:0:0:3::","IPv6SubnetMax":"fc00:0:0:2::"`,
    /^IPv6SubnetMin: at most IPv6SubnetMax, which is fc00:0:0:2::$/,
  ],
];

describe("a network config", () => {
  for (const [name, text, differs] of GOOD) {
    it(`is read: ${name}`, () => assert.deepEqual(parse(text), { ...PLAIN, ...differs }));
  }

  for (const [name, members, expected] of BAD) {
    it(`is refused: ${name}`, () => refused(`{${members}}`, expected));
  }
});

function backend(text: string): NetworkConfig["backend"] {
  return parse(`{${net},"Backend":${text}}`).backend;
}

describe("a backend", () => {
  it("is udp where none is named, whatever flannel's documentation says", () => {
    assert.deepEqual(parse(`{${net}}`).backend, { type: "udp", port: 8285 });
  });

  it("has flannel's defaults", () => {
    assert.deepEqual(backend('{"Type":"vxlan"}'), VXLAN);
    assert.deepEqual(backend('{"Type":"udp"}'), { type: "udp", port: 8285 });
    assert.deepEqual(backend('{"Type":"host-gw"}'), { type: "host-gw" });
    assert.deepEqual(backend('{"Type":"alloc"}'), { type: "alloc" });
  });

  it("has all keys of VXLAN, and of udp", () => {
    const all = `{"Type":"vxlan","VNI":4097,"Port":4789,"MTU":1600,"GBP":true,"Learning":true,
      "DirectRouting":true,"MacPrefix":"0E-2A","Name":"x"}`;
    const flags = { gbp: true, learning: true, directRouting: true };
    assert.deepEqual(backend(all), { type: "vxlan", vni: 4097, port: 4789, mtu: 1600, ...flags });
    assert.deepEqual(backend('{"Type":"udp","Port":7000}'), { type: "udp", port: 7000 });
  });

  it("has a type in any letter case, and keys too", () => {
    assert.deepEqual(backend('{"TYPE":"VxLAN","vni":7}'), { ...VXLAN, vni: 7 });
    assert.deepEqual(backend('{"type":"Host-GW"}'), { type: "host-gw" });
  });

  it("takes the whole range of VNIs, ports and MTUs, and no more", () => {
    for (const [key, value] of [
      ["VNI", 0],
      ["VNI", 0xffffff],
      ["Port", 65535],
      ["MTU", 118],
      ["MTU", 65535],
    ] as const) {
      const found = backend(`{"Type":"vxlan","${key}":${value}}`);
      assert.deepEqual(found, { ...VXLAN, [key.toLowerCase()]: value });
    }
    const fails = (members: string, expected: RegExp): void => {
      refused(`{${net},"Backend":{${members}}}`, expected, "BadBackend");
    };
    fails('"Type":"vxlan","VNI":16777216', /^Backend\.VNI: a whole number, from 0 to 16777215$/);
    fails('"Type":"vxlan","VNI":-1', /^Backend\.VNI/);
    fails('"Type":"vxlan","Port":65536', /^Backend\.Port: a whole number, from 0 to 65535$/);
    fails('"Type":"vxlan","MTU":117', /^Backend\.MTU: 118 at least, or 0$/);
    fails('"Type":"vxlan","MTU":65536', /^Backend\.MTU/);
    fails('"Type":"udp","Port":0', /^Backend\.Port: a whole number, from 1 to 65535$/);
    fails('"Type":"vxlan","VNI":"1"', /^Backend\.VNI/);
    fails('"Type":"vxlan","GBP":1', /^Backend\.GBP: true or false$/);
    fails('"Type":"vxlan","Learning":"true"', /^Backend\.Learning/);
    fails('"Type":"vxlan","DirectRouting":0', /^Backend\.DirectRouting/);
  });

  it("has no key of another type: what it does not know is ignored", () => {
    assert.deepEqual(backend('{"Type":"host-gw","VNI":"x","Port":[]}'), { type: "host-gw" });
  });

  it("of a type that is not known is refused with those that are", () => {
    const known = /^Backend\.Type: one of alloc, host-gw, udp, vxlan$/;
    for (const text of ["null", "{}", '{"Type":""}', '{"Type":null}', '{"Type":"aws-vpc"}']) {
      refused(`{${net},"Backend":${text}}`, known, "BadBackend");
    }
    refused(`{${net},"Backend":{"Type":"wireguard"}}`, known, "BadBackend");
  });

  it("that is no object, or has no text as its type, is a config that is none", () => {
    for (const text of ["7", '"vxlan"', "[]", "true"]) {
      refused(`{${net},"Backend":${text}}`, /^Backend: an object$/);
    }
    refused(`{${net},"Backend":{"Type":7}}`, /^Backend\.Type: a string$/);
  });

  it("is looked at last: the network is what is told first", () => {
    refused('{"Backend":{"Type":"aws-vpc"}}', /^Network/);
  });
});
