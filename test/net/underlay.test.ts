import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  IP_MTU_DISCOVER,
  IP_PMTUDISC_DO,
  IP_PMTUDISC_DONT,
  IPPROTO_IP,
  libc,
  MSG_DONTWAIT,
} from "../../bindings/node/libc.ts";
import {
  openUnderlaySocket,
  sharePort,
  sockaddrIn,
  steerBySender,
  takeNothing,
  type UnderlaySocket,
} from "../../bindings/node/underlay.ts";

const LOOPBACK_MS = 100; // it delivers at once, but for a machine that is busy
const options = { local: "127.0.0.1", port: 0, pathMtu: false, bufferBytes: 1 << 16 };

test("the kernel chooses a port and says which", () => {
  const socket = openUnderlaySocket(options);
  assert.ok(socket.port > 0);
  assert.ok(socket.receiveBytes >= 1 << 12);
  assert.throws(() => openUnderlaySocket({ ...options, port: socket.port }), {
    code: "EADDRINUSE",
    message: `bind 127.0.0.1:${socket.port}: EADDRINUSE: another socket has this port`,
  });
  socket.close();
});

test("DF is clear for VXLAN and follows the path for flannel's UDP", () => {
  for (const pathMtu of [false, true]) {
    const socket = openUnderlaySocket({ ...options, pathMtu });
    const value = Int32Array.of(-1);
    libc.getsockopt(socket.fd, IPPROTO_IP, IP_MTU_DISCOVER, value, Int32Array.of(4));
    assert.equal(value[0], pathMtu ? IP_PMTUDISC_DO : IP_PMTUDISC_DONT);
    socket.close();
  }
});

test("an address that no device has is refused by name", () => {
  assert.throws(() => openUnderlaySocket({ ...options, local: "192.0.2.1" }), {
    code: "EADDRNOTAVAIL",
    message: "bind 192.0.2.1:0: EADDRNOTAVAIL: no device here has this address",
  });
});

test("an address or port that cannot be is refused before any call", () => {
  const code = "BadAddress";
  for (const value of ["", "1.2.3", "1.2.3.4.5", "1.2.3.256", "a.b.c.d", "1.2.3.-4", "1e0.2.3.4"]) {
    assert.throws(() => openUnderlaySocket({ ...options, local: value }), { code, value });
  }
  for (const value of [-1, 65536, 1.5, Number.NaN]) {
    assert.throws(() => sockaddrIn("127.0.0.1", value), { code: "BadValue", value });
  }
});

test("a socket that takes nothing in still sends", async () => {
  const [lane, other] = [openUnderlaySocket(options), openUnderlaySocket(options)];
  takeNothing(lane.fd);
  const send = (from: UnderlaySocket, to: UnderlaySocket): number => {
    const address = sockaddrIn("127.0.0.1", to.port);
    return libc.sendto(from.fd, new Uint8Array(9), 9, 0, address, address.length);
  };
  assert.deepEqual([send(lane, other), send(other, lane), send(lane, other)], [9, 9, 9]);
  await sleep(LOOPBACK_MS);
  const room = new Uint8Array(16);
  const take = ({ fd }: UnderlaySocket): number => libc.recv(fd, room, 16, MSG_DONTWAIT);
  assert.deepEqual([take(other), take(other), take(lane)], [9, 9, -1]);
  lane.close();
  other.close();
});

test("a port is shared by those who agreed to, and is no stranger's to begin with", () => {
  const first = openUnderlaySocket(options);
  const { port } = first;
  const join = (sharesPort: boolean): UnderlaySocket =>
    openUnderlaySocket({ ...options, port, sharesPort });
  assert.throws(() => join(true), { code: "EADDRINUSE" });
  sharePort(first.fd);
  assert.throws(() => join(false), { code: "EADDRINUSE" });
  const second = join(true);
  assert.equal(second.port, port);
  for (const { close } of [first, second]) close();
});

test("of sockets that share a port, the first take in all, by who sent it", async () => {
  const RECEIVERS = 2;
  const SENDERS = 32;
  const first = openUnderlaySocket(options);
  sharePort(first.fd);
  const words = { ...options, port: first.port, sharesPort: true };
  const all = [first, ...Array.from({ length: 3 }, () => openUnderlaySocket(words))];
  steerBySender(first.fd, RECEIVERS);
  const to = sockaddrIn(options.local, first.port);
  for (let i = 0; i < SENDERS; i++) {
    const from = openUnderlaySocket({ ...options, local: `127.0.1.${i}` });
    for (let n = 0; n < 2; n++) libc.sendto(from.fd, Uint8Array.of(i), 1, 0, to, to.length);
    from.close();
  }
  await sleep(LOOPBACK_MS);
  const heard = all.map(({ fd }) => {
    const room = new Uint8Array(1);
    const senders: number[] = [];
    while (libc.recv(fd, room, 1, MSG_DONTWAIT) === 1) senders.push(room[0] ?? 0);
    return senders;
  });
  assert.equal(heard.flat().length, 2 * SENDERS);
  for (const [i, senders] of heard.entries()) {
    assert.equal(senders.length > 0, i < RECEIVERS);
    assert.equal(new Set(senders).size, senders.length / 2, "one sender, one socket");
  }
  for (const { close } of all) close();
});
