// The IP is known, the MAC is not: who has it?

import { parseHex } from "../../../core/index.ts";
import type { Scenario } from "../../scenario.ts";
import { answered, claim, same } from "../parts/claim.ts";
import { computer, plugged } from "../parts/computer.ts";
import { addressAt, macAt } from "../parts/entity.ts";
import { bytesOf, headerOf, hopAt, packetIn, packetsIn } from "../parts/find.ts";

const COMPUTERS = ["pc1", "pc2", "pc3"].map((name, at) =>
  computer({ name, address: `192.168.0.${at + 1}/24`, mac: `02:00:00:00:00:0${at + 1}` }),
);
const [ONE, TWO] = ["pc1:eth0", "pc2:eth0"];
const ASKS = { kind: "arp-request", from: ONE, to: TWO } as const;

function hexOf(address: string): string {
  const bytes = address.split(".").map((byte) => Number(byte).toString(16).padStart(2, "0"));
  return bytes.join("");
}

export const arp: Scenario = {
  slug: "arp",
  group: "basics",
  title: { en: "ARP", zh: "ARP" },
  promise: { en: "Everybody is asked, one answers.", zh: "问所有人，一个人答。" },
  network: { hosts: COMPUTERS, fabrics: [plugged("sw0", "switch", COMPUTERS)] },
  actions: [{ do: "ping", in: "pc1", to: "192.168.0.2", count: 2 }],
  assertions: [
    answered(ONE, TWO, 2),
    claim("the request, byte by byte", "询问，逐字节", (run) => {
      const hop = hopAt(run, packetIn(run, ASKS), { at: ONE });
      const mac = macAt(run, ONE).replaceAll(":", "");
      const [own, target] = [ONE, TWO].map((place) => hexOf(addressAt(run, place)));
      const fixed = "0001080006040001";
      const expected = `ffffffffffff${mac}0806${fixed}${mac}${own}000000000000${target}`;
      return same(bytesOf(run, hop), parseHex(expected), hop);
    }),
    claim("the answer goes to one MAC", "应答只给一个 MAC", (run) => {
      const packet = packetIn(run, { kind: "arp-reply", from: TWO, to: ONE });
      const hop = hopAt(run, packet, { at: TWO });
      const { operation } = headerOf(run, hop, "arp");
      return same([operation, headerOf(run, hop, "ethernet").dst], [2, macAt(run, ONE)], hop);
    }),
    claim("the second packet uses the table", "第二个包查表就行", (run) =>
      same(packetsIn(run, ASKS).length, 1),
    ),
    claim("the one that was asked has learned as well", "被问的一方也记住了", (run) => {
      const mac = macAt(run, ONE);
      return same(run.rows("pc2", "neigh").filter((row) => row.includes(mac)).length, 1);
    }),
    claim("who was not meant learns nothing (RFC 826)", "不相干的不记（RFC 826）", (run) => {
      const heard = hopAt(run, packetIn(run, ASKS), { at: "pc3" });
      return same([heard.verdict, run.rows("pc3", "neigh").length], ["arp-ignore", 0], heard);
    }),
  ],
};
