// What a figure was measured on, without which it says little.
import { cpus, loadavg, release, totalmem } from "node:os";

const GIB = 2 ** 30;

export interface Machine {
  readonly cpu: string;
  readonly cpus: number;
  readonly memoryGib: number;
  readonly runtime: string;
  readonly kernel: string;
  readonly date: string;
  /** Programs that wanted a processor in the last minute, before anything was measured. */
  readonly load?: number;
}

/** The machine that this runs on. */
export function describeMachine(now: Date): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cpus: cpus().length,
    memoryGib: Math.round(totalmem() / GIB),
    runtime: `Node ${process.versions.node}, V8 ${process.versions.v8}`,
    kernel: release(),
    date: now.toISOString().slice(0, 10),
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
  };
}

/** The machines of some figures in one line, each once, with how much else they had to do. */
export function captionOf(machines: readonly Machine[]): string {
  const loads = new Map<string, number[]>();
  for (const { cpu, cpus, runtime, kernel, date, load } of machines) {
    const [engine = ""] = runtime.split(",");
    const linux = `Linux ${kernel.replace(/-.*/, "")}`;
    const line = [date, cpu, `${cpus} CPUs`, engine, linux].join(", ");
    loads.set(line, [...(loads.get(line) ?? []), ...(load === undefined ? [] : [load])]);
  }
  return [...loads].map(([line, each]) => line + loadOf(each)).join("; ");
}

function loadOf(loads: readonly number[]): string {
  if (loads.length === 0) return "";
  const [least, most] = [Math.min(...loads), Math.max(...loads)];
  return least === most ? `, a load of ${least}` : `, a load of ${least} to ${most}`;
}
