import assert from "node:assert/strict";
import { test } from "node:test";
import { SECOND } from "../../../../bindings/lab/clock.ts";
import { encodeIcmpError, start } from "../../../../bindings/lab/programs/index.ts";
import { A, B, core, fieldsOf, wire } from "./wire.ts";

const PORT = 8888;
const hello = { do: "udp", in: "a", to: B, port: PORT, text: "hello world!" } as const;
const listener = { protocol: "udp", port: PORT, app: "nc" } as const;

test("a datagram is echoed, and its listener is named", () => {
  const { clock, a, b } = wire({
    flavour: "busybox",
    listeners: [{ ...listener, app: "echo", does: "echo" }],
  });
  start(a.programs, { ...hello, sourcePort: 40000 });
  clock.run();
  const command = `echo "hello world!" | nc -u -w 1 -p 40000 ${B} ${PORT}`;
  assert.deepEqual(a.printed, [{ command, text: "hello world!\n", exitCode: 0 }]);
  const values = { proto: "UDP", port: PORT, ttl: 64, app: "echo" };
  assert.deepEqual(b.deliveries, [{ verdict: "deliver", values }]);
  assert.equal(a.sent[0]?.packet.length, 20 + 8 + 13);
  assert.ok(clock.nowNs < SECOND);
});

test("a sink prints what it got, and says nothing", () => {
  const { clock, a, b } = wire({ listeners: [{ ...listener, does: "sink" }] });
  start(a.programs, hello);
  clock.run();
  assert.deepEqual(b.printed, [{ command: "nc -u -l 8888", text: "hello world!\n", exitCode: 0 }]);
  assert.equal(a.printed[0]?.exitCode, 0);
  assert.equal(clock.nowNs, SECOND);
});

test("where nobody listens, 3/3 comes back with the datagram, and nc says so", () => {
  const { clock, a, b } = wire();
  start(a.programs, { ...hello, text: "x".repeat(1000) });
  clock.run();
  const [complaint] = b.sent;
  const packet = complaint?.packet ?? new Uint8Array();
  assert.deepEqual(complaint?.sending.line, "side");
  assert.equal(packet.length, 576);
  assert.deepEqual(packet.subarray(28), a.sent[0]?.packet.subarray(0, 548));
  assert.deepEqual([fieldsOf(packet, "ipv4").tos, fieldsOf(packet, "icmp").code], [0xc0, 3]);
  assert.deepEqual(a.printed[0]?.text, "nc: read: Connection refused\n");
  assert.equal(b.deliveries[0]?.values.answer, "ICMP 3/3");
});

test("other errors do not reach a socket that did not ask for them", () => {
  const between = (packet: Uint8Array) => {
    const error = encodeIcmpError(core, packet, { type: 3, code: 0, src: "10.1.15.1", id: 1 });
    return error === null ? [] : [error];
  };
  const { clock, a } = wire({ between });
  start(a.programs, hello);
  clock.run();
  assert.deepEqual([a.printed[0]?.text, a.printed[0]?.exitCode], ["", 0]);
});

test("nothing is said about errors, later fragments, groups and nobody", () => {
  const { clock, a } = wire();
  start(a.programs, hello);
  clock.run();
  const packet = a.sent[0]?.packet ?? new Uint8Array();
  const error = { type: 3, code: 3, src: B, id: 1 };
  const about = encodeIcmpError(core, packet, error);
  assert.ok(about !== null && encodeIcmpError(core, about, error) === null);
  const changed = (at: number, byte: number): Uint8Array => {
    const bytes = packet.slice();
    bytes[at] = byte;
    return bytes;
  };
  assert.equal(encodeIcmpError(core, changed(7, 1), error), null);
  for (const [at, byte] of [
    [12, 0],
    [12, 224],
    [16, 239],
    [16, 255],
  ] as const) {
    assert.equal(encodeIcmpError(core, changed(at, byte), error), null);
  }
});

test("a protocol that nobody speaks is 3/2", () => {
  const { b } = wire();
  const packet = new Uint8Array(28);
  packet.set([0x45, 0, 0, 28, 0, 0, 0, 0, 64, 132, 0, 0, ...A.split(".").map(Number)]);
  packet.set(B.split(".").map(Number), 16);
  const { verdict, values } = b.programs.deliver(packet, { packet: 0, hop: 0 });
  assert.deepEqual([verdict, values.answer, values.port], ["drop-port", "ICMP 3/2", 132]);
});
