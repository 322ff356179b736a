import assert from "node:assert/strict";
import { test } from "node:test";
import { encode, type LayerInit, type TcpFields } from "../../../../bindings/core/index.ts";
import { SECOND } from "../../../../bindings/lab/clock.ts";
import { Dice } from "../../../../bindings/lab/dice.ts";
import { encodeIcmpError, start } from "../../../../bindings/lab/programs/index.ts";
import type { ListenerSpec } from "../../../../bindings/lab/spec/network.ts";
import { drawSeed } from "../../../../fuzz/seed.ts";
import { A, B, core, fieldsOf, type Side, type Wire, wire } from "./wire.ts";

const PORT = 8888;
const sink = { protocol: "tcp", port: PORT, app: "nc", does: "sink" } as const;
const echo = { protocol: "tcp", port: 7, app: "inetd", does: "echo" } as const;
const hello = { do: "tcp", in: "a", to: B, port: PORT, text: "hello world!" } as const;

const flagsOf = ({ syn, ack, psh, fin, rst }: TcpFields): string =>
  `${syn ? "S" : ""}${psh ? "P" : ""}${fin ? "F" : ""}${rst ? "R" : ""}${ack ? "." : ""}`;

/** All segments in the order of their sending. */
function segments({ a, b }: Wire): { who: string; flags: string; len: number; tcp: TcpFields }[] {
  const of = (who: string, { sent }: Side) =>
    sent.map(({ packet }) => {
      const tcp = fieldsOf(packet, "tcp");
      const len = packet.length - 20 - tcp.dataOffset * 4;
      return { who, flags: flagsOf(tcp), len, tcp };
    });
  return [...of("a", a), ...of("b", b)];
}

test("hello world goes through a connection with the options and the MSS of its way", () => {
  const both = wire({ flavour: "busybox", listeners: [sink], mtu: 1450 });
  const { clock, a, b } = both;
  start(a.programs, { ...hello, sourcePort: 40000 });
  clock.run();
  const shown = segments(both).map(({ who, flags, len }) => `${who} ${flags} ${len}`);
  assert.deepEqual(shown, [
    ...["a S 0", "a . 0", "a P. 13", "a F. 0", "a . 0"],
    ...["b S. 0", "b . 0", "b F. 0"],
  ]);
  const [syn, , data] = segments(both).map(({ tcp }) => tcp);
  const answer = segments(both)[5]?.tcp;
  assert.match(syn?.options ?? "", /^02040582(0402)080a.{8}00000000(01)030307$/);
  assert.deepEqual([syn?.window, answer?.window, data?.window], [64860, 64308, 507]);
  assert.deepEqual(b.printed, [{ command: "nc -lp 8888", text: "hello world!\n", exitCode: 0 }]);
  const command = `echo "hello world!" | nc -p 40000 ${B} ${PORT}`;
  assert.deepEqual(a.printed, [{ command, text: "", exitCode: 0 }]);
});

test("an echo comes back before both close", () => {
  const { clock, a } = wire({ listeners: [echo], names: { hello: B } });
  start(a.programs, { ...hello, to: "hello", port: 7 });
  clock.run();
  const text = "Connection to hello 7 port [tcp/*] succeeded!\nhello world!\n";
  assert.deepEqual(a.printed, [
    { command: 'echo "hello world!" | nc -vN hello 7', text, exitCode: 0 },
  ]);
});

test("of many segments the last one pushes", () => {
  const both = wire({ listeners: [sink] });
  start(both.a.programs, { ...hello, text: "z".repeat(3000) });
  both.clock.run();
  const sent = segments(both).filter(({ who, len }) => who === "a" && len > 0);
  assert.deepEqual(
    sent.map(({ flags, len }) => `${flags} ${len}`),
    [". 1448", ". 1448", "P. 105"],
  );
});

test("where nobody listens, a SYN is refused by an RST that names it", () => {
  const { clock, a, b } = wire({ flavour: "busybox" });
  start(a.programs, hello);
  clock.run();
  const text = `nc: can't connect to remote host (${B}): Connection refused\n`;
  assert.equal(a.printed[0]?.text, text);
  assert.deepEqual(b.deliveries[0]?.verdict, "drop-port");
  assert.deepEqual(b.deliveries[0]?.values, { proto: "TCP", port: PORT, ttl: 64, answer: "RST" });
  const [reset] = b.sent.map(({ packet }) => fieldsOf(packet, "tcp"));
  const [syn] = a.sent.map(({ packet }) => fieldsOf(packet, "tcp"));
  assert.deepEqual([reset?.rst, reset?.ack, reset?.sequence, reset?.window], [true, true, 0, 0]);
  assert.equal(reset?.acknowledgment, ((syn?.sequence ?? 0) + 1) >>> 0);
});

test("a SYN that nobody answers is said seven times, and then it is a time-out", () => {
  const { clock, a } = wire({ between: () => [] });
  start(a.programs, hello);
  clock.run();
  assert.equal(a.sent.length, 7);
  assert.equal(clock.nowNs, 127 * SECOND);
  const text = `nc: connect to ${B} port ${PORT} (tcp) failed: Connection timed out\n`;
  assert.equal(a.printed[0]?.text, text);
});

test("an ICMP error ends the wait for a connection, in the words of its code", () => {
  const cases = [
    { code: 0, words: "Network is unreachable" },
    { code: 1, words: "No route to host" },
    { code: 3, words: "Connection refused" },
    { code: 13, words: "No route to host" },
  ];
  for (const { code, words } of cases) {
    const between = (packet: Uint8Array) => {
      const error = encodeIcmpError(core, packet, { type: 3, code, src: "10.1.15.1", id: 1 });
      return error === null ? [] : [error];
    };
    const { clock, a } = wire({ flavour: "alpine", between });
    start(a.programs, hello);
    clock.run();
    const text = `nc: can't connect to remote host (${B}): ${words}\n`;
    assert.deepEqual([a.printed[0]?.text, a.sent.length], [text, 1]);
  }
});

test("a way that turns out shorter makes shorter segments; one that stays silent hangs", () => {
  const text = "x".repeat(1400);
  const answers = (mtu: number, isSilent: boolean) => (packet: Uint8Array) => {
    if (packet.length <= mtu) return [packet];
    const error = { type: 3, code: 4, mtu, src: "10.1.15.1", id: 1 };
    const told = isSilent ? null : encodeIcmpError(core, packet, error);
    return told === null ? [] : [told];
  };
  const { clock, a, b } = wire({ listeners: [sink], between: answers(1000, false) });
  start(a.programs, { ...hello, text });
  clock.run();
  assert.equal(b.printed[0]?.text, `${text}\n`);
  const hole = wire({ listeners: [sink], between: answers(1000, true) });
  start(hole.a.programs, { ...hello, text });
  hole.clock.run();
  assert.match(hole.a.printed[0]?.text ?? "", /succeeded!\nnc: read: Connection timed out\n$/);
  assert.equal(hole.b.printed.length, 0);
});

test("whatever a wire loses, doubles and swaps, the words arrive once and whole", (t) => {
  const seed = drawSeed();
  t.diagnostic(`seed ${seed}`);
  const dice = new Dice(BigInt(seed));
  for (let round = 0; round < 40; round++) {
    const held: Uint8Array[] = [];
    const between = (packet: Uint8Array): readonly Uint8Array[] => {
      const fate = dice.u32() % 10;
      if (fate === 0) return [];
      if (fate === 1) return [packet, packet];
      if (fate === 2) held.push(packet);
      return fate === 2 ? [] : [packet, ...held.splice(0)];
    };
    const both = wire({ listeners: [echo], between, mtu: 68 + (dice.u32() % 1400) });
    const text = "y".repeat(dice.u32() % 4000);
    start(both.a.programs, { ...hello, port: 7, text });
    both.clock.run();
    const [printed] = both.a.printed;
    if (printed?.exitCode !== 0) continue; // a bad day: it timed out, and says so
    assert.equal(printed.text.replace(/^Connection.*\n/, ""), `${text}\n`, `seed ${seed}`);
  }
});

test("a segment to nobody is reset at its own place, and a reset is never answered", () => {
  const { b } = wire();
  const segment = (flags: object): Uint8Array =>
    encode([
      { layer: "ipv4", fields: { src: A, dst: B } },
      {
        layer: "tcp",
        fields: { srcPort: 1, dstPort: 2, sequence: 5, acknowledgment: 9, ...flags },
      },
    ] as LayerInit[]);
  b.programs.deliver(segment({ ack: true }), { packet: 0, hop: 0 });
  const { sequence, ack, rst } = fieldsOf(b.sent[0]?.packet ?? new Uint8Array(), "tcp");
  assert.deepEqual([sequence, ack, rst], [9, false, true]);
  const { values } = b.programs.deliver(segment({ rst: true }), { packet: 0, hop: 0 });
  assert.deepEqual([values.answer, b.sent.length], ["nothing", 1]);
});

test("a reset counts where it names the next byte, and from a stranger it does not", () => {
  const both = wire({ listeners: [echo] });
  const { clock, a } = both;
  start(a.programs, { ...hello, port: 7, sourcePort: 40000 });
  const reset = (fields: object): Uint8Array =>
    encode([
      { layer: "ipv4", fields: { src: B, dst: A } },
      { layer: "tcp", fields: { srcPort: 7, dstPort: 40000, rst: true, ...fields } },
    ] as LayerInit[]);
  const [syn] = segments(both).map(({ tcp }) => tcp);
  const blind = { sequence: 5, acknowledgment: syn?.sequence ?? 0, ack: true };
  for (const fields of [{ sequence: 5 }, blind]) {
    a.programs.deliver(reset(fields), { packet: 0, hop: 0 });
  }
  clock.run();
  assert.equal(a.printed[0]?.exitCode, 0, "nobody was heard but the other end");

  const refused = wire();
  start(refused.a.programs, hello);
  refused.clock.run();
  assert.match(refused.a.printed[0]?.text ?? "", /Connection refused/);
});

test("who has closed answers a second FIN for a minute, and is gone then", () => {
  const both = wire({ listeners: [sink] });
  const { clock, a, b } = both;
  start(a.programs, { ...hello, sourcePort: 40000 });
  clock.run();
  const fin = b.sent.map(({ packet }) => packet).find((each) => fieldsOf(each, "tcp").fin);
  const again = (): string => {
    const { length } = a.sent;
    a.programs.deliver(fin ?? new Uint8Array(), { packet: 0, hop: 0 });
    return a.sent
      .slice(length)
      .map(({ packet }) => flagsOf(fieldsOf(packet, "tcp")))
      .join();
  };
  assert.equal(again(), ".");
  clock.after(61 * SECOND, () => {});
  clock.run();
  assert.equal(again(), "R");
});

test("the second at a port is told so, whoever has the first", () => {
  const others: ListenerSpec[] = [
    { ...sink, app: "nginx", port: 80 },
    { ...sink, app: "tomcat", port: 80, process: "c2" },
    { ...sink, app: "dns", port: 80, protocol: "udp" },
  ];
  const { clock, b } = wire({ listeners: others });
  clock.run();
  const text = "tomcat: bind: Address already in use\n";
  assert.deepEqual(b.printed, [{ command: "tomcat", text, exitCode: 1 }]);
});
