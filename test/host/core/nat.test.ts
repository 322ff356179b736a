// Address translation by whole packets, around the router: docker's rules, there and back.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decode, openCore } from "../../../bindings/core/index.ts";
import * as host from "./docker-host.ts";

const core = await openCore({ memoryBytes: 64 << 20 });
const { CLIENT, GATEWAY, HOST, OTHER, SERVER, WEB, BRIDGE, OUTSIDE, PUBLISHED } = host;
const { DockerHost, echo, icmpError, tcp, udp } = host;

const SYN_ACK = { syn: true, ack: true };
const ACK = { ack: true };

/** The ends of a packet that went out, whose checksums are all right. */
function endsOf(fate: host.Fate, port: number): string {
  assert.equal(fate.verdict, "consumed");
  assert.equal(fate.port, port);
  const { layers, error } = decode(core, fate.bytes, { link: "ip" });
  assert.equal(error, undefined);
  const broken = layers.filter(({ status }) => status !== undefined);
  assert.deepEqual(broken, []);
  return host.printEnds(core, fate.bytes).join(" | ");
}

test("who leaves is masqueraded, and its replies find back", () => {
  const docker = new DockerHost(core);
  const out = docker.pass(BRIDGE, tcp(`${WEB}:5000 > ${SERVER}:443`));
  assert.equal(endsOf(out, OUTSIDE), `${HOST}:5000 > ${SERVER}:443`);
  const back = docker.pass(OUTSIDE, tcp(`${SERVER}:443 > ${HOST}:5000`, SYN_ACK));
  assert.equal(endsOf(back, BRIDGE), `${SERVER}:443 > ${WEB}:5000`);
});

test("a published port leads to its container, whose replies come from the host", () => {
  const docker = new DockerHost(core);
  const into = docker.pass(OUTSIDE, tcp(`${CLIENT}:5000 > ${HOST}:${PUBLISHED}`));
  assert.equal(endsOf(into, BRIDGE), `${CLIENT}:5000 > ${WEB}:80`);
  const back = docker.pass(BRIDGE, tcp(`${WEB}:80 > ${CLIENT}:5000`, SYN_ACK));
  assert.equal(endsOf(back, OUTSIDE), `${HOST}:${PUBLISHED} > ${CLIENT}:5000`);
});

test("the host itself finds the published port, too", () => {
  const docker = new DockerHost(core);
  const out = docker.pass(null, tcp(`${HOST}:5000 > ${HOST}:${PUBLISHED}`));
  assert.equal(endsOf(out, BRIDGE), `${HOST}:5000 > ${WEB}:80`);
  const back = docker.pass(BRIDGE, tcp(`${WEB}:80 > ${HOST}:5000`, SYN_ACK));
  assert.equal(back.verdict, "forUs");
});

test("a container finds its own published port and is answered by it: a hairpin", () => {
  const docker = new DockerHost(core);
  // docker's own rule leaves out what comes from the bridge; --userland-proxy=false does not.
  const [published] = host.DOCKER_RULES;
  assert.ok(published !== undefined);
  docker.node.rules.set({ ...published, index: 0, port: null, flags: ["targetLocal"] });
  const out = docker.pass(BRIDGE, tcp(`${WEB}:5000 > ${HOST}:${PUBLISHED}`));
  assert.equal(endsOf(out, BRIDGE), `${GATEWAY}:5000 > ${WEB}:80`);
  const back = docker.pass(BRIDGE, tcp(`${WEB}:80 > ${GATEWAY}:5000`, SYN_ACK));
  assert.equal(endsOf(back, BRIDGE), `${HOST}:${PUBLISHED} > ${WEB}:5000`);
});

test("flows that no rule changes are followed, so that nobody's replies are translated", () => {
  const docker = new DockerHost(core);
  const into = docker.pass(OUTSIDE, tcp(`${CLIENT}:5000 > ${WEB}:22`));
  assert.equal(endsOf(into, BRIDGE), `${CLIENT}:5000 > ${WEB}:22`);
  const back = docker.pass(BRIDGE, tcp(`${WEB}:22 > ${CLIENT}:5000`, SYN_ACK));
  assert.equal(endsOf(back, OUTSIDE), `${WEB}:22 > ${CLIENT}:5000`);
  const mine = docker.pass(BRIDGE, tcp(`${WEB}:22 > ${CLIENT}:5001`));
  assert.equal(endsOf(mine, OUTSIDE), `${HOST}:22 > ${CLIENT}:5001`);
});

test("two containers that speak by one port get two, and keep them", () => {
  const docker = new DockerHost(core);
  const sent = [WEB, OTHER].map((container) =>
    endsOf(docker.pass(BRIDGE, udp(`${container}:5000 > ${SERVER}:53`)), OUTSIDE),
  );
  assert.equal(sent[0], `${HOST}:5000 > ${SERVER}:53`);
  const drawn = Number(/:(\d+) >/.exec(sent[1] ?? "")?.[1]);
  assert.ok(drawn >= 1024 && drawn !== 5000);
  const replies = [5000, drawn].map((port) =>
    endsOf(docker.pass(OUTSIDE, udp(`${SERVER}:53 > ${HOST}:${port}`)), BRIDGE),
  );
  assert.deepEqual(replies, [`${SERVER}:53 > ${WEB}:5000`, `${SERVER}:53 > ${OTHER}:5000`]);
});

test("a port below 512 becomes another one of those, one below 1024 another from 600 on", () => {
  for (const [port, first, last] of [
    [123, 1, 511],
    [700, 600, 1023],
  ] as const) {
    const docker = new DockerHost(core);
    docker.pass(BRIDGE, udp(`${WEB}:${port} > ${SERVER}:53`));
    const second = docker.pass(BRIDGE, udp(`${OTHER}:${port} > ${SERVER}:53`));
    const drawn = Number(/:(\d+) >/.exec(endsOf(second, OUTSIDE))?.[1]);
    assert.ok(drawn >= first && drawn <= last && drawn !== port, `${drawn} for ${port}`);
  }
});

test("an echo is told apart by its identifier", () => {
  const docker = new DockerHost(core);
  const sent = [WEB, OTHER].map((container) =>
    endsOf(docker.pass(BRIDGE, echo(`${container} > ${SERVER}`, 77)), OUTSIDE),
  );
  assert.equal(sent[0], `${HOST} > ${SERVER} | #77`);
  const drawn = Number(/#(\d+)/.exec(sent[1] ?? "")?.[1]);
  assert.notEqual(drawn, 77);
  const back = docker.pass(OUTSIDE, echo(`${SERVER} > ${HOST}`, drawn, 0));
  assert.equal(endsOf(back, BRIDGE), `${SERVER} > ${OTHER} | #77`);
});

test("what is random is drawn anew for other dice, and the same for the same", () => {
  const ports = [1, 2, 1].map((dice) => {
    const docker = new DockerHost(core, {}, [
      { hook: "postrouting", action: "masquerade", flags: ["randomPort"] },
    ]);
    docker.dice = dice;
    return endsOf(docker.pass(BRIDGE, udp(`${WEB}:5000 > ${SERVER}:53`)), OUTSIDE);
  });
  assert.notEqual(ports[0], ports[1]);
  assert.equal(ports[0], ports[2]);
  assert.doesNotMatch(ports.join(), /:5000/);
});

test("chains that are written flat: a return leaves the cluster's own packets alone", () => {
  // flannel's: -s and -d in the cluster RETURN, -s in the cluster to elsewhere MASQUERADE.
  const cluster = "172.17.0.0/16";
  const docker = new DockerHost(core, {}, [
    { index: 0, hook: "postrouting", action: "skip", next: 2, source: cluster },
    { index: 1, hook: "postrouting", action: "skip", next: 9 },
    { index: 2, hook: "postrouting", action: "accept", target: cluster },
    ...[{ index: 3, hook: "postrouting", action: "masquerade" } as const],
  ]);
  const inside = docker.pass(BRIDGE, udp(`${WEB}:5000 > ${OTHER}:53`));
  assert.equal(endsOf(inside, BRIDGE), `${WEB}:5000 > ${OTHER}:53`);
  const out = docker.pass(BRIDGE, udp(`${WEB}:5000 > ${SERVER}:53`));
  assert.equal(endsOf(out, OUTSIDE), `${HOST}:5000 > ${SERVER}:53`);
  const other = docker.pass(OUTSIDE, udp(`${CLIENT}:5000 > ${WEB}:53`));
  assert.equal(endsOf(other, BRIDGE), `${CLIENT}:5000 > ${WEB}:53`);
  assert.deepEqual(
    [...docker.node.rules].map(({ hits }) => hits),
    [2, 1, 1, 1],
  );
});

test("an error about what left comes back to who sent it, and so does what it quotes", () => {
  for (const len of [28, 33]) {
    const docker = new DockerHost(core);
    const out = docker.pass(BRIDGE, udp(`${WEB}:5000 > ${SERVER}:53`));
    const back = docker.pass(OUTSIDE, icmpError(`${SERVER} > ${HOST}`, out.bytes, len));
    assert.equal(endsOf(back, BRIDGE), `${SERVER} > ${WEB} | ${WEB}:5000 > ${SERVER}:53`);
    const quoted = decode(core, back.bytes, { link: "ip" }).layers.filter((it) => it.depth === 1);
    assert.ok(quoted.length >= 2);
  }
});

test("an error about a published port says what the client asked for", () => {
  const docker = new DockerHost(core);
  const into = docker.pass(OUTSIDE, tcp(`${CLIENT}:5000 > ${HOST}:${PUBLISHED}`));
  const back = docker.pass(BRIDGE, icmpError(`${WEB} > ${CLIENT}`, into.bytes));
  const asked = `${CLIENT}:5000 > ${HOST}:${PUBLISHED}`;
  assert.equal(endsOf(back, OUTSIDE), `${HOST} > ${CLIENT} | ${asked}`);
});

test("an error about an echo has the identifier that its sender chose", () => {
  const docker = new DockerHost(core);
  docker.pass(BRIDGE, echo(`${WEB} > ${SERVER}`, 77));
  const second = docker.pass(BRIDGE, echo(`${OTHER} > ${SERVER}`, 77));
  const back = docker.pass(OUTSIDE, icmpError(`${SERVER} > ${HOST}`, second.bytes));
  assert.equal(endsOf(back, BRIDGE), `${SERVER} > ${OTHER} | ${OTHER} > ${SERVER} | #77`);
});

test("what the router itself says of a flow finds its way, too", () => {
  const docker = new DockerHost(core);
  const dying = tcp(`${CLIENT}:5000 > ${HOST}:${PUBLISHED}`);
  dying[8] = 1; // its TTL
  new DataView(dying.buffer).setUint16(10, new DataView(dying.buffer).getUint16(10) + 0x3f00);
  const [told] = docker.pass(OUTSIDE, dying).errors;
  assert.ok(told !== undefined);
  const asked = `${CLIENT}:5000 > ${HOST}:${PUBLISHED}`;
  const sent = docker.pass(null, told);
  assert.equal(endsOf(sent, OUTSIDE), `${HOST} > ${CLIENT} | ${asked}`);
});

test("later fragments go with the first, and alone not at all", () => {
  const docker = new DockerHost(core);
  const data = "61".repeat(64);
  const [first, last] = host.inFragments(tcp(`${WEB}:5000 > ${SERVER}:443`, ACK, data), 40);
  assert.equal(docker.pass(BRIDGE, last).verdict, "Fragment");
  const sent = [first, last].map((bytes) => docker.pass(BRIDGE, bytes).bytes);
  assert.deepEqual(
    sent.map((bytes) => host.printEnds(core, bytes)),
    [[`${HOST}:5000 > ${SERVER}:443`], [`${HOST} > ${SERVER}`]],
  );
  const whole = host.joined(sent as [Uint8Array, Uint8Array]);
  assert.deepEqual(
    decode(core, whole, { link: "ip" }).layers.filter((it) => it.status),
    [],
  );
  const [, another] = host.inFragments(tcp(`${OTHER}:5000 > ${SERVER}:443`, ACK, data), 40);
  assert.equal(docker.pass(BRIDGE, another).verdict, "Fragment");
});

test("an error that belongs to nobody goes on as it is", () => {
  const docker = new DockerHost(core);
  const about = udp(`${WEB}:5000 > ${SERVER}:53`);
  for (const bytes of [
    icmpError(`${SERVER} > ${WEB}`, about),
    icmpError(`${SERVER} > ${WEB}`, about, 24),
    icmpError(`${SERVER} > ${WEB}`, about, 10),
    icmpError(`${SERVER} > ${WEB}`, icmpError(`${WEB} > ${SERVER}`, about)),
  ]) {
    const { verdict, bytes: after } = docker.hook(OUTSIDE, bytes, false);
    assert.equal(verdict, "consumed");
    assert.deepEqual(after, bytes);
  }
  const broken = Uint8Array.from(icmpError(`${SERVER} > ${WEB}`, about));
  broken[22] = Number(broken[22]) ^ 1;
  assert.equal(docker.hook(OUTSIDE, broken, false).verdict, "BadChecksum");
  assert.equal(docker.node.info().conns, 0);
});

test("an answered connection lives for days, a reset one for seconds", () => {
  const docker = new DockerHost(core);
  const key = { protocol: host.TCP, source: WEB, target: SERVER, sourcePort: 5000, targetPort: 80 };
  const seen = (): unknown[] => {
    const { state, leftS } = docker.node.conns.get(key, docker.nowMs) ?? {};
    return [state, leftS];
  };
  const out = (flags: object): host.Fate =>
    docker.pass(BRIDGE, tcp(`${WEB}:5000 > ${SERVER}:80`, flags));
  const back = (flags: object): host.Fate =>
    docker.pass(OUTSIDE, tcp(`${SERVER}:80 > ${HOST}:5000`, flags));
  out({ syn: true });
  assert.deepEqual(seen(), ["new", 120]);
  back(SYN_ACK);
  assert.deepEqual(seen(), ["replied", 60]);
  out(ACK);
  docker.nowMs = 5000;
  assert.deepEqual(seen(), ["assured", 431995]);
  back({ fin: true, ack: true });
  assert.deepEqual(seen(), ["closing", 120]);
  out({ syn: true });
  assert.deepEqual(seen(), ["new", 120]);
  out({ rst: true });
  assert.deepEqual(seen(), ["closed", 10]);
  docker.nowMs = 15000;
  assert.deepEqual(seen(), [undefined, undefined]);
});

test("datagrams live half a minute, two once there was an answer and another question", () => {
  const docker = new DockerHost(core);
  const key = { protocol: host.UDP, source: WEB, target: SERVER, sourcePort: 5000, targetPort: 53 };
  const leftS = (): number | undefined => docker.node.conns.get(key, docker.nowMs)?.leftS;
  docker.pass(BRIDGE, udp(`${WEB}:5000 > ${SERVER}:53`));
  assert.equal(leftS(), 30);
  docker.pass(OUTSIDE, udp(`${SERVER}:53 > ${HOST}:5000`));
  assert.equal(leftS(), 30);
  docker.pass(BRIDGE, udp(`${WEB}:5000 > ${SERVER}:53`));
  assert.equal(leftS(), 120);
});

test("a full table refuses who is new, serves who is there, and takes who comes later", () => {
  const docker = new DockerHost(core, { conns: 2 });
  const send = (port: number): host.Fate =>
    docker.pass(BRIDGE, udp(`${WEB}:${port} > ${SERVER}:53`));
  send(5000);
  send(5001);
  assert.equal(send(5002).verdict, "NoRoom");
  const back = docker.pass(OUTSIDE, udp(`${SERVER}:53 > ${HOST}:5001`));
  assert.equal(endsOf(back, BRIDGE), `${SERVER}:53 > ${WEB}:5001`);
  docker.nowMs = 30000;
  assert.equal(endsOf(send(5002), OUTSIDE), `${HOST}:5002 > ${SERVER}:53`);
  assert.equal(docker.node.info().conns, 2);
});

test("flows that are silent are removed as time passes", () => {
  const docker = new DockerHost(core);
  for (const port of [1, 2, 3]) docker.pass(BRIDGE, udp(`${WEB}:${port} > ${SERVER}:53`));
  assert.equal([...docker.node.conns].length, 3);
  assert.equal(docker.node.conns.age(8, 29999), 0);
  assert.equal(docker.node.conns.age(2, 30000), 2);
  assert.equal(docker.node.conns.age(2, 30000), 1);
  assert.equal(docker.node.info().conns, 0);
});
