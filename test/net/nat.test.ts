// The same packets through Linux, which translates by docker's iptables rules, and through the
// core: what comes out is the same to the byte.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openCore } from "../../bindings/core/index.ts";
import {
  BRIDGE,
  CLIENT,
  DockerHost,
  echo,
  GATEWAY,
  HOST,
  icmpError,
  inFragments,
  OTHER,
  OUTSIDE,
  PUBLISHED,
  SERVER,
  tcp,
  udp,
  WEB,
} from "../host/core/docker-host.ts";
import { need } from "../need.ts";
import { type Namespace, openNamespace } from "./namespace.ts";

const MODULE = new URL("./device.inside.js", import.meta.url);
const needs = need("root", "tun", "ip", "iptables");

const DEVICES = { [BRIDGE]: "br0", [OUTSIDE]: "out0" } as const;
const READS_MAX = 200;
const READ_MS = 5;

const RULES = [
  "POSTROUTING -s 172.17.0.0/16 ! -o br0 -j MASQUERADE",
  `POSTROUTING -s ${WEB}/32 -d ${WEB}/32 -p tcp --dport 80 -j MASQUERADE`,
  "PREROUTING -m addrtype --dst-type LOCAL -j DOCKER",
  `DOCKER ! -i br0 -p tcp --dport ${PUBLISHED} -j DNAT --to-destination ${WEB}:80`,
];

const SYN = { syn: true, window: 1000 };
const SYN_ACK = { syn: true, ack: true, acknowledgment: 1, window: 1000 };
const ACK = { ack: true, sequence: 1, acknowledgment: 1, window: 1000 };

type Port = typeof BRIDGE | typeof OUTSIDE;

let host: Namespace;
let docker: DockerHost;

before(async () => {
  if (needs.skip) return;
  host = await openNamespace("nat");
  for (const device of Object.values(DEVICES)) {
    await host.call(MODULE, "open", "tun", device);
    await host.sysctl(`net.ipv6.conf.${device}.disable_ipv6`, 1);
    await host.sysctl(`net.ipv4.conf.${device}.rp_filter`, 0);
    await host.sysctl(`net.ipv4.conf.${device}.send_redirects`, 0);
    await host.ip("link", "set", device, "up");
  }
  await host.ip("address", "add", `${GATEWAY}/16`, "dev", "br0");
  await host.ip("address", "add", `${HOST}/24`, "dev", "out0");
  await host.ip("route", "add", "default", "dev", "out0");
  await host.sysctl("net.ipv4.conf.all.rp_filter", 0);
  await host.sysctl("net.ipv4.conf.all.send_redirects", 0);
  await host.sysctl("net.ipv4.ip_forward", 1);
  await host.run("iptables", "-t", "nat", "-N", "DOCKER");
  for (const rule of RULES) await host.run("iptables", "-t", "nat", "-A", ...rule.split(" "));
  docker = new DockerHost(await openCore());
});
after(() => host?.close());

/** What Linux makes of a packet: what comes out of `port`. */
async function read(port: Port): Promise<Uint8Array> {
  for (let turn = 0; turn < READS_MAX; turn++) {
    const packet = await host.call<Uint8Array | string>(MODULE, "read", DEVICES[port]);
    if (typeof packet !== "string" && packet[0] === 0x45) return packet;
    await sleep(READ_MS);
  }
  throw new Error(`nothing came out of ${DEVICES[port]}`);
}

/** Gives a packet to both, and returns what both made of it. */
async function both(from: Port, packet: Uint8Array, to: Port): Promise<Uint8Array> {
  await host.call(MODULE, "write", DEVICES[from], packet);
  const linux = await read(to);
  const ours = docker.pass(from, packet);
  assert.equal(ours.verdict, "consumed");
  assert.equal(ours.port, to);
  assert.equal(Buffer.from(ours.bytes).toString("hex"), Buffer.from(linux).toString("hex"));
  return linux;
}

describe("Linux and the core agree", needs, () => {
  test("on what is masqueraded, and on replies", async () => {
    await both(BRIDGE, tcp(`${WEB}:5000 > ${SERVER}:443`, SYN, ""), OUTSIDE);
    await both(OUTSIDE, tcp(`${SERVER}:443 > ${HOST}:5000`, SYN_ACK, ""), BRIDGE);
    await both(BRIDGE, tcp(`${WEB}:5000 > ${SERVER}:443`, ACK), OUTSIDE);
    await both(BRIDGE, udp(`${WEB}:5001 > ${SERVER}:53`), OUTSIDE);
    await both(OUTSIDE, udp(`${SERVER}:53 > ${HOST}:5001`, { checksum: 0 }), BRIDGE);
    await both(BRIDGE, echo(`${WEB} > ${SERVER}`, 77), OUTSIDE);
    await both(OUTSIDE, echo(`${SERVER} > ${HOST}`, 77, 0), BRIDGE);
  });

  test("on a published port, and on replies", async () => {
    await both(OUTSIDE, tcp(`${CLIENT}:6000 > ${HOST}:${PUBLISHED}`, SYN, ""), BRIDGE);
    await both(BRIDGE, tcp(`${WEB}:80 > ${CLIENT}:6000`, SYN_ACK, ""), OUTSIDE);
    await both(OUTSIDE, tcp(`${CLIENT}:6000 > ${HOST}:${PUBLISHED}`, ACK), BRIDGE);
  });

  test("on flows that nothing changes, and on their replies", async () => {
    await both(OUTSIDE, udp(`${CLIENT}:7000 > ${OTHER}:53`), BRIDGE);
    await both(BRIDGE, udp(`${OTHER}:53 > ${CLIENT}:7000`), OUTSIDE);
    await both(BRIDGE, udp(`${OTHER}:7000 > ${WEB}:53`), BRIDGE);
  });

  test("on ICMP errors, and on what they quote", async () => {
    const out = await both(BRIDGE, udp(`${WEB}:5002 > ${SERVER}:53`), OUTSIDE);
    await both(OUTSIDE, icmpError(`${SERVER} > ${HOST}`, out), BRIDGE);
    await both(OUTSIDE, icmpError(`198.51.100.1 > ${HOST}`, out, 28), BRIDGE);
    const into = tcp(`${CLIENT}:6001 > ${HOST}:${PUBLISHED}`, SYN, "");
    await both(BRIDGE, icmpError(`${WEB} > ${CLIENT}`, await both(OUTSIDE, into, BRIDGE)), OUTSIDE);
    const ping = await both(BRIDGE, echo(`${WEB} > ${SERVER}`, 78), OUTSIDE);
    await both(OUTSIDE, icmpError(`${SERVER} > ${HOST}`, ping), BRIDGE);
  });

  test("on fragments, once Linux has all of them", async () => {
    const whole = tcp(`${WEB}:5003 > ${SERVER}:443`, SYN, "61".repeat(64));
    const fragments = inFragments(whole, 40);
    for (const one of fragments) await host.call(MODULE, "write", DEVICES[BRIDGE], one);
    for (const one of fragments) {
      const linux = Buffer.from(await read(OUTSIDE)).toString("hex");
      assert.equal(Buffer.from(docker.pass(BRIDGE, one).bytes).toString("hex"), linux);
    }
  });

  test("that two flows have two ports, and get their own replies", async () => {
    const packet = udp(`${OTHER}:5001 > ${SERVER}:53`);
    await host.call(MODULE, "write", DEVICES[BRIDGE], packet);
    const drawn = [await read(OUTSIDE), docker.pass(BRIDGE, packet).bytes].map((bytes) =>
      new DataView(bytes.buffer, bytes.byteOffset).getUint16(20),
    ) as [number, number];
    for (const port of drawn) assert.ok(port >= 1024 && port !== 5001, `${port}`);
    const [linux, ours] = drawn.map((port) => udp(`${SERVER}:53 > ${HOST}:${port}`));
    await host.call(MODULE, "write", DEVICES[OUTSIDE], linux);
    const expected = Buffer.from(await read(BRIDGE)).toString("hex");
    assert.ok(ours !== undefined);
    assert.equal(Buffer.from(docker.pass(OUTSIDE, ours).bytes).toString("hex"), expected);
  });
});
