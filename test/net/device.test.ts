import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openDevice } from "../../bindings/node/device.ts";
import { need } from "../need.ts";
import { type Namespace, openNamespace } from "./namespace.ts";

const MODULE = new URL("./device.inside.js", import.meta.url);
const rights = need("root", "tun", "ip");

let ns: Namespace;
const call = <T>(name: string, ...args: unknown[]): Promise<T> => ns.call<T>(MODULE, name, ...args);

before(async () => {
  if (rights.skip === false) ns = await openNamespace("device");
});
after(() => ns?.close());

test("a TAP carries whole frames and nothing in front of them", rights, async () => {
  assert.equal(await call("open", "tap", "tap0"), "tap0");
  await ns.ip("link", "set", "tap0", "address", "02:00:00:00:00:01", "mtu", "1450", "up");
  await ns.ip("address", "add", "10.0.0.1/24", "dev", "tap0");
  await ns.run("ping", "-c1", "-W1", "10.0.0.2").catch(() => {});
  const request = await readUntil("tap0", (frame) => frame[12] === 8 && frame[13] === 6);
  assert.equal(request.length, 42);
  assert.deepEqual([...request.subarray(6, 12)], [2, 0, 0, 0, 0, 1]);
  assert.equal(await call("write", "tap0", request), 42);
  await call("close", "tap0");
});

test("a TUN carries bare IP packets", rights, async () => {
  assert.equal(await call("open", "tun", "tun%d"), "tun0");
  await ns.ip("link", "set", "tun0", "up");
  await ns.ip("address", "add", "10.1.0.1/24", "dev", "tun0");
  await ns.run("ping", "-c1", "-W1", "10.1.0.2").catch(() => {});
  const packet = await readUntil("tun0", (bytes) => bytes[0] === 0x45 && bytes[9] === 1);
  assert.deepEqual([...packet.subarray(12, 20)], [10, 1, 0, 1, 10, 1, 0, 2]);
  await call("close", "tun0");
});

test(
  "a read with nothing there says EAGAIN, a write to a device that is down EIO",
  rights,
  async () => {
    await call("open", "tap", "tap1");
    assert.equal(await call("read", "tap1"), "EAGAIN");
    assert.equal(await call("write", "tap1", new Uint8Array(60)), "EIO");
    await call("close", "tap1");
  },
);

test("a device that was removed says EBADFD", rights, async () => {
  await call("open", "tap", "tap2");
  await ns.ip("link", "delete", "tap2");
  assert.equal(await call("read", "tap2"), "EBADFD");
  await call("close", "tap2");
});

test("a device goes when it is closed", rights, async () => {
  await call("open", "tap", "tap3");
  await call("close", "tap3");
  await assert.rejects(ns.ip("link", "show", "tap3"));
});

test("a name that is taken says by what", rights, async () => {
  await call("open", "tap", "tap4");
  await assert.rejects(call("open", "tap", "tap4"), {
    code: "EBUSY",
    message: "TUNSETIFF tap4: EBUSY: another process has this device open",
  });
  await assert.rejects(call("open", "tun", "tap4"), { code: "EINVAL", message: /no TUN/ });
  await assert.rejects(call("open", "tap", "lo"), { code: "EINVAL", message: /no TAP/ });
  await call("close", "tap4");
});

test("without the right it says which is missing", rights, async () => {
  await assert.rejects(call("openAsNobody", "tap", "tap5"), (error: Error) => {
    return /EPERM: needs CAP_NET_ADMIN|EACCES: this user/.test(error.message);
  });
});

test("a name that the kernel would cut short is refused", () => {
  for (const name of ["", "sixteen-letters-", "a/b", "a b", "a:b", ".", "..", "\u00e9"]) {
    assert.throws(() => openDevice("tap", name), { code: "BadValue", value: name });
  }
});

/** The first packet that `isIt` accepts; fails after twenty seconds. */
async function readUntil(name: string, isIt: (packet: Uint8Array) => boolean): Promise<Uint8Array> {
  for (const end = performance.now() + 20_000; performance.now() < end; ) {
    const packet = await call<Uint8Array | string>("read", name);
    if (typeof packet !== "string" && isIt(packet)) return packet;
  }
  throw new Error(`nothing of the kind came out of ${name}`);
}
