// A switch learns which MAC is behind which port, and forgets it again.
import type { Action, Run, Scenario } from "../../scenario.ts";
import type { Packet } from "../../trace/trace.ts";
import { claim, same } from "../parts/claim.ts";
import { computer, plugged } from "../parts/computer.ts";
import { macAt } from "../parts/entity.ts";
import { headerOf, hopAt, lastHop } from "../parts/find.ts";

const COMPUTERS = ["pc1", "pc2", "pc3"].map((name, at) =>
  computer({ name, address: `192.168.0.${at + 1}/24`, mac: `02:00:00:00:00:0${at + 1}` }),
);
const MACS = ["02:00:00:00:00:01", "02:00:00:00:00:02", "02:00:00:00:00:03"] as const;
const GROUP = "01:00:5e:00:00:05";
const AGE_MS = 300_000;

/** A datagram by one computer's card, with any source. */
function frame(from: string, src: string, dst: string): Action {
  return {
    do: "frame",
    in: from,
    device: "eth0",
    frame: [
      { layer: "ethernet", fields: { dst, src } },
      { layer: "ipv4", fields: { src: "192.168.0.1", dst: "192.168.0.2", ttl: 64, id: 1 } },
      { layer: "udp", fields: { srcPort: 40000, dstPort: 9 } },
    ],
  };
}

/** One of the frames that actions sent, one after the other. */
function frameIn(run: Run, nth: number): Packet {
  const frames = run.trace.packets.filter(({ kind, line }) => kind === "udp" && line === "main");
  const packet = frames[nth];
  if (packet === undefined) throw new Error(`no frame ${nth}`);
  return packet;
}

/** What the switch did with it. */
function decides(nth: number, en: string, zh: string, verdict: string): Scenario["assertions"][0] {
  return claim(en, zh, (run) => {
    const hop = hopAt(run, frameIn(run, nth), { at: "sw0" });
    return same(hop.verdict, verdict, hop);
  });
}

export const learningSwitch: Scenario = {
  slug: "switch",
  group: "basics",
  title: { en: "Switch", zh: "交换机" },
  promise: { en: "It learns, it forgets, it never sends back.", zh: "会学，会忘，从不发回来处。" },
  network: { hosts: COMPUTERS, fabrics: [plugged("sw0", "switch", COMPUTERS)] },
  actions: [
    frame("pc1", MACS[0], MACS[1]),
    frame("pc2", MACS[1], MACS[0]),
    frame("pc1", MACS[0], MACS[1]),
    frame("pc3", MACS[0], MACS[1]),
    frame("pc2", MACS[1], MACS[0]),
    frame("pc2", MACS[2], MACS[1]),
    frame("pc1", GROUP, MACS[1]),
    { do: "wait", in: "pc1", forMs: AGE_MS + 1000 },
    frame("pc1", MACS[0], MACS[1]),
  ],
  assertions: [
    decides(0, "who is unknown is flooded for", "不认识就泛洪", "flood"),
    decides(1, "who has spoken is found", "说过话的找得到", "bridge"),
    decides(2, "both have spoken now", "现在两个都认识", "bridge"),
    claim("a station that moves is found at its new port", "搬家以后在新口找到", (run) => {
      const reached = lastHop(run, frameIn(run, 4));
      return same(reached.namespace, "pc3", reached);
    }),
    decides(5, "never back out of the port it came in by", "从不发回来的那个口", "drop-same-port"),
    claim("a group is never learned as a source", "组播地址不会当源学到", (run) => {
      const hop = hopAt(run, frameIn(run, 6), { at: "sw0" });
      const { src } = headerOf(run, hop, "ethernet");
      const learned = run.rows("sw0", "fdb").filter((row) => row.startsWith(src));
      return same([src, hop.verdict, learned.length], [GROUP, "drop-mac", 0], hop);
    }),
    decides(7, "after 300 s of silence it floods again", "静默 300 秒后又泛洪", "flood"),
    claim("the table holds who spoke last", "表里是最后说话的", (run) => {
      const mac = macAt(run, "pc1:eth0");
      return same(run.rows("sw0", "fdb").filter((row) => row.startsWith(mac)).length, 1);
    }),
  ],
  compareWith: "hub",
};
