// How the fields of a header are listed: which of them share a line, and how their values read.
import type { LayerName } from "../../../core/index.ts";

type Values = Readonly<Record<string, unknown>>;

export interface RowForm {
  /** As the core names them; the first names the line. */
  readonly fields: readonly string[];
  readonly print: (values: Values) => string;
  /** The bits of a byte, those of others as dots. */
  readonly bits?: (values: Values) => string;
}

const DATA_SHOWN_LEN = 12; // bytes

const ETHER_TYPES: Readonly<Record<number, string>> = {
  2048: "IPv4",
  2054: "ARP",
  33024: "VLAN",
  34525: "IPv6",
};
const PROTOCOLS: Readonly<Record<number, string>> = {
  1: "ICMP",
  2: "IGMP",
  4: "IPIP",
  6: "TCP",
  17: "UDP",
};
const OPERATIONS: Readonly<Record<number, string>> = { 1: "request", 2: "reply" };
const PORTS: Readonly<Record<number, string>> = {
  4789: "VXLAN",
  6783: "Weave",
  6784: "Weave",
  8285: "flannel",
  8472: "VXLAN",
};
const TCP_FLAGS = ["ns", "cwr", "ece", "urg", "ack", "psh", "rst", "syn", "fin"];

const plain = (name: string): RowForm => ({
  fields: [name],
  print: (values) => String(values[name]),
});

const hex = (name: string, digits: number): RowForm => ({
  fields: [name],
  print: (values) => hexOf(values[name], digits),
});

const named = (name: string, names: Readonly<Record<number, string>>): RowForm => ({
  fields: [name],
  print: (values) => `${values[name]} ${names[Number(values[name])] ?? ""}`.trimEnd(),
});

const data = (name: string): RowForm => ({
  fields: [name],
  print: (values) => {
    const digits = String(values[name]);
    const len = digits.length / 2;
    const shown = digits.slice(0, 2 * DATA_SHOWN_LEN).replaceAll(/(..)(?!$)/g, "$1 ");
    return len > DATA_SHOWN_LEN ? `${shown} \u00b7\u00b7\u00b7` : shown;
  },
});

const CHECKSUM = hex("checksum", 4);

/** The lines of each header, in the order of its bytes. */
export const ROWS: Readonly<Record<LayerName, readonly RowForm[]>> = {
  ethernet: [
    plain("dst"),
    plain("src"),
    {
      fields: ["etherType"],
      print: ({ etherType }) =>
        `${hexOf(etherType, 4)} ${ETHER_TYPES[Number(etherType)] ?? ""}`.trimEnd(),
    },
  ],
  vlan: [
    { fields: ["vid", "pcp", "dropEligible"], print: ({ vid }) => String(vid) },
    hex("etherType", 4),
  ],
  arp: [
    named("operation", OPERATIONS),
    plain("senderMac"),
    plain("senderAddress"),
    plain("targetMac"),
    plain("targetAddress"),
  ],
  ipv4: [
    {
      fields: ["version", "ihl"],
      print: ({ version, ihl }) => `${version}, ${Number(ihl) * 4} bytes`,
    },
    { fields: ["tos"], print: ({ tos }) => `${Number(tos) >> 2}, ${Number(tos) & 3}` },
    plain("totalLength"),
    hex("id", 4),
    {
      fields: ["dontFragment", "moreFragments", "reserved", "fragmentOffset"],
      print: (values) => {
        const more = values.moreFragments ? ", MF" : "";
        return `DF ${Number(values.dontFragment)}${more}, ${values.fragmentOffset}`;
      },
      bits: (values) => `.${Number(values.dontFragment)}.. .... = DF`,
    },
    plain("ttl"),
    named("protocol", PROTOCOLS),
    CHECKSUM,
    plain("src"),
    plain("dst"),
    data("options"),
  ],
  icmp: [
    named("type", { 0: "echo reply", 3: "unreachable", 8: "echo request", 11: "time exceeded" }),
    plain("code"),
    CHECKSUM,
    hex("id", 4),
    plain("sequence"),
    plain("nextHopMtu"),
    plain("gateway"),
    plain("pointer"),
  ],
  igmp: [plain("type"), CHECKSUM, plain("group"), plain("groupRecords")],
  udp: [named("srcPort", PORTS), named("dstPort", PORTS), plain("length"), CHECKSUM],
  tcp: [
    plain("srcPort"),
    plain("dstPort"),
    plain("sequence"),
    plain("acknowledgment"),
    {
      fields: [...TCP_FLAGS, "dataOffset", "reserved"],
      print: (values) =>
        TCP_FLAGS.filter((name) => values[name])
          .join(" ")
          .toUpperCase() || "none",
    },
    plain("window"),
    CHECKSUM,
    plain("urgentPointer"),
    data("options"),
  ],
  vxlan: [
    {
      fields: ["validVni", "policy", "dontLearn", "policyApplied", "reservedFlags"],
      print: ({ validVni }) => (validVni ? "I" : "0"),
      bits: ({ validVni }) => `.... ${Number(validVni)}... = I`,
    },
    plain("policyId"),
    plain("vni"),
    plain("reserved"),
  ],
  payload: [data("data")],
  padding: [data("data")],
};

function hexOf(value: unknown, digits: number): string {
  return `0x${Number(value).toString(16).padStart(digits, "0")}`;
}
