// Which chains of the host a packet passes, as iptables' TRACE says.
import type { Run, Scenario } from "../../scenario.ts";
import type { HostSpec, NamespaceSpec, NetworkSpec } from "../../spec/network.ts";
import { claim, same } from "../parts/claim.ts";
import { hopAt, packetIn } from "../parts/find.ts";
import { dockerHost } from "./bridge.ts";

const TRACE = ["-t raw -A OUTPUT -p icmp -j TRACE", "-t raw -A PREROUTING -p icmp -j TRACE"];
const SWITCH = "net.bridge.bridge-nf-call-iptables";

function traced(isBridgeFiltered: boolean, iptables?: NamespaceSpec["iptables"]): NetworkSpec {
  const host = dockerHost(["c1", "c2"]);
  const [own, ...others] = host.namespaces;
  if (own === undefined) throw new Error("a host has a namespace");
  const rules = [...(own.rules ?? []), ...TRACE, "-t filter -P FORWARD ACCEPT"];
  const sysctls = { "net.ipv4.ip_forward": 1, [SWITCH]: isBridgeFiltered ? 1 : 0 };
  const traceable = { ...own, rules, sysctls, ...(iptables && { iptables }) };
  const hosts: HostSpec[] = [{ ...host, namespaces: [traceable, ...others] }];
  return { hosts, fabrics: [] };
}

/** The chains that TRACE names while the first packet of a kind travels. */
function chainsOf(run: Run, kind: "echo-request" | "echo-reply"): string[] {
  const said = run.hops(packetIn(run, { kind })).flatMap((hop) => hop.said);
  const named = said.flatMap((line) => /\b(raw|nat|filter|mangle):([A-Z]+)/.exec(line)?.[0] ?? []);
  return [...new Set(named)];
}

export const traceIptables: Scenario = {
  slug: "trace-iptables",
  group: "docker",
  title: { en: "TRACE", zh: "TRACE" },
  promise: { en: "Which chains see a packet between containers?", zh: "容器之间的包经过哪些链？" },
  network: traced(true),
  actions: [{ do: "ping", in: "c1", to: "172.17.0.3" }],
  assertions: [
    claim("the request passes raw, filter and nat", "请求经过 raw、filter、nat", (run) =>
      same(chainsOf(run, "echo-request"), ["raw:PREROUTING", "filter:FORWARD", "nat:POSTROUTING"]),
    ),
    claim("the reply does not ask nat again", "回应不再问 nat", (run) =>
      same(chainsOf(run, "echo-reply"), ["raw:PREROUTING", "filter:FORWARD"]),
    ),
  ],
  variants: {
    off: {
      title: { en: `${SWITCH} off`, zh: `${SWITCH} 关` },
      network: traced(false),
      assertions: [
        claim("not a line", "一行也没有", (run) => {
          const hop = hopAt(run, packetIn(run, { kind: "echo-request" }), { at: "c2" });
          return same(
            [hop.verdict, ...run.trace.hops.flatMap(({ said }) => said)],
            ["deliver"],
            hop,
          );
        }),
      ],
    },
    legacy: {
      title: { en: "iptables-legacy", zh: "iptables-legacy" },
      network: traced(true, "legacy"),
      assertions: [
        claim(
          "the kernel's log has rule numbers and the packet",
          "内核日志有规则号和整个包",
          (run) => {
            const packet = packetIn(run, { kind: "echo-request" });
            const [first = ""] = run.hops(packet).flatMap(({ said }) => said);
            const words = ["TRACE: raw:PREROUTING:policy:2 IN=docker0 OUT=", `SRC=${packet.from}`];
            const isWhole = [...words, `DST=${packet.to}`, "TYPE=8"].every((each) =>
              first.includes(each),
            );
            return { isHeld: isWhole, found: first };
          },
        ),
      ],
    },
    outside: {
      title: { en: "container to the bridge's address", zh: "容器到网桥地址" },
      network: traced(false),
      actions: [{ do: "ping", in: "c1", to: "172.17.0.1" }],
      assertions: [
        claim("what is routed passes the chains in any case", "走路由的总会经过链", (run) =>
          same(chainsOf(run, "echo-request").includes("raw:PREROUTING"), true),
        ),
      ],
    },
  },
  errata: [
    {
      id: "E17",
      says: { en: "TRACE is in /var/log/syslog", zh: "TRACE 在 /var/log/syslog 里" },
      shows: {
        en: "iptables-nft writes it to xtables-monitor; between containers only with the sysctl",
        zh: "iptables-nft 写到 xtables-monitor；容器之间还要开 sysctl",
      },
      proof: () => null,
    },
  ],
};
