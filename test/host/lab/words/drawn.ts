// Entries and rules as fast-check draws them: what a kernel would take from an operator.
import fc from "fast-check";
import { network, printIpv4, printMac, printPrefix } from "../../../../bindings/core/index.ts";
import type { FdbWords } from "../../../../bindings/lab/words/fdb.ts";
import type { NeighborWords } from "../../../../bindings/lab/words/neighbor.ts";
import type { Ports } from "../../../../bindings/lab/words/ports.ts";
import type { RouteWords } from "../../../../bindings/lab/words/route.ts";
import type { Match, Question, RuleWords, Target } from "../../../../bindings/lab/words/rule.ts";

const maybe = <T>(some: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(some, { nil: null });

export const address: fc.Arbitrary<string> = fc
  .integer({ min: 0x0b000000, max: 0x7effffff })
  .map(printIpv4);

export const prefix: fc.Arbitrary<string> = fc
  .record({ address: fc.integer({ min: 0x0b000000, max: 0x7effffff }), len: fc.nat(32) })
  .map(({ address, len }) => printPrefix({ address: network({ address, len }), len }));

/** One station's, and local. */
export const mac: fc.Arbitrary<string> = fc
  .integer({ min: 0, max: 2 ** 40 - 1 })
  .map((rest) => printMac(rest * 256 + 0x02));

/** Routes by a device that is up and has `gateways` on its link. */
export function routeBy(device: string, gateways: fc.Arbitrary<string>): fc.Arbitrary<RouteWords> {
  const forwarding = fc.record({
    type: fc.constant("unicast" as const),
    prefix,
    gateway: maybe(gateways),
    device: fc.constant(device),
    proto: fc.constantFrom("boot", "static", "bird", "kernel", "bgp"),
    scope: fc.constantFrom("global" as const, "link" as const),
    src: fc.constant(null),
    metric: maybe(fc.integer({ min: 1, max: 5000 })),
    isOnLink: fc.boolean(),
    isLinkDown: fc.constant(false),
    mtu: maybe(fc.integer({ min: 600, max: 1500 })),
  });
  // A next hop is reached over a narrower scope, and without one nothing can be "on link".
  return forwarding.map((route) =>
    route.gateway === null ? { ...route, isOnLink: false } : { ...route, scope: "global" },
  );
}

export const refusing: fc.Arbitrary<RouteWords> = fc
  .record({
    type: fc.constantFrom("unreachable" as const, "blackhole" as const, "prohibit" as const),
    prefix,
    metric: maybe(fc.integer({ min: 1, max: 5000 })),
  })
  .map((route) => ({
    ...route,
    gateway: null,
    device: null,
    proto: "boot",
    scope: "global",
    src: null,
    isOnLink: false,
    isLinkDown: false,
    mtu: null,
  }));

export function neighborOn(device: string): fc.Arbitrary<NeighborWords> {
  return fc.record({
    address,
    device: fc.constant(device),
    mac,
    state: fc.constantFrom("permanent" as const, "reachable" as const, "stale" as const),
    isProxy: fc.constant(false),
  });
}

/** Entries of a VTEP; `via` names a device of the same namespace. */
export function remoteOf(device: string, via: string): fc.Arbitrary<FdbWords> {
  return fc.record({
    mac,
    device: fc.constant(device),
    dst: address,
    port: maybe(fc.integer({ min: 1, max: 0xffff }).filter((port) => port !== 8472)),
    vni: maybe(fc.integer({ min: 2, max: 0xffffff })),
    via: maybe(fc.constant(via)),
    of: fc.constant("self" as const),
    bridge: fc.constant(null),
    state: fc.constantFrom("permanent" as const, "static" as const, "dynamic" as const),
    isExternLearn: fc.constant(false),
    nsid: fc.constant(null),
  });
}

// Neither end is the last there is: iptables-nft turns such a range that is negated inside out.
const port = fc.integer({ min: 1, max: 0xfffe });
const ports: fc.Arbitrary<Ports> = fc
  .tuple(port, port)
  .map(([a, b]): Ports => [Math.min(a, b), Math.max(a, b)]);

const FLOWS = ["INVALID", "NEW", "RELATED", "ESTABLISHED", "UNTRACKED"] as const;
const ADDRESS_TYPES = ["UNICAST", "LOCAL", "BROADCAST", "MULTICAST"] as const;

// In the order in which iptables prints what every rule can ask.
const plain: readonly fc.Arbitrary<Question>[] = [
  fc.record({ on: fc.constant("source" as const), prefix: prefix.filter(isNarrow) }),
  fc.record({ on: fc.constant("destination" as const), prefix: prefix.filter(isNarrow) }),
  fc.record({ on: fc.constant("in" as const), device: fc.constantFrom("eth0", "veth+") }),
  fc.record({ on: fc.constant("out" as const), device: fc.constantFrom("docker0", "flannel.1") }),
];

const portQuestion = (module: "tcp" | "udp"): fc.Arbitrary<Question> =>
  fc.record({
    on: fc.constantFrom("sport" as const, "dport" as const),
    module: fc.constant(module),
    ports,
  });

const lists: fc.Arbitrary<Question> = fc.record({
  on: fc.constantFrom("sports" as const, "dports" as const, "ports" as const),
  list: fc.array(ports, { minLength: 1, maxLength: 4 }),
});

const icmp: fc.Arbitrary<Question> = fc.record({
  on: fc.constant("icmp-type" as const),
  type: fc.constantFrom(0, 3, 8, 11),
  code: maybe(fc.nat(15)),
});

const extensions: readonly fc.Arbitrary<Question>[] = [
  fc.record({
    on: fc.constantFrom("src-type" as const, "dst-type" as const),
    types: fc.subarray([...ADDRESS_TYPES], { minLength: 1 }),
  }),
  fc.record({
    on: fc.constantFrom("ctstate" as const, "state" as const),
    states: fc.subarray([...FLOWS], { minLength: 1 }),
  }),
  fc.record({
    on: fc.constant("mark" as const),
    value: fc.nat(0xffff),
    mask: fc.constantFrom(0xffff, 0xffffffff),
  }),
];

const comment: fc.Arbitrary<Question> = fc.record({
  on: fc.constant("comment" as const),
  text: fc.constantFrom(
    "plain",
    "flanneld masq",
    'say "x"',
    "a/b",
    "it's",
    "back\\slash",
    "-j DROP",
  ),
});

const negatable = (some: fc.Arbitrary<Question>): fc.Arbitrary<Match> =>
  fc.record({ question: some, isNegated: fc.boolean() }).map(({ question, isNegated }) => ({
    ...question,
    isNegated: isNegated && isDeniable(question),
  }));

function isDeniable({ on }: Question): boolean {
  return on !== "comment";
}

function isNarrow(text: string): boolean {
  return text !== "0.0.0.0/0";
}

/** What a protocol has of its own, behind `-p`. */
const about: fc.Arbitrary<readonly Match[]> = fc
  .constantFrom("tcp" as const, "udp" as const, "icmp" as const)
  .chain((protocol) => {
    const asked: Match = { on: "protocol", protocol, isNegated: false };
    const more =
      protocol === "icmp"
        ? [negatable(icmp)]
        : [negatable(portQuestion(protocol)), negatable(lists)];
    return fc.tuple(...more.map((some) => maybe(some))).map((some) => [asked, ...there(some)]);
  });

function there<T>(some: readonly (T | null)[]): T[] {
  return some.filter((one): one is NonNullable<typeof one> => one !== null);
}

const plainMatches = fc.tuple(...plain.map((some) => maybe(negatable(some)))).map(there);
const extended = fc.tuple(...extensions.map((some) => maybe(negatable(some)))).map(there);

const targets: fc.Arbitrary<Target | null> = fc.oneof(
  fc.constant(null),
  fc.record({ do: fc.constantFrom("ACCEPT" as const, "DROP" as const, "RETURN" as const) }),
  fc.constant({ do: "REJECT" as const, with: "icmp-port-unreachable" }),
  fc.record({ do: fc.constant("LOG" as const), prefix: maybe(fc.constant("a b: ")) }),
  fc.record({
    do: fc.constantFrom("jump" as const, "goto" as const),
    chain: fc.constant("DOCKER"),
  }),
);

/** Rules of any forwarding chain. */
export const rule: fc.Arbitrary<RuleWords> = fc
  .record({
    plain: plainMatches,
    about: fc.option(about, { nil: [] }),
    extended,
    comment: maybe(negatable(comment)),
    target: targets,
  })
  .map(({ plain, about, extended, comment, target }) => ({
    matches: [...plain, ...about, ...extended, ...there([comment])],
    target,
  }));

/** Rules of nat's POSTROUTING that rewrite a source; ports are for protocols that have some. */
export const rewriting: fc.Arbitrary<RuleWords> = fc
  .record({
    matches: plainMatches.map((matches) => matches.filter(({ on }) => on !== "in")),
    target: fc.oneof(
      fc.record({
        do: fc.constant("MASQUERADE" as const),
        ports: fc.constant(null),
        isRandom: fc.boolean(),
      }),
      fc.record({
        do: fc.constant("SNAT" as const),
        address,
        ports: fc.constant(null),
        isRandom: fc.boolean(),
      }),
    ),
  })
  .map(({ matches, target }) => ({ matches, target }));

/** Rules of nat's PREROUTING that rewrite a destination. */
export const publishing: fc.Arbitrary<RuleWords> = fc
  .record({ port: fc.nat(0xffff), address, to: fc.integer({ min: 1, max: 0xffff }) })
  .map(({ port, address, to }) => ({
    matches: [
      { on: "in", device: "docker0", isNegated: true },
      { on: "protocol", protocol: "tcp", isNegated: false },
      { on: "dport", module: "tcp", ports: [port, port], isNegated: false },
    ],
    target: { do: "DNAT", address, ports: [to, to] },
  }));
