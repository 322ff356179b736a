// Who gets which subnet: nodes that ask the store one after another, and what they leave behind.
import { parseIpv4, parseNetwork, parsePrefix, printIpv4 } from "../../../core/index.ts";
import type { Action, Run, Scenario } from "../../scenario.ts";
import type { HostSpec, NetworkSpec } from "../../spec/network.ts";
import { claim, same } from "../parts/claim.ts";
import { addressAt } from "../parts/entity.ts";

interface SiteInit {
  readonly config: string;
  readonly api: "v2" | "v3";
  /** "192.168.11.0": nodes have the addresses behind it. */
  readonly base: string;
  readonly card: string;
  readonly nodes: readonly string[];
}

const KEY = "/coreos.com/network/config";

/** Nodes on one switch, and a store that knows the config alone. */
function siteOf({ config, api, base, card, nodes }: SiteInit): NetworkSpec {
  const hosts = nodes.map(
    (name, at): HostSpec => ({
      name,
      namespaces: [
        {
          name,
          kind: "host",
          devices: [
            { kind: "nic", name: card, addresses: [`${printIpv4(parseIpv4(base) + at + 1)}/24`] },
          ],
        },
      ],
    }),
  );
  return {
    hosts,
    fabrics: [{ name: "sw0", kind: "switch", ports: nodes.map((name) => `${name}:${card}`) }],
    store: { api, entries: [{ key: KEY, value: config }] },
  };
}

/** The subnets that nodes have taken, by node, at the end. */
function leasesOf(run: Run): ReadonlyMap<string, string> {
  const hosts = run.network.hosts.map(({ name }) => name);
  const taken = hosts.flatMap((name): [string, string][] => {
    const [row] = run.rows(name, "lease");
    return row === undefined ? [] : [[name, row.split(" ")[0] ?? ""]];
  });
  return new Map(taken);
}

function configOf(run: Run): Readonly<Record<string, string>> {
  return JSON.parse(run.network.store?.entries[0]?.value ?? "{}");
}

/** The subnets from one address to another, both included. */
function subnetsFrom(first: string, last: string, len: number): string[] {
  const step = 2 ** (32 - len);
  const [start, end] = [parseIpv4(first), parseIpv4(last)];
  const count = (end - start) / step + 1;
  return Array.from({ length: count }, (_, at) => `${printIpv4(start + at * step)}/${len}`);
}

const WINDOW_COUNT = 20;
const HOSTS = Array.from({ length: WINDOW_COUNT + 1 }, (_, at) => `host${at + 1}`);
const WINDOW =
  '{"Network": "10.2.0.0/16", "SubnetLen": 24, "SubnetMin": "10.2.1.0",' +
  ' "SubnetMax": "10.2.20.0", "Backend": {"Type": "vxlan"}}';

function flanneld(node: string, card: string): Action {
  return { do: "command", in: node, command: `flanneld -iface=${card}` };
}

export const subnetMinMax: Scenario = {
  slug: "subnet-min-max",
  group: "control",
  title: { en: "SubnetMin and SubnetMax", zh: "SubnetMin 与 SubnetMax" },
  promise: {
    en: "Twenty hosts fit, and the next one does not.",
    zh: "放得下二十台，再来一台不行。",
  },
  network: siteOf({
    ...{ config: WINDOW, api: "v3", base: "192.168.11.0", card: "ens33", nodes: HOSTS },
  }),
  actions: [
    ...HOSTS.map((node, at) => ({
      ...flanneld(node, "ens33"),
      ...(at === WINDOW_COUNT && { refusedWith: "out of subnets" }),
    })),
    { do: "ping", in: "host1", to: "192.168.11.2" },
  ],
  assertions: [
    claim("they have every subnet of the window, each once", "窗口里每个子网各分出一次", (run) => {
      const { SubnetMin = "", SubnetMax = "", SubnetLen = "" } = configOf(run);
      const taken = [...leasesOf(run).values()];
      const all = subnetsFrom(SubnetMin, SubnetMax, Number(SubnetLen));
      return same(taken.sort(byAddress), all);
    }),
    claim("the last host has none", "最后一台没分到", (run) => {
      const leases = leasesOf(run);
      const without = run.network.hosts.filter(({ name }) => !leases.has(name));
      return same(
        without.map(({ name }) => name),
        [run.network.hosts.at(-1)?.name],
      );
    }),
  ],
  errata: [
    {
      id: "E7",
      says: { en: "default backend: udp (docs: vxlan)", zh: "默认 udp（文档写 vxlan）" },
      shows: { en: 'the code returns "udp"', zh: '代码返回 "udp"' },
      proof: () => null,
    },
  ],
};

function byAddress(a: string, b: string): number {
  return parsePrefix(a).address - parsePrefix(b).address;
}

const NODES = ["node01", "node02"];
const DEFAULTS = '{ "Network": "10.5.0.0/16", "Backend": {"Type": "vxlan"}}';
const SITE = { config: DEFAULTS, base: "192.168.99.107", card: "eth1", nodes: NODES } as const;
const CANDIDATES = 100;

/** What a program printed the nth time. */
function outputOf(run: Run, node: string, program: string, nth = 0): string {
  const texts = run.trace.outputs.filter(
    ({ namespace, command }) => namespace === node && command.startsWith(program),
  );
  return texts[nth]?.text ?? "";
}

export const leaseAcquire: Scenario = {
  slug: "lease-acquire",
  group: "control",
  title: { en: "A subnet for each host", zh: "每台主机一个子网" },
  promise: {
    en: "Drawn from the lowest hundred, and kept by who has it.",
    zh: "从最低的一百个里抽，抽到就一直用。",
  },
  network: siteOf({ ...SITE, api: "v2" }),
  actions: [
    ...[...NODES, NODES[0] ?? ""].map((node) => flanneld(node, SITE.card)),
    { do: "ping", in: NODES[0] ?? "", to: "192.168.99.109" },
  ],
  assertions: [
    claim("nobody has the first subnet, and both have low ones", "第一个子网不给人", (run) => {
      const { address, len } = parseNetwork(configOf(run).Network ?? "");
      const places = [...leasesOf(run).values()].map(
        (subnet) => (parsePrefix(subnet).address - address) / 2 ** (32 - Math.max(24, len + 2)),
      );
      const isLow = places.every((place) => place >= 1 && place <= CANDIDATES + 1);
      return { isHeld: isLow && new Set(places).size === NODES.length, found: places.join(", ") };
    }),
    claim("whoever comes again keeps what it has", "再来一次，拿到原来的子网", (run) => {
      const [node = ""] = NODES;
      const [first, again] = [0, 1].map((nth) => outputOf(run, node, "flanneld", nth));
      const subnet = leasesOf(run).get(node) ?? "none";
      const isKept = again?.includes("reusing") && again.includes(subnet);
      return { isHeld: isKept === true && first?.includes(subnet) === true, found: again ?? "" };
    }),
    claim("a lease is for the address of the card", "租约记的是网卡的地址", (run) => {
      const rows = NODES.flatMap((node) => run.rows(node, "lease").map((row) => row.split(" ")[1]));
      return same(
        rows,
        NODES.map((node) => addressAt(run, `${node}:${SITE.card}`)),
      );
    }),
  ],
};

const SUBNET_FILE = "/run/flannel/subnet.env";
const [NODE = ""] = NODES;

export const subnetFile: Scenario = {
  slug: "subnet-env",
  group: "control",
  title: { en: "subnet.env", zh: "subnet.env" },
  promise: {
    en: "From a lease to docker's options: two masquerades, one of them on.",
    zh: "从租约到 Docker 的参数：两处 MASQUERADE 只开一处。",
  },
  network: siteOf({ ...SITE, api: "v2" }),
  actions: [
    flanneld(NODE, SITE.card),
    { do: "command", in: NODE, command: `cat ${SUBNET_FILE}` },
    { do: "command", in: NODE, command: "mk-docker-opts.sh -c" },
    { do: "ping", in: NODE, to: "192.168.99.109" },
  ],
  assertions: [
    claim("the file has the subnet's first address", "文件里是子网的第一个地址", (run) => {
      const first = firstAddress(leasesOf(run).get(NODE) ?? "");
      const [, found] = /^FLANNEL_SUBNET=(.*)$/m.exec(outputOf(run, NODE, "cat")) ?? [];
      return same(found ?? "", first);
    }),
    claim(
      "docker gets that address, and the card's MTU less 50",
      "Docker 拿到地址和 MTU",
      (run) => {
        const first = firstAddress(leasesOf(run).get(NODE) ?? "");
        const mtu = run.network.hosts[0]?.namespaces[0]?.devices[0]?.mtu ?? 1500;
        const [, bip, length] =
          /--bip=(\S+) .*--mtu=(\d+)/.exec(outputOf(run, NODE, "mk-docker-opts")) ?? [];
        return same([bip, length], [first, String(mtu - 50)]);
      },
    ),
    claim("who of the two masquerades is the other one", "谁做 MASQUERADE，两边相反", (run) => {
      const [, flannel] = /FLANNEL_IPMASQ=(\w+)/.exec(outputOf(run, NODE, "cat")) ?? [];
      const [, docker] = /--ip-masq=(\w+)/.exec(outputOf(run, NODE, "mk-docker-opts")) ?? [];
      return same(docker ?? "", String(flannel !== "true"));
    }),
  ],
};

function firstAddress(subnet: string): string {
  const { address, len } = parsePrefix(subnet);
  return `${printIpv4(address + 1)}/${len}`;
}
