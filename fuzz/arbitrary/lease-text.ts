// Leases as they lie in the store, key and value, and the file that tells a node's own.
import fc from "fast-check";
import { ipv6Text } from "../../test/model/ipv6.ts";
import { anyIpv4, anyMac, prefixOf } from "./address.ts";
import { anyIpv6, writtenIpv6 } from "./ipv6.ts";
import { anyMember, blanks, type Member, member, misspelt, quoted, written } from "./json.ts";

/** Texts of one kind: as flannel writes or takes them, and with a character or three wrong. */
export interface Texts {
  readonly legal: fc.Arbitrary<string>;
  readonly nearly: fc.Arbitrary<string>;
}

function texts(legal: fc.Arbitrary<string>): Texts {
  return { legal, nearly: misspelt(legal) };
}

/** A subnet without host bits that a key can name: "10.5.72.0/24". */
export const leaseSubnet: fc.Arbitrary<string> = fc
  .tuple(anyIpv4, fc.oneof(fc.integer({ min: 16, max: 30 }), fc.nat(31)))
  .map(([address, len]) => prefixOf(address, len));

/** The same for IPv6, as RFC 5952 writes it. */
export const leaseIpv6Subnet: fc.Arbitrary<string> = fc
  .tuple(fc.bigInt(0n, 2n ** 128n - 1n), fc.oneof(fc.constantFrom(48, 56, 64), fc.nat(127)))
  .map(([address, len]) => `${ipv6Text(address - (address % 2n ** BigInt(128 - len)))}/${len}`);

/** The last part of a lease's key: "10.5.72.0-24", with IPv6 or without. */
export const subnetKeys: Texts = texts(
  fc.tuple(leaseSubnet, fc.option(leaseIpv6Subnet)).map(([ipv4, ipv6]) => {
    const both = ipv6 === null ? ipv4 : `${ipv4}&${ipv6}`;
    return both.replaceAll("/", "-");
  }),
);

const macText = fc
  .tuple(anyMac, fc.constantFrom("colon", "dash", "dots", "upper"))
  .map(([mac, form]) => {
    if (form === "dash") return mac.replaceAll(":", "-");
    if (form === "upper") return mac.toUpperCase();
    return form === "dots" ? mac.replace(/(..):(..):?/g, "$1$2.").replace(/\.$/, "") : mac;
  });

/** The members of a VXLAN node's BackendData. */
export const vxlanMembers: fc.Arbitrary<readonly Member[]> = fc
  .tuple(
    fc.array(member("VNI", fc.nat(0xffffff).map(String)), { maxLength: 1 }),
    fc.array(member("VtepMAC", quoted(macText)), { minLength: 1, maxLength: 1 }),
    fc.oneof(
      { arbitrary: fc.constant([]), weight: 9 },
      fc.array(anyMember("VNI", "VtepMAC"), { maxLength: 2 }),
    ),
  )
  .map((lists) => lists.flat());

const backendData: fc.Arbitrary<Member["value"]> = fc.oneof(
  vxlanMembers,
  vxlanMembers,
  vxlanMembers,
  fc.json({ maxDepth: 2 }),
);
const backendType = quoted(fc.constantFrom("vxlan", "host-gw", "ipip", "extension", "", "<&>"));
const publicIpv6 = fc.oneof(fc.constant("null"), quoted(anyIpv6), quoted(writtenIpv6));

/** The members of a lease's value, in any order. */
export const leaseMembers: fc.Arbitrary<readonly Member[]> = fc
  .tuple(
    member("PublicIP", quoted(anyIpv4)),
    fc.option(member("PublicIPv6", publicIpv6)),
    fc.option(member("BackendType", backendType)),
    fc.option(member("BackendData", backendData)),
    fc.option(member("BackendV6Data", backendData), { freq: 2 }),
    fc.option(anyMember("PublicIP", "PublicIPv6", "BackendType", "BackendData"), { freq: 12 }),
  )
  .map((all) => all.filter((one) => one !== null))
  .chain((all) => fc.shuffledSubarray(all, { minLength: all.length }));

/** A lease's value. */
export const leaseValues: Texts = texts(
  fc.tuple(leaseMembers, blanks).map(([members, spaces]) => written(members, spaces)),
);

const quote = fc.constantFrom("", "", '"', "'");
const comment = fc.constantFrom("", "", "", " # hand-made", "\t#");
const lead = fc.constantFrom("", "", "export ", "  ");

function line(name: string, value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(lead, quote, value, comment)
    .map(([first, mark, text, last]) => `${first}${name}=${mark}${text}${mark}${last}`);
}

function list(one: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const many = fc.array(fc.oneof(one, fc.constantFrom("", "10.5", "x")), { maxLength: 3 });
  return fc.oneof(
    { arbitrary: one, weight: 5 },
    many.map((all) => all.join(",")),
  );
}

const anyLine = fc.oneof(
  fc.constantFrom("", "# FLANNEL_MTU=1", "FLANNEL_MTU", "OTHER='a b'", "FLANNEL_SUBNET="),
  fc.string({ unit: "binary" }).map((text) => text.replace(/[\r\n]/g, "")),
);

/** A subnet.env of somebody's: flannel's lines for the most part, in shell's ways of writing. */
export const subnetFiles: Texts = texts(
  fc
    .array(
      fc.oneof(
        line("FLANNEL_NETWORK", list(leaseSubnet)),
        line("FLANNEL_SUBNET", list(leaseSubnet)),
        line("FLANNEL_IPV6_NETWORK", list(leaseIpv6Subnet)),
        line("FLANNEL_IPV6_SUBNET", list(leaseIpv6Subnet)),
        line("FLANNEL_MTU", fc.nat(70000).map(String)),
        line("FLANNEL_IPMASQ", fc.constantFrom("true", "false", "yes", "")),
        anyLine,
      ),
      { maxLength: 9 },
    )
    .chain((lines) => fc.constantFrom("\n", "\r\n").map((end) => lines.join(end) + end)),
);
