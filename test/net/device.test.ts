import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openDevice, VIRTIO_HEADER_LEN } from "../../bindings/node/device.ts";
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
  "with offloads, ten bytes stand in front of each packet, and checksums are not done",
  rights,
  async () => {
    await call("open", "tap", "tap7", { hasOffload: true, isPersistent: true });
    assert.equal(await call("offload", "tap7"), "tcp");
    await ns.ip("link", "set", "tap7", "up");
    await ns.ip("address", "add", "10.2.0.1/24", "dev", "tap7");
    await ns.ip("neighbor", "add", "10.2.0.2", "lladdr", "02:00:00:00:00:02", "dev", "tap7");
    const words = ["-c", "echo heddle > /dev/udp/10.2.0.2/7"];
    await ns.run("bash", ...words);
    const isUdp = (bytes: Uint8Array): boolean =>
      bytes[22] === 8 && bytes[23] === 0 && bytes[33] === 17;
    const packet = await readUntil("tap7", isUdp);
    const header = new DataView(packet.buffer, packet.byteOffset, VIRTIO_HEADER_LEN);
    assert.equal(header.getUint8(0), 1, "NEEDS_CSUM");
    assert.deepEqual([header.getUint16(6, true), header.getUint16(8, true)], [34, 6]);
    await call("close", "tap7");

    await call("open", "tap", "tap7", { isPersistent: true });
    assert.equal(await call("offload", "tap7"), "nothing");
    await ns.run("bash", ...words);
    const bare = await readUntil(
      "tap7",
      (bytes) => bytes[12] === 8 && bytes[13] === 0 && bytes[23] === 17,
    );
    assert.notDeepEqual(bare.subarray(40, 42), packet.subarray(50, 52), "the checksum is done");
    await call("close", "tap7");
    await ns.ip("link", "delete", "tap7");
  },
);

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
