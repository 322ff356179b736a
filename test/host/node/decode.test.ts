// `heddle decode` as people and programs run it: what it prints, where, and how it exits.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { PcapngWriter } from "../../../bindings/lab/index.ts";
import * as model from "../../model/capture.ts";
import { bytesOf, ethernet, hexOf, ipv4, udp } from "../../model/packet.ts";
import { vectorFiles } from "../lab/vector.ts";

const CLI = fileURLToPath(new URL("../../../bindings/node/cli.js", import.meta.url));

interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function decode(args: readonly string[], input: Uint8Array | null = null): Promise<Run> {
  return run([CLI, "decode", ...args], input);
}

function run(args: readonly string[], input: Uint8Array | null): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "pipe"] });
    const text = { stdout: "", stderr: "" };
    child.stdout.on("data", (chunk) => (text.stdout += chunk));
    child.stderr.on("data", (chunk) => (text.stderr += chunk));
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, ...text }));
    child.stdin.on("error", () => {}); // it need not read all of it
    child.stdin.end(input ?? undefined);
  });
}

let folder = "";
before(() => {
  folder = mkdtempSync(join(tmpdir(), "heddle-"));
});
after(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, bytes: Uint8Array | string): string {
  const file = join(folder, name);
  writeFileSync(file, bytes);
  return file;
}

function vector(name: string): string {
  return fileURLToPath(vectorFiles(".pcap").get(name) ?? name);
}

const IP = { src: "10.1.15.2", dst: "10.1.15.1" };
const DATAGRAM = ipv4(IP, udp({ srcPort: 7, dstPort: 53, pseudo: IP }, bytesOf("6869")));
const FRAME = ethernet({ dst: "02:42:0a:01:0f:01", src: "02:42:0a:01:0f:02" }, DATAGRAM);

test("a packet in hex, as a tree", async () => {
  const { status, stdout, stderr } = await decode([hexOf(FRAME)]);
  assert.deepEqual([status, stderr], [0, ""]);
  assert.equal(
    stdout,
    `packet 0: 44 bytes
  ethernet, 14 bytes at 0
      dst: 02:42:0a:01:0f:01
      src: 02:42:0a:01:0f:02
      etherType: 0x0800 (IPv4)
  ipv4, 20 bytes at 14
      version: 4
      ihl: 5
      tos: 0x00
      totalLength: 30
      id: 0x0000
      fragmentOffset: 0
      ttl: 64
      protocol: 17 (UDP)
      checksum: 0x48cb
      src: 10.1.15.2
      dst: 10.1.15.1
  udp, 8 bytes at 34
      srcPort: 7
      dstPort: 53 (DNS)
      length: 10
      checksum: 0x6530
  payload, 2 bytes at 42
      0000  68 69

`,
  );
});

test("hex with blanks, colons, a prefix, in capitals, and of a bare IP packet", async () => {
  const pairs = hexOf(DATAGRAM).match(/../g) ?? [];
  const forms = [
    hexOf(DATAGRAM),
    `0x${hexOf(DATAGRAM)}`,
    pairs.join(":").toUpperCase(),
    ` ${pairs.join(" ")}\n`,
    hexOf(DATAGRAM).replace(/.{16}/g, "$& "),
  ];
  const outputs = await Promise.all(forms.map((hex) => decode([hex, "--link", "ip", "--json"])));
  for (const output of outputs) {
    assert.deepEqual(output, { ...outputs[0], status: 0, stderr: "" });
  }
  const [packet] = JSON.parse(outputs[0]?.stdout ?? "");
  const { layers, ...facts } = packet;
  assert.deepEqual(facts, { index: 0, interface: null, time: null, length: 30 });
  assert.deepEqual(
    layers.map(({ layer, offset, headerLen }: Record<string, unknown>) => [
      layer,
      offset,
      headerLen,
    ]),
    [
      ["ipv4", 0, 20],
      ["udp", 20, 8],
      ["payload", 28, 0],
    ],
  );
  assert.deepEqual(layers[1].fields, { srcPort: 7, dstPort: 53, length: 10, checksum: 0x6530 });
});

test("a capture as JSON: nothing else on standard output, also from standard input", async () => {
  const file = vector("flannel-vxlan.eth0.pcap");
  const output = await decode([file, "--json"]);
  assert.deepEqual([output.status, output.stderr], [0, ""]);
  assert.deepEqual(await decode(["-", "--json"], readFileSync(file)), output);
  const packets = JSON.parse(output.stdout);
  assert.equal(packets.length, 11);
  const { layers, ...facts } = packets[3];
  assert.deepEqual(facts, { index: 3, interface: 0, time: "1795227331.801571000", length: 148 });
  assert.deepEqual(
    layers.map(({ layer, depth }: Record<string, unknown>) => `${layer} ${depth}`),
    [
      ...["ethernet 0", "ipv4 0", "udp 0", "vxlan 0"],
      ...["ethernet 1", "ipv4 1", "icmp 1", "payload 1"],
    ],
  );
  assert.equal(layers[3].fields.vni, 1);
});

/** One interface of each link type, a packet with all that can be said of it, and a cut one. */
function odd(): Uint8Array {
  const chunks: Uint8Array[] = [];
  const writer = new PcapngWriter((chunk) => chunks.push(chunk));
  writer.addInterface({ name: "eth0\x1b[2J\u202e", linkType: "ethernet" });
  writer.addInterface({ name: "tun0", linkType: "ip" });
  const timeNs = 1_700_000_000_123_456_789n;
  const comment = "who\nis\x1b]0;there";
  writer.addPacket({ interface: 0, timeNs, bytes: FRAME, direction: "in", comment });
  const bytes = DATAGRAM.subarray(0, 24);
  writer.addPacket({ interface: 1, timeNs: 0n, bytes, originalLen: 30 });
  return Buffer.concat(chunks);
}

test("what the capture says of a packet is printed, and cannot command a terminal", async () => {
  const file = fileOf("odd.pcapng", odd());
  const { stdout } = await decode([file]);
  const [head, comment] = stdout.split("\n");
  const name = "eth0\\u{1b}[2J\\u{202e}";
  assert.equal(head, `packet 0: 44 bytes, 2023-11-14T22:13:20.123456789Z, ${name}, in`);
  assert.equal(comment, "  comment: who\\u{a}is\\u{1b}]0;there");
  assert.match(stdout, /^packet 1: 30 bytes, 24 of them captured, 1970-.*Z, tun0$/m);
  const [first, second] = JSON.parse((await decode([file, "--json"])).stdout);
  const { layers: _, ...facts } = first;
  assert.deepEqual(facts, {
    index: 0,
    interface: 0,
    interfaceName: "eth0\x1b[2J\u202e",
    time: "1700000000.123456789",
    length: 44,
    direction: "in",
    comments: ["who\nis\x1b]0;there"],
  });
  assert.deepEqual([second.length, second.capturedLength, second.interface], [30, 24, 1]);
});

test("a packet that breaks off: its layers so far, the error, and status 1", async () => {
  const { status, stdout, stderr } = await decode([fileOf("odd.pcapng", odd()), "--json"]);
  assert.equal(status, 1);
  assert.match(
    stderr,
    /^heddle decode: 1 of 2 packets could not be read to the end; the first is /,
  );
  assert.match(stderr, /packet 1: ipv4 at byte 0: Truncated, needs 30 bytes and has 24\n$/);
  const [, { error, layers }] = JSON.parse(stdout);
  const reason = "Truncated";
  assert.deepEqual(error, { layer: "ipv4", offset: 0, needed: 30, had: 24, reason });
  assert.deepEqual(layers, []);
  const inHex = await decode([hexOf(FRAME.subarray(0, 40))]);
  assert.equal(inHex.status, 1);
  assert.match(inHex.stdout, /^ {2}ethernet, 14 bytes at 0\n.*broken: ipv4 at byte 14/ms);
});

test("a wrong checksum is told, and is no failure", async () => {
  const wrong = Uint8Array.from(FRAME);
  wrong[wrong.length - 1] = 0;
  const { status, stdout } = await decode([hexOf(wrong)]);
  assert.equal(status, 0);
  assert.match(stdout, /^ {2}udp, 8 bytes at 34: BadChecksum$/m);
  const [{ layers }] = JSON.parse((await decode([hexOf(wrong), "--json"])).stdout);
  assert.equal(layers[2].status, "BadChecksum");
});

test("a link that heddle does not know: said of each packet, and status 1", async () => {
  const packets = [{ seconds: 1, fraction: 0, bytes: FRAME }];
  const file = fileOf("sll.pcap", model.pcap({ order: "little", link: 113, packets }));
  const { status, stdout, stderr } = await decode([file, "--json"]);
  assert.equal(status, 1);
  assert.match(stderr, /packet 0: link type 113, neither Ethernet nor IP\n$/);
  const [{ error, layers }] = JSON.parse(stdout);
  assert.deepEqual(layers, []);
  assert.deepEqual(error, { reason: "link type 113, neither Ethernet nor IP" });
});

test("a broken capture: what lies before the break, where it broke, and status 1", async () => {
  const whole = readFileSync(vector("flannel-udp.eth0.pcap"));
  const cut = fileOf("cut.pcap", whole.subarray(0, 500));
  const where = `${cut}: broken at byte 440: found the end after 60 bytes, expected a packet, 126 `;
  const inJson = await decode([cut, "--json"]);
  assert.equal(inJson.status, 1);
  assert.equal(JSON.parse(inJson.stdout).length, 4);
  assert.equal(inJson.stderr, `heddle decode: ${where}bytes\n`);
  const asTree = await decode([cut]);
  assert.equal(asTree.status, 1);
  assert.equal(asTree.stdout.match(/^packet \d/gm)?.length, 4);
  assert.equal(asTree.stderr, inJson.stderr);
  const piped = await decode(["-"], whole.subarray(0, 500));
  assert.match(piped.stderr, /^heddle decode: standard input: broken at byte 440: /);
});

test("no file, no capture, no bytes: said on standard error, and status 1", async () => {
  const cases: [arg: string, words: RegExp][] = [
    [join(folder, "nothing.pcap"), /nothing\.pcap: no such file, and not a packet in hex digits$/],
    [folder, /: a folder, not a capture$/],
    [
      fileOf("text.txt", "no capture"),
      /text\.txt: broken at byte 0: found 0x6e6f2063, expected the/,
    ],
    [fileOf("empty.pcap", ""), /empty\.pcap: broken at byte 0: found the end, expected the magic/],
    ["450", /^heddle decode: hex: BadValue: "3 hex digits in a row"; expected an even number/],
    ["45:0:00", /"1 hex digits in a row"/],
    ["45 0x", /: no such file, and not a packet in hex digits$/],
  ];
  for (const [arg, words] of cases) {
    const { status, stdout, stderr } = await decode([arg]);
    assert.deepEqual([status, stdout], [1, ""], arg);
    assert.match(stderr.trimEnd(), words);
    assert.equal((await decode([arg, "--json"])).stdout, "[]\n", arg);
  }
});

test("a command line that makes no sense: status 2, and nothing on standard output", async () => {
  const file = vector("flannel-udp.eth0.pcap");
  const lines = [
    [],
    [""],
    [file, file],
    [file, "--link", "ip"],
    ["45", "--link", "atm"],
    ["--bogus"],
  ];
  for (const line of lines) {
    const { status, stdout, stderr } = await decode(line);
    assert.deepEqual([status, stdout], [2, ""], line.join(" "));
    assert.match(stderr, /^error: .*\n\(heddle decode --help shows what there is\)\n$/);
  }
});

test("a file whose name could be hex is a file", async () => {
  const cwd = process.cwd();
  fileOf("cafe", readFileSync(vector("flannel-udp.flannel0.pcap")));
  process.chdir(folder);
  const { status, stdout } = await decode(["cafe"]).finally(() => process.chdir(cwd));
  assert.equal(status, 0);
  assert.equal(stdout.match(/^packet \d/gm)?.length, 4);
});

test("packets go as they come: more of them than there is memory for", async () => {
  const count = 60_000;
  const packets = Array.from({ length: count }, () => ({ seconds: 1, fraction: 0, bytes: FRAME }));
  const capture = model.pcap({ order: "little", link: 1, packets });
  const { status, stdout } = await run(
    ["--max-old-space-size=24", CLI, "decode", "-", "--json"],
    capture,
  );
  assert.equal(status, 0);
  assert.ok(stdout.length > 24 << 20);
  assert.ok(stdout.endsWith("\n]\n"));
  assert.equal(stdout.split("\n").length, count + 3);
});

test("what IANA calls the type of an ICMP error", async () => {
  const hex = "4500001c000000004001f6d8c0000201c00002070c00f3ff00000000";
  const { stdout } = await decode([hex, "--link", "ip"]);
  assert.match(stdout, /^ +type: 12 \(parameter problem\)$/m);
});
