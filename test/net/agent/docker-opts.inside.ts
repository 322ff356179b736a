// `heddle docker-opts` as the command line calls it.
import { Command } from "commander";
import { addDockerOpts } from "../../../bindings/node/docker-opts.ts";

/** Returns the exit status. */
export async function dockerOpts(...words: string[]): Promise<number> {
  const program = new Command("heddle").exitOverride();
  addDockerOpts(program);
  await program.parseAsync(["docker-opts", ...words], { from: "user" });
  const status = Number(process.exitCode ?? 0);
  process.exitCode = 0;
  return status;
}
