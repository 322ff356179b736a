import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCommand } from "../../../../bindings/lab/words/command.ts";
import { Refusal } from "../../../../bindings/lab/words/refusal.ts";
import { parseRoute } from "../../../../bindings/lab/words/route.ts";
import { DEVICES, REFUSED } from "./refused.ts";

for (const [line, words] of REFUSED) {
  test(`refused: ${line}`, () => {
    assert.throws(
      () => parseCommand(line, { devices: DEVICES }),
      (error) => error instanceof Refusal && error.message === words,
    );
  });
}

const SAME: readonly (readonly [line: string, longer: string])[] = [
  ["sudo ip r d 10.1.16.0/24", "ip route del 10.1.16.0/24"],
  ["/sbin/ip -4 ro a 10.8/16 dev eth0", "ip route add 10.8.0.0/16 dev eth0"],
  [
    "ip n a 10.1.1.1 ll 0:1:2:3:4:5 dev eth0 nud perm",
    "ip neighbour add 10.1.1.1 lladdr 00:01:02:03:04:05 dev eth0",
  ],
  ["ip a a 10.0.0.1/24 dev eth0 brd +", "ip address add 10.0.0.1/24 broadcast 10.0.0.255 dev eth0"],
  ["ip l s dev eth0 down", "ip link set eth0 down"],
  [
    "bridge f ap 5e:f8:4f:00:e3:37 dev flannel.1 dst 10.168.0.4",
    "bridge fdb append 5E:F8:4F:00:E3:37 dst 10.168.0.4 dev flannel.1 self permanent",
  ],
  [
    "iptables -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE -t nat",
    "iptables -w 5 --table nat --append POSTROUTING --source 172.17.0.9/255.255.0.0 " +
      "! --out-interface docker0 --jump MASQUERADE",
  ],
  ["iptables -I FORWARD -j DROP", "iptables --insert FORWARD 1 -j DROP"],
  [
    "iptables -p udp -A INPUT --dport 53 -j ACCEPT",
    "iptables -A INPUT -m udp -p udp --dport 53 -j ACCEPT",
  ],
  ["echo 1 > /proc/sys/net/ipv4/ip_forward", "sysctl -w net.ipv4.ip_forward=1"],
  ["echo 0 >/proc/sys/net/ipv4/conf/all/rp_filter", "sysctl net/ipv4/conf/all/rp_filter = 0"],
  ["ip r", "ip route show"],
  ["ip neigh ls dev eth0", "ip neighbor show dev eth0"],
];

for (const [line, longer] of SAME) {
  test(`${line} is ${longer}`, () => {
    const command = parseCommand(line, { devices: DEVICES });
    assert.deepEqual(command, parseCommand(longer, { devices: DEVICES }));
  });
}

test("what is deleted is known only in part", () => {
  const command = parseCommand("ip route del 10.1.16.0/24");
  assert.ok(command.of === "route" && "route" in command);
  const { proto, scope, gateway, device } = command.route;
  assert.deepEqual(
    { proto, scope, gateway, device },
    {
      proto: null,
      scope: null,
      gateway: null,
      device: null,
    },
  );
});

test("what is added is known in full", () => {
  const command = parseCommand("ip route add 10.1.16.0/24 dev eth0");
  assert.ok(command.of === "route" && "route" in command);
  assert.deepEqual(command.route, parseRoute("10.1.16.0/24 dev eth0 proto boot scope link"));
});

test("a comment may look like anything", () => {
  const line = `iptables -A FORWARD -m comment --comment "-t nat -A 'X'" -j ACCEPT`;
  const command = parseCommand(line);
  assert.ok(command.of === "rule" && command.verb === "append");
  assert.deepEqual(command.rule.matches, [
    { on: "comment", text: "-t nat -A 'X'", isNegated: false },
  ]);
});

test("a rule is deleted by its words or its number", () => {
  const byNumber = parseCommand("iptables -t nat -D POSTROUTING 2");
  assert.deepEqual(byNumber, {
    of: "rule",
    table: "nat",
    verb: "delete-number",
    chain: "POSTROUTING",
    number: 2,
  });
  const byWords = parseCommand("iptables -D FORWARD -j DROP");
  assert.ok(byWords.of === "rule" && byWords.verb === "delete");
});
