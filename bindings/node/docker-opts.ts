// `heddle docker-opts`: docker's options out of subnet.env, for an EnvironmentFile of its unit. A
// missing subnet.env is a failure, and is none to flannel's mk-docker-opts.sh: docker without the
// options would come up on a network of its own.
import { writeFile } from "node:fs/promises";
import { type Command, InvalidArgumentError } from "commander";
import { type DockerOptsWish, dockerOpts } from "../agent/docker-opts.ts";
import { parseEnv } from "../agent/subnet-env.ts";
import { parseNetwork, printPrefix } from "../core/index.ts";
import { readSubnetFile } from "./agent/subnet-file.ts";
import { run } from "./netns.ts";

const SUBNET_FILE = "/run/flannel/subnet.env";
const DOCKER_FILE = "/run/docker_opts.env";
const COMBINED_KEY = "DOCKER_OPTS";

interface DockerOptsCommand extends DockerOptsWish {
  readonly file: string;
  readonly dockerFile: string;
}

/** Adds `heddle docker-opts` to the command line; its letters are mk-docker-opts.sh's. */
export function addDockerOpts(program: Command): void {
  program
    .command("docker-opts")
    .showHelpAfterError("(heddle docker-opts --help shows what there is)")
    .description("docker's options for this node's subnet, as mk-docker-opts.sh writes them")
    .option("-f, --file <path>", "the subnet file", SUBNET_FILE)
    .option("-d, --docker-file <path>", "the file to write", DOCKER_FILE)
    .option("-i, --individual", "a variable for each option", false)
    .option("-c, --combined", "one variable with all options", false)
    .option("-k, --key <name>", "the name of that variable", variableName, COMBINED_KEY)
    .option("-m, --omit-ip-masq", "without --ip-masq, for an old docker", false)
    .action(async (options: DockerOptsCommand) => {
      process.exitCode = await dockerOptsCommand(options);
    });
}

function variableName(text: string): string {
  if (/^[A-Za-z_]\w*$/.test(text)) return text;
  throw new InvalidArgumentError("It must be a variable's name.");
}

/** Returns the exit status. */
async function dockerOptsCommand(command: DockerOptsCommand): Promise<number> {
  try {
    const text = await readSubnetFile(command.file);
    if (text === null) throw new Error(`${command.file}: no such file; is the agent running?`);
    await writeFile(command.dockerFile, dockerOpts(text, command, process.env));
    await refuseForeignRoute(parseEnv(text).get("FLANNEL_SUBNET") ?? "");
    return 0;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(`heddle docker-opts: ${reason}\n`);
    return 1;
  }
}

/** A route of an earlier day that leads the node's own subnet elsewhere: docker0 would be deaf. */
async function refuseForeignRoute(subnet: string): Promise<void> {
  if (subnet === "") return;
  const own = printPrefix(parseNetwork(subnet));
  const listed = await run("ip", ["-4", "-json", "route", "show", "exact", own]);
  const routes: { gateway?: string; dev?: string }[] = JSON.parse(listed || "[]");
  const foreign = routes.find((route) => route.gateway !== undefined);
  if (foreign === undefined) return;
  const where = `via ${foreign.gateway} dev ${foreign.dev}`;
  throw new Error(`the routing table already leads ${own} elsewhere: ${where}`);
}
