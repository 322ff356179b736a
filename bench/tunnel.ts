// TCP through two hosts of heddle, beside the kernel's VXLAN and plain veth between the same two
// containers: interleaved rounds, medians with their spread, and what the pumps hold in memory.
// Takes root, `ip` and /dev/net/tun. Figures compare with each other only.
import { parseArgs } from "node:util";
import { runDemo } from "../bindings/node/index.ts";

const { values } = parseArgs({
  options: {
    backend: { type: "string", default: "vxlan" },
    rounds: { type: "string", default: "5" },
    json: { type: "boolean", default: false },
  },
});
if (values.backend !== "vxlan" && values.backend !== "udp") {
  throw new RangeError(`--backend ${values.backend}: vxlan or udp`);
}
const rounds = Number(values.rounds);
if (!(Number.isInteger(rounds) && rounds > 0)) {
  throw new RangeError(`--rounds ${values.rounds}: a whole number above 0`);
}

const controller = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => controller.abort());

const report = await runDemo(
  {
    backend: values.backend,
    peer: "heddle",
    seconds: 1,
    pings: 20,
    rounds,
    pcap: null,
  },
  values.json ? () => {} : (line) => console.log(line),
  controller.signal,
);
if (values.json) console.log(JSON.stringify(report, null, 2));
process.exitCode = report.failures.length === 0 ? 0 : 1;
