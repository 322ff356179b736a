import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeIcmpError, start } from "../../../../bindings/lab/programs/index.ts";
import { B, core, fieldsOf, wire } from "./wire.ts";

const ROUTERS = ["10.2.20.1", null, "10.2.12.0"];
const trace = { do: "traceroute", in: "a", to: B } as const;

/** Routers by their TTL; null says nothing. */
function routed(packet: Uint8Array): readonly Uint8Array[] {
  const router = ROUTERS[fieldsOf(packet, "ipv4").ttl - 1];
  if (router === undefined) return [packet];
  const exceeded = router && { type: 11, code: 0, src: router, id: 1 };
  const answer = exceeded && encodeIcmpError(core, packet, exceeded);
  return answer ? [answer] : [];
}

test("the package prints addresses, stars and one time for each probe", () => {
  const { clock, a } = wire({ between: routed });
  start(a.programs, { ...trace, probes: 2 });
  clock.run();
  assert.deepEqual(a.printed[0], {
    command: `traceroute -n -N 1 -q 2 ${B}`,
    exitCode: 0,
    text: [
      `traceroute to ${B} (${B}), 30 hops max, 60 byte packets`,
      " 1  10.2.20.1  0.125 ms  0.125 ms",
      " 2  * *",
      " 3  10.2.12.0  0.125 ms  0.125 ms",
      ` 4  ${B}  0.250 ms  0.250 ms`,
      "",
    ].join("\n"),
  });
  const ports = a.sent.map(({ packet }) => fieldsOf(packet, "udp").dstPort);
  assert.deepEqual(ports, [33434, 33435, 33436, 33437, 33438, 33439, 33440, 33441]);
  const ttls = a.sent.map(({ packet }) => fieldsOf(packet, "ipv4").ttl);
  assert.deepEqual(ttls, [1, 1, 2, 2, 3, 3, 4, 4]);
});

test("busybox's has names in brackets, and wider stars", () => {
  const { clock, a } = wire({ between: routed, flavour: "busybox" });
  start(a.programs, { ...trace, by: "icmp" });
  clock.run();
  assert.deepEqual(a.printed[0], {
    command: `traceroute -I -q 1 ${B}`,
    exitCode: 0,
    text: [
      `traceroute to ${B} (${B}), 30 hops max, 46 byte packets`,
      " 1  10.2.20.1 (10.2.20.1)  0.125 ms",
      " 2  *",
      " 3  10.2.12.0 (10.2.12.0)  0.125 ms",
      ` 4  ${B} (${B})  0.250 ms`,
      "",
    ].join("\n"),
  });
  assert.ok(a.sent.every(({ packet }) => packet.length === 46));
});

test("who says that there is no way ends it, with a mark", () => {
  const marks = { 0: "!N", 1: "!H", 2: "!P", 4: "!F-1400", 13: "!X" };
  for (const [code, mark] of Object.entries(marks)) {
    const between = (packet: Uint8Array) => {
      const mtu = code === "4" ? { mtu: 1400 } : {};
      const error = { type: 3, code: Number(code), src: "10.2.20.1", id: 1, ...mtu };
      const answer = encodeIcmpError(core, packet, error);
      return answer === null ? [] : [answer];
    };
    const { clock, a } = wire({ between });
    start(a.programs, trace);
    clock.run();
    const lines = a.printed[0]?.text.split("\n");
    assert.deepEqual(lines?.slice(1), [` 1  10.2.20.1  0.125 ms ${mark}`, ""]);
  }
});

test("it goes no further than it is told, and nowhere without a route or a name", () => {
  const { clock, a } = wire({ between: () => [] });
  start(a.programs, { ...trace, hopsMax: 2 });
  clock.run();
  assert.match(a.printed[0]?.text ?? "", /2 hops max.*\n 1 {2}\*\n 2 {2}\*\n$/);
  a.isRouted = false;
  start(a.programs, trace);
  start(a.programs, { ...trace, to: "hello" });
  assert.match(a.printed[1]?.text ?? "", /\nconnect: Network is unreachable\n$/);
  assert.match(a.printed[2]?.text ?? "", /^hello: Name or service not known\n/);
});
