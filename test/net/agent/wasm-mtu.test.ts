import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, test } from "node:test";
import { need } from "../../need.ts";
import type { Namespace } from "../namespace.ts";
import { type Kind, openHole, openPair } from "./nodes.ts";
import { until } from "./until.ts";
import type { Words } from "./wasm.inside.ts";

const options = { ...need("root", "tun", "ip", "ping"), timeout: 180_000 };
const OVERHEAD_LEN = { vxlan: 50, udp: 28 } as const;
const PATH_MTU = 1400;

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function hole(kind: Kind, words: Words): ReturnType<typeof openHole> {
  const opened = await openHole(kind, PATH_MTU, words);
  open.push(opened.a, opened.b, opened.router);
  return opened;
}

for (const kind of ["vxlan", "udp"] as const) {
  const innerMtu = PATH_MTU - OVERHEAD_LEN[kind];

  test(`${kind}: a hole in the path is told to who sends into it`, options, async () => {
    const { a, b } = await hole(kind, { pathMtu: true });
    const fits = ["-M", "do", "-s", String(innerMtu - 28)];
    const big = ["-M", "do", "-s", String(innerMtu - 27)];
    assert.equal((await a.ping(b.containerAddress, 2, ...fits))[1], 2);
    const tells = new RegExp(`From 10\\.5\\.1\\.[01] .*needed.*mtu = ${innerMtu}`);
    await until("the sender is told", async () => {
      const [told, none] = await a.ping(b.containerAddress, 1, "-W", "1", ...big);
      assert.equal(none, 0);
      return tells.test(told);
    });
    assert.equal((await a.list<{ mtu: number }>("remotes"))[0]?.mtu, PATH_MTU);
    assert.ok(((await a.stats()).drops.TooBig ?? 0) >= 1);
    assert.equal((await a.ping(b.containerAddress, 2, ...fits))[1], 2);
    // What may be cut goes through all the same, in pieces.
    const cut = ["-M", "dont", "-s", "1400"];
    assert.equal((await a.ping(b.containerAddress, 3, ...cut))[1], 3);
  });

  test(`${kind}: what this host refuses is told, and loses nothing`, options, async () => {
    const { a, b } = await hole(kind, { pathMtu: true });
    const big = ["-M", "do", "-s", String(innerMtu - 27)];
    await b.ping(a.containerAddress, 1, "-W", "1", ...big); // leaves in pieces
    await until("the path's MTU", async () => {
      return (await b.list<{ mtu: number }>("remotes"))[0]?.mtu === PATH_MTU;
    });
    const [told] = await b.ping(a.containerAddress, 2, ...big);
    assert.match(told, new RegExp(`From 10\\.5\\.2\\.[01] .*needed.*mtu = ${innerMtu}`));
    assert.deepEqual((await b.stats()).errors, {});
  });

  test(`${kind}: TCP finds its way through the hole`, options, async () => {
    const { a, b } = await hole(kind, { pathMtu: true });
    assert.equal(await pour(a.container, b.container, b.containerAddress), POURED);
  });
}

test("a clamped MSS fits into the tunnel, both ways", {
  ...options,
  ...need("tshark"),
}, async () => {
  const [a, b] = await openPair("vxlan", { mssClamp: true });
  open.push(a, b);
  const watched = watch(b.container, "tcp.flags.syn == 1");
  await watched.ready;
  assert.equal(await pour(a.container, b.container, b.containerAddress), POURED);
  const [syn = "", answer = ""] = await watched.stop(2);
  assert.match(syn, /^1410\t/); // the device of the container would have 1460
  assert.match(syn, /\t1$/); // its checksum is good
  assert.match(answer, /^1460\t/); // as it leaves here, before the tunnel
  const back = watch(a.container, "tcp.flags.syn == 1 && tcp.flags.ack == 1");
  await back.ready;
  await pour(a.container, b.container, b.containerAddress);
  assert.match((await back.stop(1))[0] ?? "", /^1410\t/);
});

const POURED = 300_000;

/** Sends by TCP from one container to another; gives how many bytes arrived. */
async function pour(from: Namespace, to: Namespace, address: string): Promise<number> {
  const sink = run(
    to,
    `const server = require("net").createServer((socket) => {
       let bytes = 0;
       socket.on("data", (chunk) => { bytes += chunk.length; });
       socket.on("end", () => { console.log(bytes); process.exit(); });
     }).listen(7777, () => console.log("ready"));`,
  );
  await once(sink.stdout, "data");
  const answer = once(sink.stdout, "data");
  const source = run(
    from,
    `require("net").connect(7777, "${address}").end(Buffer.alloc(${POURED}));`,
  );
  try {
    return Number(String((await answer)[0]));
  } finally {
    source.kill();
    sink.kill();
  }
}

function run(ns: Namespace, code: string): ReturnType<typeof spawnIn> {
  return spawnIn(ns, process.execPath, "-e", code);
}

function spawnIn(ns: Namespace, ...words: string[]) {
  return spawn("ip", ["netns", "exec", ns.name, ...words], { stdio: ["ignore", "pipe", "pipe"] });
}

/** tshark on eth0: MSS and the state of the checksum of what the filter lets through. */
function watch(ns: Namespace, filter: string) {
  const fields = ["tcp.options.mss_val", "tcp.checksum.status"].flatMap((name) => ["-e", name]);
  const checked = ["-o", "tcp.check_checksum:TRUE"];
  const words = ["-i", "eth0", "-l", "-n", ...checked, "-Y", filter, "-T", "fields", ...fields];
  const child = spawnIn(ns, "tshark", ...words);
  let printed = "";
  child.stdout.on("data", (chunk) => {
    printed += chunk;
  });
  let said = "";
  const ready = new Promise<void>((resolve) => {
    child.stderr.on("data", (chunk) => {
      said += chunk;
      if (said.includes("Capture started")) resolve();
    });
  });
  const lines = (): string[] => printed.split("\n").filter(Boolean);
  const stop = async (count: number): Promise<string[]> => {
    await until(`${count} lines of tshark`, () => lines().length >= count, { hint: () => said });
    child.kill("SIGINT");
    await once(child, "close");
    return lines();
  };
  return { ready, stop };
}
