// One call of the plugin, between the process and what answers it.
import { text } from "node:stream/consumers";
import { answerCni } from "./plugin.ts";

/** Answers on standard output what the environment and standard input ask; gives the status. */
export async function runCni(): Promise<0 | 1> {
  const { output, status } = await answerCni(process.env, await text(process.stdin));
  process.stdout.write(output);
  return status;
}
