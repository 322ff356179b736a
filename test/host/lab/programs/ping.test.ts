import assert from "node:assert/strict";
import { test } from "node:test";
import { encode, type LayerInit, printHex } from "../../../../bindings/core/index.ts";
import { SECOND } from "../../../../bindings/lab/clock.ts";
import { encodeIcmpError, start } from "../../../../bindings/lab/programs/index.ts";
import { PingBooks } from "../../../../bindings/lab/programs/ping-books.ts";
import { BUSYBOX_PING } from "../../../../bindings/lab/programs/ping-busybox.ts";
import { IPUTILS_PING } from "../../../../bindings/lab/programs/ping-iputils.ts";
import { A, B, core, DELAY_NS, fieldsOf, wire } from "./wire.ts";

const ROUTER = "10.1.15.1";
const ping = { do: "ping", in: "a", to: B } as const;

function booksOf(rttsUs: readonly number[]): PingBooks {
  const books = new PingBooks();
  books.sent = rttsUs.length;
  books.received = rttsUs.length;
  books.rttsUs.push(...rttsUs);
  return books;
}

test("the statistics of measured times are those that the tools printed of them", () => {
  const five = booksOf([291, 129, 142, 169, 194]);
  assert.match(
    BUSYBOX_PING.statistics("172.17.0.3", five),
    /\n5 packets transmitted, 5 packets received, 0% packet loss\n.* = 0\.129\/0\.185\/0\.291 ms$/,
  );
  const three = booksOf([887, 461, 446]);
  assert.match(IPUTILS_PING.statistics(B, three), / = 0\.446\/0\.598\/0\.887\/0\.204 ms$/);
});

test("iputils counts from 1, and its data is the time and bytes that count upwards", () => {
  const { clock, a, b } = wire();
  start(a.programs, { ...ping, count: 2 });
  clock.run();
  const [printed] = a.printed;
  assert.deepEqual(printed, {
    command: `ping -c 2 ${B}`,
    exitCode: 0,
    text: [
      `PING ${B} (${B}) 56(84) bytes of data.`,
      `64 bytes from ${B}: icmp_seq=1 ttl=64 time=0.250 ms`,
      `64 bytes from ${B}: icmp_seq=2 ttl=64 time=0.250 ms`,
      "",
      `--- ${B} ping statistics ---`,
      "2 packets transmitted, 2 received, 0% packet loss, time 1000ms",
      "rtt min/avg/max/mdev = 0.250/0.250/0.250/0.000 ms",
      "",
    ].join("\n"),
  });
  assert.equal(clock.nowNs, SECOND + 2 * DELAY_NS); // nobody waits for what has come
  const [, second] = a.sent.map(({ packet }) => packet);
  assert.equal(second?.length, 84);
  assert.match(printHex(second?.subarray(28) ?? new Uint8Array()), /^01(00){15}101112.*3637$/);
  assert.ok(second && fieldsOf(second, "ipv4").dontFragment);
  const [reply] = b.sent;
  assert.ok(reply && !fieldsOf(reply.packet, "ipv4").dontFragment);
  assert.deepEqual(reply?.sending, { app: "kernel", line: "main", because: { packet: 0, hop: 1 } });
  const values = { proto: "ICMP", port: "echo request", ttl: 64, app: "kernel" };
  assert.deepEqual(b.deliveries[0], { verdict: "deliver", values });
  assert.equal(a.deliveries[0]?.values.app, "ping");
});

test("busybox counts from 0, and sends four bytes of time and zeros", () => {
  const { clock, a } = wire({ flavour: "busybox", names: { hello: B } });
  start(a.programs, { ...ping, to: "hello" });
  clock.run();
  assert.deepEqual(a.printed[0], {
    command: "ping -c 1 hello",
    exitCode: 0,
    text: [
      `PING hello (${B}): 56 data bytes`,
      `64 bytes from ${B}: seq=0 ttl=64 time=0.250 ms`,
      "",
      "--- hello ping statistics ---",
      "1 packets transmitted, 1 packets received, 0% packet loss",
      "round-trip min/avg/max = 0.250/0.250/0.250 ms",
      "",
    ].join("\n"),
  });
  const data = a.sent[0]?.packet.subarray(28 + 4);
  assert.ok(data?.length === 52 && data.every((byte) => byte === 0));
});

test("where nobody answers, a ping waits ten seconds and counts what was lost", () => {
  for (const flavour of ["iproute2", "busybox"] as const) {
    const { clock, a } = wire({ flavour, between: () => [] });
    start(a.programs, { ...ping, count: 3 });
    clock.run();
    assert.equal(clock.nowNs, 12 * SECOND);
    assert.match(a.printed[0]?.text ?? "", /3 packets.* 0 (packets )?received, 100% packet loss/);
    assert.equal(a.printed[0]?.exitCode, 1);
  }
});

test("what the way says of a request is printed in iputils' words, and counted", () => {
  const said = [
    { type: 3, code: 0, words: "Destination Net Unreachable" },
    { type: 3, code: 1, words: "Destination Host Unreachable" },
    { type: 3, code: 4, mtu: 1450, words: "Frag needed and DF set (mtu = 1450)" },
    { type: 3, code: 13, words: "Packet filtered" },
    { type: 11, code: 0, words: "Time to live exceeded" },
  ];
  for (const { words, ...error } of said) {
    const between = (packet: Uint8Array) => {
      const answer = encodeIcmpError(core, packet, { ...error, src: ROUTER, id: 1 });
      return answer === null ? [] : [answer];
    };
    const { clock, a } = wire({ between });
    start(a.programs, ping);
    clock.run();
    const lines = a.printed[0]?.text.split("\n");
    assert.equal(lines?.[1], `From ${ROUTER} icmp_seq=1 ${words}`);
    assert.match(lines?.[4] ?? "", /^1 packets transmitted, 0 received, \+1 errors, 100% packet/);
    const other = wire({ between, flavour: "busybox" });
    start(other.a.programs, ping);
    other.clock.run();
    assert.match(other.a.printed[0]?.text ?? "", /data bytes\n\n---/);
  }
});

test("a redirect is told and counts as nothing: its request has gone on", () => {
  const between = (packet: Uint8Array) => {
    if (fieldsOf(packet, "icmp").type !== 8) return [packet];
    const redirect: LayerInit[] = [
      { layer: "ipv4", fields: { src: ROUTER, dst: A } },
      { layer: "icmp", fields: { type: 5, code: 1, gateway: "10.1.15.9" } },
      { layer: "payload", fields: { data: packet.subarray(0, 28) } },
    ];
    return [encode(redirect), packet];
  };
  const { clock, a } = wire({ between });
  start(a.programs, ping);
  clock.run();
  const lines = a.printed[0]?.text.split("\n") ?? [];
  assert.equal(lines[1], `From ${ROUTER} icmp_seq=1 Redirect Host(New nexthop: 10.1.15.9)`);
  assert.match(lines[5] ?? "", /^1 packets transmitted, 1 received, 0% packet loss/);
});

test("a router's word on the length is known from then on: ping says so itself", () => {
  const between = (packet: Uint8Array) => {
    const tooBig = { type: 3, code: 4, mtu: 1450, src: ROUTER, id: 1 };
    const answer = packet.length > 1450 ? encodeIcmpError(core, packet, tooBig) : packet;
    return answer === null ? [] : [answer];
  };
  const { clock, a } = wire({ between });
  start(a.programs, { ...ping, count: 2, dataLen: 1472, isDontFragment: true });
  clock.run();
  const lines = a.printed[0]?.text.split("\n") ?? [];
  assert.equal(a.printed[0]?.command, `ping -c 2 -s 1472 -M do ${B}`);
  assert.match(lines[1] ?? "", /Frag needed and DF set \(mtu = 1450\)$/);
  assert.equal(lines[2], "ping: local error: message too long, mtu=1450");
  assert.match(lines[5] ?? "", /\+2 errors/);
  assert.equal(a.sent.length, 1);
});

test("whom no route leads to, and whom nobody knows", () => {
  const { a } = wire();
  a.isRouted = false;
  start(a.programs, ping);
  const text = "ping: connect: Network is unreachable\n";
  assert.deepEqual(a.printed, [{ command: `ping -c 1 ${B}`, text, exitCode: 2 }]);
  const { a: container } = wire({ flavour: "busybox" });
  container.isRouted = false;
  start(container.programs, { ...ping, to: "hello" });
  start(container.programs, ping);
  assert.equal(container.printed[0]?.text, "ping: bad address 'hello'\n");
  assert.match(container.printed[1]?.text ?? "", /\nping: sendto: Network is unreachable\n$/);
});

test("a neighbor that does not answer is an unreachable host, said by oneself", () => {
  const { clock, a } = wire({ between: () => [] });
  start(a.programs, { ...ping, count: 3 });
  clock.after(3 * SECOND, () => {
    for (const { packet } of a.sent) a.programs.failed(packet, "host-unreachable");
  });
  clock.run();
  const lines = a.printed[0]?.text.split("\n") ?? [];
  assert.equal(lines[1], `From ${A} icmp_seq=1 Destination Host Unreachable`);
  assert.match(lines[6] ?? "", /^3 packets transmitted, 0 received, \+3 errors, 100%.*2000ms$/);
  assert.equal(lines[7], "pipe 3");
  assert.equal(clock.nowNs, 3 * SECOND);
});

test("a second answer is a duplicate", () => {
  const isRequest = (packet: Uint8Array): boolean => fieldsOf(packet, "icmp").type === 8;
  const { clock, a } = wire({
    between: (packet) => (isRequest(packet) ? [packet] : [packet, packet]),
  });
  start(a.programs, { ...ping, count: 2 });
  clock.run();
  const text = a.printed[0]?.text ?? "";
  assert.match(text, /icmp_seq=1 ttl=64 time=0.250 ms \(DUP!\)\n/);
  assert.match(text, /2 received, \+1 duplicates, 0% packet loss/);
});

test("a damaged message is not heard, and what is wrong with it is told", () => {
  const between = (packet: Uint8Array) => {
    const damaged = packet.slice();
    damaged[40] = (damaged[40] ?? 0) ^ 1;
    return [damaged];
  };
  const { clock, a, b } = wire({ between });
  start(a.programs, ping);
  clock.run();
  const { verdict, values } = b.deliveries[0] ?? {};
  assert.equal(verdict, "drop-csum");
  const sum = fieldsOf(a.sent[0]?.packet ?? new Uint8Array(), "icmp").checksum;
  assert.deepEqual([values?.layer, Number(values?.a)], ["ICMP", sum]);
  assert.notEqual(values?.b, values?.a);
  assert.equal(b.sent.length, 0);
});
