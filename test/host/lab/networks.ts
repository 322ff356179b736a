// Networks as large as one likes, for tests.
import type { Action, Scenario } from "../../../bindings/lab/scenario.ts";
import {
  type FlannelNode,
  joined,
  vxlanHost,
} from "../../../bindings/lab/scenarios/flannel/site.ts";

const WORDS = { en: "many", zh: "many" };

function nodeOf(at: number): FlannelNode {
  const [high, low] = [Math.floor(at / 200), (at % 200) + 1];
  const octets = [0x5e, 0, 0, 0, high, low].map((byte) => byte.toString(16).padStart(2, "0"));
  return {
    name: `node${at}`,
    card: `10.168.${high}.${low}/16`,
    bridge: `10.${high + 1}.${low}.1/24`,
    vtepMac: octets.join(":"),
    containers: [{ name: `c${at}`, address: `10.${high + 1}.${low}.2/24`, port: `veth${at}` }],
  };
}

/** Hosts on one switch, every container pinging the next host's. */
export function manyHosts(count: number, pings: number): Scenario {
  const nodes = Array.from({ length: count }, (_, at) => nodeOf(at));
  const actions = nodes.map((_, at): Action => {
    const [to] = nodes[(at + 1) % count]?.containers ?? [];
    const address = to?.address.split("/")[0] ?? "";
    return { do: "ping", in: `c${at}`, to: address, count: pings, atMs: at };
  });
  return {
    slug: "many",
    group: "drills",
    title: WORDS,
    promise: WORDS,
    network: joined(
      nodes.map((node) =>
        vxlanHost(
          node,
          nodes.filter((each) => each !== node),
        ),
      ),
    ),
    actions,
    assertions: [],
  };
}
