// A hub repeats: whom a frame is for is the cards' business, and so is whether it came unharmed.
import type { Scenario } from "../../scenario.ts";
import type { NetworkSpec } from "../../spec/network.ts";
import { answered, claim, printed, same } from "../parts/claim.ts";
import { computer, plugged } from "../parts/computer.ts";
import { hopAt, hopsAt, packetIn, packetsIn } from "../parts/find.ts";

const COMPUTERS = ["pc1", "pc2", "pc3", "pc4"].map((name, at) =>
  computer({ name, address: `192.168.0.${at + 1}/24`, mac: `02:00:00:00:00:0${at + 1}` }),
);

const network: NetworkSpec = {
  hosts: COMPUTERS,
  fabrics: [plugged("hub0", "hub", COMPUTERS)],
};

const [ONE, TWO] = ["pc1:eth0", "pc2:eth0"];
const REQUEST = { kind: "echo-request", from: ONE, to: TWO } as const;

export const hub: Scenario = {
  slug: "hub",
  group: "basics",
  title: { en: "Hub", zh: "集线器" },
  promise: {
    en: "One frame in, a copy out of every other port.",
    zh: "进一个帧，其余每个口出一份。",
  },
  network,
  actions: [{ do: "ping", in: "pc1", to: "192.168.0.2" }],
  assertions: [
    answered(ONE, TWO),
    claim("one frame in, one copy for each other port", "一个进，其余口各一份", (run) => {
      const hop = hopAt(run, packetIn(run, REQUEST), { verdict: "hub" });
      return same(hop.out.length, run.network.hosts.length - 1, hop);
    }),
    claim("the cards of the others refuse it", "其他网卡不收", (run) => {
      const dropped = hopsAt(run, packetIn(run, REQUEST), { verdict: "drop-mac" });
      return same(dropped.map(({ namespace }) => namespace).sort(), ["pc3", "pc4"]);
    }),
    claim("a broadcast is for all of them", "广播人人都收", (run) => {
      const hops = run.hops(packetIn(run, { kind: "arp-request", from: ONE }));
      return same(hops.filter(({ verdict }) => verdict === "drop-mac").length, 0);
    }),
  ],
  compareWith: "switch",
};

const FLIPPED = 3; // the ARP request and its answer come first

export const crc: Scenario = {
  slug: "crc",
  group: "basics",
  title: { en: "Frame check sequence", zh: "帧校验" },
  promise: { en: "One flipped bit, and the card drops the frame.", zh: "翻一位，网卡就丢。" },
  network: {
    ...network,
    fabrics: [{ ...plugged("hub0", "hub", COMPUTERS), link: { at: { corrupt: [FLIPPED] } } }],
  },
  actions: [{ do: "ping", in: "pc1", to: "192.168.0.2", count: 2 }],
  assertions: [
    claim("CRC-32 does not match, and the frame is dropped", "CRC-32 不符，帧被丢", (run) => {
      const [first] = packetsIn(run, REQUEST);
      return same(first?.outcome, "drop-fcs");
    }),
    claim("no card believes the frame", "没有网卡相信这个帧", (run) => {
      const [first] = packetsIn(run, REQUEST);
      const delivered = first && hopsAt(run, first, { verdict: "deliver" });
      return same(delivered?.length, 0);
    }),
    claim("the next one arrives", "下一个到了", (run) => {
      const [, second] = packetsIn(run, REQUEST);
      return same(second?.outcome, "deliver");
    }),
    claim("ping counts one lost", "ping 数出丢了一个", printed("pc1", "2 packets transmitted, 1 ")),
  ],
};
