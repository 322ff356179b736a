// The demo as a library: what the command runs, for who has a program of his own.
import assert from "node:assert/strict";
import { test } from "node:test";
import { runDemo } from "../../bindings/node/index.ts";
import { need } from "../need.ts";

const SHORT = { seconds: 0.2, pings: 2, rounds: 0, pcap: null } as const;

test(
  "a program runs the demo, and hears of it line by line",
  need("root", "tun", "ip"),
  async () => {
    const lines: string[] = [];
    const options = { ...SHORT, backend: "udp", peer: "heddle" } as const;
    const report = await runDemo(
      options,
      (line) => void lines.push(line),
      new AbortController().signal,
    );
    assert.deepEqual(report.failures, []);
    assert.deepEqual(
      report.pings.map(({ sent, received }) => [sent, received]),
      [
        [2, 2],
        [2, 2],
      ],
    );
    assert.match(lines.join("\n"), /2 of 2 answered/);
  },
);

test("an aborted demo fails, and removes what it made", need("root", "tun", "ip"), async () => {
  const options = { ...SHORT, backend: "vxlan", peer: "heddle" } as const;
  const lines: string[] = [];
  const stopped = runDemo(options, (line) => void lines.push(line), AbortSignal.timeout(50));
  await assert.rejects(stopped);
  assert.doesNotMatch(lines.join("\n"), /could not remove/);
});
