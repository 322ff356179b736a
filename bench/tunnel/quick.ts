import { cpuMs, rssBytes, Site } from "./site.ts";
import { ping, tcp, udp } from "./traffic.ts";
const site = new Site();
const [what = "tcp,ping", segs = "1", rounds = "1"] = process.argv.slice(2);
try {
  const ways = [await site.build(segs === "1"), await site.addKernel(), await site.addAgents("heddle plain", 43, ["--offload=false"]), ...(process.env.OFF ? [] : [await site.addAgents("heddle", 44, [])])];
  const only = process.argv[5]?.split(",");
  for (let r = 0; r < Number(rounds); r++)
  for (const way of ways.filter((w) => !only || only.includes(w.name))) {
    const out: Record<string, string> = {};
    const c0 = way.pids.map(cpuMs);
    if (what.includes("tcp")) out.tcp = ((await tcp(site, way, {})) / 1e9).toFixed(2);
    if (what.includes("rev")) out.rev = ((await tcp(site, way, { reverse: true })) / 1e9).toFixed(2);
    if (what.includes("P4")) out.P4 = ((await tcp(site, way, { streams: 4 })) / 1e9).toFixed(2);
    if (what.includes("udp")) out.udp = ((await udp(site, way)) / 1e3).toFixed(0) + "k";
    if (what.includes("ping")) { out.flood = (await ping(site, way, 0, 20000)).toFixed(1); out.idle = (await ping(site, way, 0.005, 200)).toFixed(0); }
    out.rss = way.pids.map((p) => (rssBytes(p) / 1e6).toFixed(0)).join("/");
    out.cpu = way.pids.map((p, i) => cpuMs(p) - (c0[i] ?? 0)).join("/");
    console.log(way.name.padEnd(14), out);
  }
} finally { await site.remove(); }
