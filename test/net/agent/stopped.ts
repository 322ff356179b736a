// A process that stands still. SIGSTOP only asks for that: its threads stop one by one, each when
// it gets a processor, and until then etcd answers and an agent hears.
import { readdirSync, readFileSync } from "node:fs";
import { until } from "./until.ts";

/** Sends SIGSTOP, and waits until all threads of the process have stopped. */
export async function stopProcess(pid: number | undefined): Promise<void> {
  if (!pid) throw new Error("there is no process to stop"); // 0 would be the group of this one
  process.kill(pid, "SIGSTOP");
  await until(`process ${pid} is stopped`, () => statesOf(pid).every((state) => state === "T"));
}

/** The state of each thread: the field behind its name, which is in parentheses. */
function statesOf(pid: number): string[] {
  const folder = `/proc/${pid}/task`;
  return readdirSync(folder).map((thread) => {
    const stat = readFileSync(`${folder}/${thread}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).charAt(0);
  });
}
