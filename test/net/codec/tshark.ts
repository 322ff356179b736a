// A capture as tshark reads it (`-T json`), in our names: the layers of each packet in their order,
// with every field that tshark states.
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A layer in one witness's words. */
export interface Told {
  readonly layer: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly status?: "BadChecksum";
}

interface Tree {
  readonly [name: string]: string | Tree | readonly (string | Tree)[];
}

const PREFERENCES = [
  ...["ip.check_checksum:TRUE", "udp.check_checksum:TRUE", "tcp.check_checksum:TRUE"],
  ...["ip.defragment:FALSE", "tcp.analyze_sequence_numbers:FALSE"],
].flatMap((preference) => ["-o", preference]);
const PORTS = ["-d", "udp.port==8472,vxlan", "-d", "udp.port==8285,ip"];
const OUTPUT_MAX = 1 << 29;

let guessers: Promise<string[]> | undefined;

/** Every packet of the file. Nothing in a payload is guessed at. */
export async function toldByTshark(file: string): Promise<Told[][]> {
  guessers ??= listGuessers();
  const quiet = (await guessers).flatMap((name) => ["--disable-protocol", name]);
  const form = ["-T", "json", "--no-duplicate-keys"];
  const args = ["-n", "-r", file, ...PREFERENCES, ...PORTS, ...quiet, ...form];
  const { stdout } = await run("tshark", args, { maxBuffer: OUTPUT_MAX });
  const packets: { _source: { layers: Tree } }[] = JSON.parse(stdout);
  return packets.map(({ _source: { layers } }) => layersOf(layers));
}

const GUESSED = ["eth", "eth.trailer", "icmp", "ip", "tcp", "udp"];

/** Dissectors that look at payloads of these, and say "this looks like mine". */
async function listGuessers(): Promise<string[]> {
  const { stdout } = await run("tshark", ["-G", "heuristic-decodes"]);
  const rows = stdout.split("\n").map((line) => line.split("\t"));
  const found = rows.filter(([over = ""]) => GUESSED.includes(over));
  return [...new Set(found.map(([, name = ""]) => name))];
}

type Fields = Readonly<Record<string, unknown>>;

interface Reader {
  readonly layer: string;
  read(tree: Tree): Fields;
}

const num = (value: unknown): number => Number(value);
const flag = (value: unknown): boolean => value === "1";
const hex = (value: unknown): string => String(value ?? "").replaceAll(":", "");

const READERS: Readonly<Record<string, Reader>> = {
  eth: {
    layer: "ethernet",
    read: (tree) => ({
      dst: tree["eth.dst"],
      src: tree["eth.src"],
      etherType: num(tree["eth.type"]),
    }),
  },
  vlan: { layer: "vlan", read: (tree) => tagOf(tree, "vlan", "vlan.etype") },
  ieee8021ad: { layer: "vlan", read: (tree) => tagOf(tree, "ieee8021ad", "ieee8021ah.etype") },
  arp: {
    layer: "arp",
    read: (tree) => ({
      operation: num(tree["arp.opcode"]),
      senderMac: tree["arp.src.hw_mac"],
      senderAddress: tree["arp.src.proto_ipv4"],
      targetMac: tree["arp.dst.hw_mac"],
      targetAddress: tree["arp.dst.proto_ipv4"],
    }),
  },
  ip: { layer: "ipv4", read: ipv4Of },
  icmp: { layer: "icmp", read: icmpOf },
  igmp: { layer: "igmp", read: igmpOf },
  udp: {
    layer: "udp",
    read: (tree) => ({
      srcPort: num(tree["udp.srcport"]),
      dstPort: num(tree["udp.dstport"]),
      length: num(tree["udp.length"]),
      checksum: num(tree["udp.checksum"]),
    }),
  },
  tcp: { layer: "tcp", read: tcpOf },
  vxlan: { layer: "vxlan", read: vxlanOf },
  data: { layer: "payload", read: (tree) => ({ data: hex(tree["data.data"]) }) },
};

function layersOf(layers: Tree): Told[] {
  const trees = new Map<string, Tree[]>();
  collect(layers, trees);
  const paddings = (trees.get("eth") ?? []).flatMap(paddingOf);
  const order = String((layers.frame as Tree)["frame.protocols"]).split(":");
  const told = order.flatMap((name) => {
    const tree = trees.get(name)?.shift(); // some names stand there twice
    const reader = READERS[name];
    return tree === undefined || reader === undefined ? [] : [toldOf(name, reader, tree)];
  });
  return [...told, ...paddings];
}

/** The trees of each protocol, in the order of the packet, quotes behind what quotes them. */
function collect(tree: Tree, into: Map<string, Tree[]>): void {
  for (const [name, value] of Object.entries(tree)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (typeof each !== "object") continue;
      if (name in READERS) into.set(name, [...(into.get(name) ?? []), each]);
      collect(each, into);
    }
  }
}

const STATUS_BAD = "0";

function toldOf(name: string, { layer, read }: Reader, tree: Tree): Told {
  const sub = tree[`${name}.checksum_tree`] as Tree | undefined;
  const status = tree[`${name}.checksum.status`] ?? sub?.[`${name}.checksum.status`];
  return { layer, fields: read(tree), ...(status === STATUS_BAD && { status: "BadChecksum" }) };
}

function paddingOf(tree: Tree): Told[] {
  const data = hex(tree["eth.padding"]) + hex(tree["eth.trailer"]);
  return data === "" ? [] : [{ layer: "padding", fields: { data } }];
}

function tagOf(tree: Tree, name: string, type: string): Fields {
  return {
    pcp: num(tree[`${name}.priority`]),
    dropEligible: flag(tree[`${name}.dei`]),
    vid: num(tree[`${name}.id`]),
    etherType: num(tree[type]),
  };
}

function ipv4Of(tree: Tree): Fields {
  const flags = tree["ip.flags_tree"] as Tree;
  return {
    version: num(tree["ip.version"]),
    ihl: num(tree["ip.hdr_len"]) / 4,
    tos: num(tree["ip.dsfield"]),
    totalLength: num(tree["ip.len"]),
    id: num(tree["ip.id"]),
    reserved: flag(flags["ip.flags.rb"]),
    dontFragment: flag(flags["ip.flags.df"]),
    moreFragments: flag(flags["ip.flags.mf"]),
    fragmentOffset: 8 * num(tree["ip.frag_offset"]),
    ttl: num(tree["ip.ttl"]),
    protocol: num(tree["ip.proto"]),
    checksum: num(tree["ip.checksum"]),
    src: tree["ip.src"],
    // Where a source route says more, tshark's destination is the last stop.
    dst: tree["ip.cur_rt"] ?? tree["ip.dst"],
    options: ipv4OptionsOf(tree),
  };
}

/** Each by itself, in no order: tshark puts those of one kind together. */
function ipv4OptionsOf(tree: Tree): string[] {
  const [, list] = Object.entries(tree).find(([name]) => name.startsWith("Options: ")) ?? [];
  return Object.entries((list ?? {}) as Tree)
    .filter(([name]) => name.startsWith("ip.options.") && !name.endsWith("_tree"))
    .flatMap(([, value]) => (Array.isArray(value) ? value : [value]).map(hex))
    .toSorted();
}

function icmpOf(tree: Tree): Fields {
  const fields: Record<string, unknown> = {
    type: num(tree["icmp.type"]),
    code: num(tree["icmp.code"]),
    checksum: num(tree["icmp.checksum"]),
  };
  const more: [from: string, to: string, read: (value: unknown) => unknown][] = [
    ["icmp.ident", "id", num],
    ["icmp.seq", "sequence", num],
    ["icmp.mtu", "nextHopMtu", num],
    ["icmp.redir_gw", "gateway", String],
    ["icmp.pointer", "pointer", num],
    ["icmp.unused", "unused", (value) => Number.parseInt(hex(value), 16)],
  ];
  for (const [from, to, read] of more) if (from in tree) fields[to] = read(tree[from]);
  return fields;
}

const IGMP_REPORT_V3 = 0x22;

function igmpOf(tree: Tree): Fields {
  const type = num(tree["igmp.type"]);
  const checksum = num(tree["igmp.checksum"]);
  const reserved = Number.parseInt(hex(tree["igmp.reserved"]), 16);
  if (type === IGMP_REPORT_V3) {
    return { type, checksum, groupRecords: num(tree["igmp.num_grp_recs"]), reserved };
  }
  // In version 1 there was no time yet.
  const maxRespTime = "igmp.max_resp" in tree ? num(tree["igmp.max_resp"]) : reserved;
  return { type, maxRespTime, checksum, group: tree["igmp.maddr"] };
}

function tcpOf(tree: Tree): Fields {
  const flags = tree["tcp.flags_tree"] as Tree;
  const named = ["cwr", "ece", "urg", "ack", "syn", "fin"].map((name) => [
    name,
    flag(flags[`tcp.flags.${name}`]),
  ]);
  return {
    srcPort: num(tree["tcp.srcport"]),
    dstPort: num(tree["tcp.dstport"]),
    sequence: num(tree["tcp.seq_raw"]),
    acknowledgment: num(tree["tcp.ack_raw"]),
    dataOffset: num(tree["tcp.hdr_len"]) / 4,
    reserved: (num(tree["tcp.flags"]) >> 9) & 7, // by its name it is one bit
    ns: flag(flags["tcp.flags.ae"] ?? flags["tcp.flags.ns"]), // its name of today, and of old
    psh: flag(flags["tcp.flags.push"]),
    rst: flag(flags["tcp.flags.reset"]),
    ...Object.fromEntries(named),
    window: num(tree["tcp.window_size_value"]),
    checksum: num(tree["tcp.checksum"]),
    urgentPointer: num(tree["tcp.urgent_pointer"]),
    options: hex(tree["tcp.options"]),
  };
}

function vxlanOf(tree: Tree): Fields {
  const flags = tree["vxlan.flags_tree"] as Tree;
  return {
    validVni: flag(flags["vxlan.flag_i"]),
    policy: flag(flags["vxlan.flag_g"]),
    dontLearn: flag(flags["vxlan.flag_d"]),
    policyApplied: flag(flags["vxlan.flag_a"]),
    policyId: num(tree["vxlan.gbp"]),
    vni: num(tree["vxlan.vni"]),
    reservedFlags: num(flags["vxlan.flags_reserved"]),
    reserved: num(tree["vxlan.reserved8"]),
  };
}
