// docker's options out of subnet.env, for an EnvironmentFile of its unit: what is written, and when
// it fails, is as with flannel's mk-docker-opts.sh.
import { parseNetwork } from "../core/index.ts";
import { parseEnv } from "./subnet-env.ts";

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
