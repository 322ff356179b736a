// What the agent told this node in subnet.env, as flannel's CNI plugin reads it: line by line, at
// the first "=", and nothing of a shell's quoting.
import { readFile } from "node:fs/promises";
import { parseNetwork, printPrefix } from "../../core/address.ts";
import { CniCode, CniError, ioError } from "./error.ts";

export interface NodeSubnet {
  /** Networks that containers reach by their gateway, IPv4 before IPv6. */
  readonly networks: readonly string[];
  /** Where their addresses come from: one of a family, IPv4 first. */
  readonly subnets: readonly string[];
  readonly mtu: number;
  /** Whether the agent masquerades: then the bridge is not to. */
  readonly ipMasq: boolean;
}

const MTU_MAX = 65535;

/** Throws CniError: TryAgain as long as there is no file, Io when it does not say enough. */
export async function readNodeSubnet(path: string): Promise<NodeSubnet> {
  const values = valuesOf(await textOf(path));
  const missing = missingIn(values);
  if (missing.length > 0) {
    throw new CniError(CniCode.Io, `${path} is missing ${missing.join(", ")}`);
  }
  const read = async (name: string, printed: Printer): Promise<string[]> => {
    const list = values.get(name)?.split(",") ?? [];
    const found = await Promise.all(list.map((each) => prefixOf(path, name, each.trim(), printed)));
    return [...new Set(found)];
  };
  const mtu = values.get("FLANNEL_MTU") ?? "";
  if (!/^\d{1,5}$/.test(mtu) || Number(mtu) > MTU_MAX) throw unreadable(path, "FLANNEL_MTU", mtu);
  return {
    networks: [
      ...(await read("FLANNEL_NETWORK", ipv4)),
      ...(await read("FLANNEL_IPV6_NETWORK", ipv6)),
    ],
    subnets: [
      ...(await read("FLANNEL_SUBNET", ipv4)),
      ...(await read("FLANNEL_IPV6_SUBNET", ipv6)),
    ],
    mtu: Number(mtu),
    ipMasq: values.get("FLANNEL_IPMASQ") === "true",
  };
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const isAbsent = (error as NodeJS.ErrnoException).code === "ENOENT";
    if (!isAbsent) throw ioError(path, error);
    throw new CniError(CniCode.TryAgain, `no ${path} yet: the agent of this node writes it`);
  }
}

function valuesOf(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const at = line.indexOf("=");
    if (at > 0) values.set(line.slice(0, at), line.slice(at + 1));
  }
  return values;
}

function missingIn(values: ReadonlyMap<string, string>): string[] {
  const either = [
    ["FLANNEL_NETWORK", "FLANNEL_IPV6_NETWORK"],
    ["FLANNEL_SUBNET", "FLANNEL_IPV6_SUBNET"],
    ["FLANNEL_MTU"],
    ["FLANNEL_IPMASQ"],
  ];
  return either.filter((names) => !names.some((name) => values.has(name))).flat();
}

type Printer = (text: string) => string | Promise<string>;

/** A prefix without its host bits, as host-local wants it. */
async function prefixOf(
  path: string,
  name: string,
  text: string,
  printed: Printer,
): Promise<string> {
  try {
    return await printed(text);
  } catch {
    throw unreadable(path, name, text);
  }
}

function ipv4(text: string): string {
  return printPrefix(parseNetwork(text));
}

/** Loaded where there is some: every container waits for this program to start. */
async function ipv6(text: string): Promise<string> {
  const { parseIpv6Network, printIpv6Prefix } = await import("../../agent/ipv6.ts");
  return printIpv6Prefix(parseIpv6Network(text));
}

function unreadable(path: string, name: string, value: string): CniError {
  return new CniError(CniCode.Io, `${path}: ${name} makes no sense`, value);
}
