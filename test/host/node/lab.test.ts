// `heddle lab` as somebody types it: what it prints, and its exit status.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { readCapture } from "../../../bindings/lab/index.ts";
import type { TraceDocument } from "../../../bindings/lab/render/index.ts";
import { SCENARIOS } from "../../../bindings/lab/scenarios/index.ts";

const CLI = fileURLToPath(new URL("../../../bindings/node/cli.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "heddle-lab-"));
after(() => rmSync(folder, { recursive: true, force: true }));

interface Said {
  readonly status: number | null;
  readonly out: string;
  readonly error: string;
}

function lab(...args: string[]): Said {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, "lab", ...args], {
    encoding: "utf8",
    input: "",
  });
  return { status, out: stdout, error: stderr };
}

test("--list has every scenario", () => {
  const { status, out } = lab("--list");
  assert.equal(status, 0);
  for (const { slug, promise } of SCENARIOS) {
    assert.ok(
      out.split("\n").some((line) => line.startsWith(`${slug} `) && line.endsWith(promise.en)),
      slug,
    );
  }
});

test("--help says what there is, and what is meant where nothing is said", () => {
  const { status, out, error } = lab("--help");
  assert.deepEqual([status, error], [0, ""]);
  assert.match(out, /--seed <number> .*\n?.*\(default: 1\)/);
});

test("a scenario is run, followed and judged", () => {
  const { status, out } = lab("docker-bridge");
  assert.equal(status, 0);
  assert.match(out, /c1\$ ping -c 5 172\.17\.0\.3\nPING 172\.17\.0\.3/);
  assert.match(out, /2 host1 docker0 > \S+ +98 bytes TTL 64 +E I C\n +docker0 forwards\./);
  assert.match(out, /\* 172\.17\.0\.0\/16 dev eth0 .*\n +- default via .*\(shorter prefix\)/);
  assert.match(out, /(\d+) of \1 assertions hold\n$/);
});

test("an edit takes the route away, and the run fails", () => {
  const edit = [
    "--edit",
    "c1 ip route del 172.17.0.0/16 dev eth0",
    "--edit",
    "c1 ip route del default",
  ];
  const { status, out } = lab("docker-bridge", ...edit);
  assert.equal(status, 1);
  assert.match(out, /FAILED /);
});

test("listings are those of the end, or of a hop", () => {
  const before = lab("docker-bridge", "--show", "1.1 c2 ip neigh");
  assert.deepEqual([before.status, before.out], [0, ""]);
  const { out } = lab("docker-bridge", "--show", "c2 ip neigh", "--show", "c1 ip route");
  assert.match(
    out,
    /^c2\$ ip neigh\n172\.17\.0\.2 dev eth0 lladdr 02:42:ac:11:00:02 .*\n\nc1\$ ip/,
  );
});

test("the document has every packet, its hops and their bytes", () => {
  const { status, out } = lab("docker-bridge", "--json");
  assert.equal(status, 0);
  const document = JSON.parse(out) as TraceDocument;
  const [first] = document.packets;
  assert.equal(first?.kind, "echo-request");
  assert.equal(first?.hops[0]?.out[0]?.length, 2 * 98);
  assert.equal(first?.hops[0]?.in, null);
  assert.ok(document.facts.length > 0 && document.facts.every(({ isHeld }) => isHeld));
});

test("a capture has what was seen, whichever way it is asked for", async () => {
  const file = join(folder, "bridge.pcapng");
  assert.equal(lab("docker-bridge", "--pcap", file).status, 0);
  const packets = [...readCapture(readFileSync(file))];
  assert.ok(packets.length > 10);
  const again = spawnSync(process.execPath, [CLI, "lab", "docker-bridge", "--pcap", "-"]);
  assert.deepEqual(again.stdout, readFileSync(file));
});

test("a capture goes whole through a pipe that holds less, and is read late", () => {
  const line = '"$0" "$1" lab swarm-100 --pcap - | { sleep 1; cat; }';
  const { stdout, stderr } = spawnSync("sh", ["-c", line, process.execPath, CLI]);
  const file = join(folder, "swarm.pcapng");
  assert.equal(lab("swarm-100", "--pcap", file).status, 0);
  assert.ok(stdout.length > 1 << 16, `${stdout.length} bytes`);
  assert.deepEqual([stderr.toString(), stdout], ["", readFileSync(file)]);
});

test("without a terminal every step is printed, with its bytes", () => {
  const { status, out } = lab("docker-bridge", "--step");
  assert.equal(status, 0);
  assert.match(out, /^ +0000 {2}02 42 ac 11 00 03 02 42 {2}ac 11 00 02 08 00 45 00$/m);
  const document = JSON.parse(lab("docker-bridge", "--json").out) as TraceDocument;
  const hops = document.packets.flatMap((packet) => packet.hops);
  assert.equal(out.match(/^ +0000 {2}/gm)?.length, hops.length);
});

test("the network leaves the lab as a script and as a drawing", () => {
  assert.match(
    lab("docker-bridge", "--export-netns").out,
    /^#!\/bin\/sh\n[\s\S]*172\.17\.0\.2\/16/,
  );
  assert.match(lab("docker-bridge", "--mermaid").out, /^flowchart LR\n/);
});

const MISUSE: readonly (readonly [args: string, says: RegExp])[] = [
  ["docker-bridg", /no scenario "docker-bridg"; docker-bridge is nearest/],
  ["vxlan", /flannel-vxlan is nearest/],
  ["docker-bridge --variant odd", /docker-bridge has no variants, not "odd"/],
  ["docker-bridge --json --step", /--json and --step print different things/],
  ["docker-bridge --seed -1", /whole number/],
  ["docker-bridge --fix", /is no drill/],
  ["docker-bridge --port 80", /--port is for --serve/],
  ["docker-bridge --show ip", /must be "\[PACKET\.HOP\] NAMESPACE COMMAND"/],
  ["all --json", /--json takes the name of one scenario/],
  ["", /a scenario, all, --list or --serve is missing/],
];

for (const [args, says] of MISUSE) {
  test(`"lab ${args}" makes no sense, and says why`, () => {
    const { status, out, error } = lab(...args.split(" ").filter(Boolean));
    assert.deepEqual([status, out], [2, ""]);
    assert.match(error, says);
  });
}

test("listings that cannot be are refused in their tool's words", () => {
  for (const [line, says] of [
    ["c9 ip route", /no namespace c9; there are .*c1/],
    ["c1 ip route show dev eth9", /Cannot find device "eth9"/],
    ["c1 tcpdump", /tcpdump: command not found/],
    ["0.99 c1 ip route", /there is no hop 99/],
  ] as const) {
    const { status, error } = lab("docker-bridge", "--show", line);
    assert.equal(status, 2, line);
    assert.match(error, says);
  }
});
