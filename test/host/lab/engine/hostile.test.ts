// Frames of any bytes, as broken or hostile senders make them, are dropped or taken, and the lab
// goes on. Each is a frame that a scenario carried, with bytes changed and an end cut off.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { openCore } from "../../../../bindings/core/index.ts";
import { runScenario } from "../../../../bindings/lab/index.ts";
import type { FrameAction, Scenario } from "../../../../bindings/lab/scenario.ts";
import { publish } from "../../../../bindings/lab/scenarios/docker/outside.ts";
import { flannelVxlan } from "../../../../bindings/lab/scenarios/flannel/vxlan.ts";
import { swarmOverlay } from "../../../../bindings/lab/scenarios/swarm/overlay.ts";
import { weaveSleeve } from "../../../../bindings/lab/scenarios/weave/paths.ts";
import { drawSeed } from "../../../../fuzz/seed.ts";

const HEADERS_LEN = 60; // where changes matter most
const RUNS = 60;
const core = await openCore();

function frameAt(place: string, data: Uint8Array): FrameAction {
  const at = place.indexOf(":");
  const frame = [{ layer: "payload", fields: { data } }] as const;
  return { do: "frame", in: place.slice(0, at), device: place.slice(at + 1), frame, from: "wire" };
}

/** Frames that came to devices of a scenario, changed. */
function framesOf(scenario: Scenario): fc.Arbitrary<FrameAction> {
  const trace = runScenario(core, scenario);
  const seen = trace.sightings.filter(({ link, direction }) => {
    return link === "ethernet" && direction === "in";
  });
  const place = fc.nat(HEADERS_LEN);
  const byte = fc.oneof(fc.constantFrom(0, 1, 0x40, 0x45, 0x4f, 0xff), fc.nat(255));
  const changes = fc.array(fc.tuple(place, byte), { maxLength: 3 });
  const cut = fc.option(fc.nat(HEADERS_LEN), { freq: 2 });
  return fc.tuple(fc.constantFrom(...seen), changes, cut).map(([sighting, changed, len]) => {
    const { offset, len: wholeLen } = sighting.bytes;
    const data = trace.bytes.slice(offset, offset + wholeLen);
    for (const [at, value] of changed) if (at < data.length) data[at] = value;
    return frameAt(sighting.place, data.subarray(0, len ?? data.length));
  });
}

for (const scenario of [flannelVxlan, publish, swarmOverlay, weaveSleeve]) {
  test(`${scenario.slug}: a frame of any bytes has an end`, () => {
    const seed = drawSeed();
    console.log(`seed ${seed}`);
    fc.assert(
      fc.property(framesOf(scenario), (action) => {
        const trace = runScenario(core, { ...scenario, actions: [action], assertions: [] });
        assert.ok(trace.packets.length > 0);
      }),
      { seed, numRuns: RUNS },
    );
  });
}

const { network } = flannelVxlan;
const [first] = network.hosts.flatMap(({ namespaces }) => namespaces);
const place = `${first?.name}:eth0`;

test("a frame without room for its header is malformed, and cannot be sent", () => {
  const runt = frameAt(place, new Uint8Array(13));
  const { hops } = runScenario(core, { ...flannelVxlan, actions: [runt], assertions: [] });
  assert.deepEqual(
    hops.map(({ verdict }) => verdict),
    ["drop-malformed"],
  );
  const sent: FrameAction = { ...runt, from: "owner" };
  const run = (): unknown => runScenario(core, { ...flannelVxlan, actions: [sent] });
  assert.throws(run, /sends no frame of 13 bytes/);
});

test("a VTEP that answers for others asks nothing of an ARP message that is cut", () => {
  const hosts = swarmOverlay.network.hosts.flatMap(({ namespaces }) => namespaces);
  const proxies = hosts.flatMap(({ name, devices }) =>
    devices.filter((each) => each.kind === "vxlan" && each.isProxy).map((each) => [name, each]),
  );
  assert.ok(proxies.length > 0);
  const header = [...Array(6).fill(0xff), 2, 0, 0, 0, 0, 1, 0x08, 0x06];
  const [name, device] = proxies[0] as [string, { readonly name: string }];
  const cut = frameAt(`${name}:${device.name}`, Uint8Array.from([...header, 0, 1, 8, 0]));
  const actions = [{ ...cut, from: "owner" }] as const;
  const { hops } = runScenario(core, { ...swarmOverlay, actions, assertions: [] });
  assert.ok(hops.every(({ verdict }) => verdict !== "arp-proxy" && verdict !== "arp-swallow"));
});
