// Network configs of flannel, as members of JSON: mostly whole, with what is often left out, given
// twice, or wrong.
import fc from "fast-check";
import { ipv6Text } from "../../test/model/ipv6.ts";
import { anyIpv4 } from "./address.ts";
import { anyIpv6 } from "./ipv6.ts";
import { anyMember, blanks, type Member, member, misspelt, quoted, written } from "./json.ts";

const KEYS = [
  ...["Network", "SubnetLen", "SubnetMin", "SubnetMax", "Backend"],
  ...["EnableIPv4", "EnableIPv6", "EnableNFTables"],
  ...["IPv6Network", "IPv6SubnetLen", "IPv6SubnetMin", "IPv6SubnetMax"],
];
const BACKEND_KEYS = ["Type", "VNI", "Port", "MTU", "GBP", "Learning", "DirectRouting"];

type Members = fc.Arbitrary<readonly Member[]>;

/** One family's half of a config: how its keys and addresses are written, and its usual sizes. */
interface Family {
  readonly prefix: "" | "IPv6";
  readonly bits: number;
  readonly base: bigint;
  readonly lens: fc.Arbitrary<number>;
  readonly print: (address: bigint) => string;
  readonly stray: fc.Arbitrary<string>;
}

const IPV4: Family = {
  prefix: "",
  bits: 32,
  base: 0x0a000000n,
  lens: fc.oneof(
    { arbitrary: fc.integer({ min: 8, max: 28 }), weight: 6 },
    { arbitrary: fc.constantFrom(0, 1, 22, 23, 29, 30, 31, 32), weight: 1 },
  ),
  print: (address) => [24n, 16n, 8n, 0n].map((shift) => (address >> shift) & 255n).join("."),
  stray: anyIpv4,
};

const IPV6: Family = {
  prefix: "IPv6",
  bits: 128,
  base: 0xfd00n << 112n,
  lens: fc.oneof(
    { arbitrary: fc.integer({ min: 16, max: 124 }), weight: 6 },
    { arbitrary: fc.constantFrom(0, 1, 62, 63, 125, 126, 127, 128), weight: 1 },
  ),
  print: ipv6Text,
  stray: anyIpv6,
};

// Where a bound lies: in which subnet of the network, and how far from its beginning.
const bound = fc.record({ nth: fc.nat(300), off: fc.constantFrom(0, 0, 0, 0, 0, 0, 1) });

/** The keys of a range that for the most part agree with each other. */
function range(family: Family): Members {
  const { prefix, bits, base, lens, print, stray } = family;
  const drawn = fc.record({
    at: fc.nat(0xffff),
    len: lens,
    longer: fc.nat(8),
    low: bound,
    high: bound,
  });
  return drawn.chain(({ at, len, longer, low, high }) => {
    const subnetLen = Math.min(len + 2 + longer, bits);
    const size = 1n << BigInt(bits - subnetLen);
    const first = base + (BigInt(at) << BigInt(bits / 2 - 8));
    const start = first - (first % (1n << BigInt(bits - len)));
    const text = ({ nth, off }: { nth: number; off: number }): string =>
      print((start + BigInt(nth % 2 ** (2 + longer)) * size + BigInt(off)) % (1n << BigInt(bits)));
    const network = mostly(
      `${print(first)}/${len}`,
      stray.map((one) => `${one}/${len}`),
    );
    const key = (name: string): string => prefix + name;
    return lists(
      one(key("Network"), quoted(network)),
      often(key("SubnetLen"), fc.constant(String(subnetLen))),
      rarely(key("SubnetMin"), quoted(mostly(text(low), stray))),
      rarely(key("SubnetMax"), quoted(mostly(text(high), stray))),
    );
  });
}

const boolean = fc.constantFrom("true", "false");
const type = fc.oneof(
  { arbitrary: fc.constantFrom("vxlan", "udp", "host-gw", "alloc", "VXLAN", "Host-GW"), weight: 9 },
  { arbitrary: fc.constantFrom("", "wireguard", "aws-vpc", "ipip"), weight: 1 },
);

const backend: Members = lists(
  fc.oneof({ arbitrary: one("Type", quoted(type)), weight: 20 }, none()),
  rarely("VNI", fc.oneof(fc.nat(0xffffff), fc.constantFrom(-1, 0x1000000)).map(String)),
  rarely("Port", fc.oneof(fc.nat(65535), fc.constantFrom(-1, 65536)).map(String)),
  rarely("MTU", fc.oneof(fc.integer({ min: 100, max: 9000 }), fc.constant(0)).map(String)),
  rarely("GBP", boolean),
  rarely("Learning", boolean),
  rarely("DirectRouting", boolean),
  stray(BACKEND_KEYS, 12),
);

/** The members of a config, in any order. */
export const configMembers: Members = lists(
  fc.oneof({ arbitrary: range(IPV4), weight: 20 }, none()),
  fc.oneof({ arbitrary: none(), weight: 2 }, range(IPV6)),
  often("Backend", backend),
  rarely("EnableIPv6", boolean),
  rarely("EnableNFTables", boolean),
  fc.oneof({ arbitrary: none(), weight: 9 }, one("EnableIPv4", boolean)),
  stray(KEYS, 8),
).chain((all) => fc.shuffledSubarray([...all], { minLength: all.length }));

/**
 * Network configs of flannel as text. `legal` is JSON that for the most part is a whole config;
 * `nearly` has a character or three of it wrong.
 */
export const networkConfigs: {
  readonly legal: fc.Arbitrary<string>;
  readonly nearly: fc.Arbitrary<string>;
} = {
  legal: legal(),
  nearly: misspelt(legal()),
};

function legal(): fc.Arbitrary<string> {
  return fc.tuple(configMembers, blanks).map(([members, spaces]) => written(members, spaces));
}

function lists(...parts: Members[]): Members {
  return fc.tuple(...parts).map((all) => all.flat());
}

function one(key: string, value: fc.Arbitrary<Member["value"]>): Members {
  return member(key, value).map((only) => [only]);
}

function none(): Members {
  return fc.constant([]);
}

function often(key: string, value: fc.Arbitrary<Member["value"]>): Members {
  return fc.oneof({ arbitrary: one(key, value), weight: 2 }, none());
}

function rarely(key: string, value: fc.Arbitrary<Member["value"]>): Members {
  return fc.oneof({ arbitrary: none(), weight: 3 }, one(key, value));
}

// Once in so many, up to three members that may be anything.
function stray(keys: readonly string[], seldom: number): Members {
  const some = fc.array(anyMember(...keys), { minLength: 1, maxLength: 3 });
  return fc.oneof({ arbitrary: none(), weight: seldom }, some);
}

function mostly<T>(value: T, other: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ arbitrary: fc.constant(value), weight: 12 }, other);
}
