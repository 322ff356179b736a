// `heddle docker-opts`: docker's options out of subnet.env, for an EnvironmentFile of its unit.
// What is written, and when it fails, is as with flannel's mk-docker-opts.sh, but that a missing
// subnet.env is a failure too: docker without the options would come up on a network of its own.
import { writeFile } from "node:fs/promises";
import { type Command, InvalidArgumentError } from "commander";
import { parseEnv } from "../agent/subnet-env.ts";
import { parseNetwork, printPrefix } from "../core/index.ts";
import { readSubnetFile } from "./agent/subnet-file.ts";
import { run } from "./netns.ts";

const SUBNET_FILE = "/run/flannel/subnet.env";
const DOCKER_FILE = "/run/docker_opts.env";
const COMBINED_KEY = "DOCKER_OPTS";
const MTU_MAX = 65535;

export interface DockerOptsWish {
  /** A line for each option; with neither this nor `combined`, both are written. */
  readonly individual: boolean;
  /** One line with all options. */
  readonly combined: boolean;
  /** The name of that line's variable. */
  readonly key: string;
  /** Leave --ip-masq out. */
  readonly omitIpMasq: boolean;
}

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The file's text. What the environment has of DOCKER_OPT_ variables joins the options, and what it
 * has of the combined one comes first in it. Throws when a value is none.
 */
export function dockerOpts(
  subnetEnv: string,
  wish: DockerOptsWish,
  environment: Variables,
): string {
  const options = new Map(inherited(environment));
  for (const [name, value] of optionsOf(parseEnv(subnetEnv), wish)) options.set(name, value);
  const sorted = [...options].sort(([a], [b]) => (a < b ? -1 : 1));
  const wantsAll = !wish.individual && !wish.combined;
  const lines: string[] = [];
  if (wish.individual || wantsAll) {
    for (const [name, value] of sorted) lines.push(`${name}="${value}"`);
  }
  if (wish.combined || wantsAll) {
    const before = environment[wish.key] ?? "";
    const all = sorted.map(([, value]) => ` ${value}`).join("");
    lines.push(`${wish.key}="${plain(wish.key, before)}${before === "" ? "" : " "}${all}"`);
  }
  return lines.map((line) => `${line}\n`).join("");
}

function optionsOf(env: ReadonlyMap<string, string>, wish: DockerOptsWish): [string, string][] {
  const subnet = env.get("FLANNEL_SUBNET") ?? "";
  const mtu = env.get("FLANNEL_MTU") ?? "";
  const ipMasq = env.get("FLANNEL_IPMASQ") ?? "";
  const options: [string, string][] = [];
  if (subnet !== "") {
    parseNetwork(subnet); // throws when it is none
    options.push(["DOCKER_OPT_BIP", `--bip=${subnet}`]);
  }
  if (mtu !== "") {
    const isMtu = /^[1-9]\d*$/.test(mtu) && Number(mtu) <= MTU_MAX;
    if (!isMtu) throw new TypeError(`FLANNEL_MTU: no MTU: ${JSON.stringify(mtu)}`);
    options.push(["DOCKER_OPT_MTU", `--mtu=${mtu}`]);
  }
  if (ipMasq !== "" && !wish.omitIpMasq) {
    if (ipMasq !== "true" && ipMasq !== "false") {
      throw new TypeError(`FLANNEL_IPMASQ: neither true nor false: ${JSON.stringify(ipMasq)}`);
    }
    // One of the two masquerades, or packets get a new source twice.
    options.push(["DOCKER_OPT_IPMASQ", `--ip-masq=${ipMasq !== "true"}`]);
  }
  return options;
}

function inherited(environment: Variables): [string, string][] {
  return Object.entries(environment).flatMap(([name, value = ""]) =>
    /^DOCKER_OPT_\w+$/.test(name) ? [[name, plain(name, value)]] : [],
  );
}

/** What a shell, or systemd, reads back as it was written. */
function plain(name: string, value: string): string {
  if (!/["\\$`\n\r]/.test(value)) return value;
  throw new TypeError(`${name}: cannot be written between quotes: ${JSON.stringify(value)}`);
}

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
