// Whether the underlay carries the overlay's longest packets.
import type { Case } from "./case.ts";
import { putKey } from "./case.ts";
import type { PathFact } from "./facts.ts";
import { type Finding, warning, wrong } from "./finding.ts";

export function pathFindings(it: Case): Finding[] {
  return it.host.paths.flatMap((path) => pathFinding(it, path));
}

function pathFinding(it: Case, path: PathFact): Finding[] {
  const { remote, len, mtu, fate } = path;
  if (fate === "divided") {
    const narrow = mtu === null ? "" : `: a link takes ${mtu}`;
    const message = `packets of ${len} bytes to ${remote} are divided on their way${narrow}`;
    return [warning("path-mtu", remote, message, ...lowerMtu(it, mtu))];
  }
  if (fate !== "lost") return [];
  const message = `packets of ${len} bytes to ${remote} are lost, and shorter ones arrive`;
  return [wrong("path-mtu", remote, message, ...lowerMtu(it, mtu))];
}

/** The MTU key of the config, which agents read at their start; no other backend has it. */
function lowerMtu({ config, store, host }: Case, mtu: number | null): string[] {
  if (config.backend.type !== "vxlan" || mtu === null || store.config === null) return [];
  const text = withMtu(store.config, mtu);
  if (text === null) return [];
  return [...putKey(store, `${store.prefix}/config`, text), host.restart];
}

function withMtu(config: string, mtu: number): string | null {
  try {
    const { Backend: backend, ...rest } = JSON.parse(config);
    return JSON.stringify({ ...rest, Backend: { ...backend, MTU: mtu } });
  } catch {
    return null; // written in a way that the agent understands, and JSON does not
  }
}
