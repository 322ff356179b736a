// Address translation by whole packets, around the router: docker's rules, there and back.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decode, openCore } from "../../../bindings/core/index.ts";
import * as host from "./docker-host.ts";

const core = await openCore({ memoryBytes: 32 << 20 });
const { CLIENT, HOST, OTHER, SERVER, WEB, BRIDGE, OUTSIDE, DockerHost, tcp, udp, echo } = host;

/** The ends of a packet that went out, whose checksums are all right. */
function endsOf(fate: host.Fate, port: number): string {
  assert.equal(fate.verdict, "consumed");
  assert.equal(fate.port, port);
  const { layers, error } = decode(core, fate.bytes, { link: "ip" });
  assert.equal(error, undefined);
  assert.deepEqual(
    layers.filter(({ status }) => status !== undefined),
    [],
  );
  return host.printEnds(core, fate.bytes).join(" ");
}

test("who leaves is masqueraded, and its replies find back", () => {
  const docker = new DockerHost(core);
  const out = docker.pass(BRIDGE, tcp(`${WEB}:5000 > ${SERVER}:443`));
  assert.equal(endsOf(out, OUTSIDE), `${HOST}:5000 > ${SERVER}:443`);
  const back = docker.pass(OUTSIDE, tcp(`${SERVER}:443 > ${HOST}:5000`, { syn: true, ack: true }));
  assert.equal(endsOf(back, BRIDGE), `${SERVER}:443 > ${WEB}:5000`);
});

test("a published port leads to its container, whose replies come from the host", () => {
  const docker = new DockerHost(core);
  const into = docker.pass(OUTSIDE, tcp(`${CLIENT}:5000 > ${HOST}:8080`));
  assert.equal(endsOf(into, BRIDGE), `${CLIENT}:5000 > ${WEB}:80`);
  const back = docker.pass(BRIDGE, tcp(`${WEB}:80 > ${CLIENT}:5000`, { syn: true, ack: true }));
  assert.equal(endsOf(back, OUTSIDE), `${HOST}:8080 > ${CLIENT}:5000`);
});

test("two containers that speak by one port get two, and keep them", () => {
  const docker = new DockerHost(core);
  const [first, second] = [WEB, OTHER].map((container) =>
    docker.pass(BRIDGE, udp(`${container}:5000 > ${SERVER}:53`)),
  ) as [host.Fate, host.Fate];
  assert.equal(endsOf(first, OUTSIDE), `${HOST}:5000 > ${SERVER}:53`);
  const drawn = /:(\d+) /.exec(endsOf(second, OUTSIDE))?.[1];
  assert.notEqual(drawn, "5000");
  const replies = [5000, drawn].map((port) =>
    docker.pass(OUTSIDE, udp(`${SERVER}:53 > ${HOST}:${port}`)),
  ) as [host.Fate, host.Fate];
  assert.equal(endsOf(replies[0], BRIDGE), `${SERVER}:53 > ${WEB}:5000`);
  assert.equal(endsOf(replies[1], BRIDGE), `${SERVER}:53 > ${OTHER}:5000`);
});

test("an echo is told apart by its identifier", () => {
  const docker = new DockerHost(core);
  const [first, second] = [WEB, OTHER].map((container) =>
    docker.pass(BRIDGE, echo(`${container} > ${SERVER}`, 77)),
  ) as [host.Fate, host.Fate];
  assert.equal(endsOf(first, OUTSIDE), `${HOST} > ${SERVER} #77`);
  const drawn = Number(/#(\d+)/.exec(endsOf(second, OUTSIDE))?.[1]);
  assert.notEqual(drawn, 77);
  const back = docker.pass(OUTSIDE, echo(`${SERVER} > ${HOST}`, drawn, 0));
  assert.equal(endsOf(back, BRIDGE), `${SERVER} > ${OTHER} #77`);
});
