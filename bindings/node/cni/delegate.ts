// The plugin that does the work: its config, made of ours and of the node's subnet as flannel makes
// it, and its run, as a program of CNI_PATH with the config on standard input.
import { spawn } from "node:child_process";
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";
import { CniCode, CniError } from "./error.ts";
import {
  badConfig,
  type CniCommand,
  type CniConfig,
  type Environment,
  isObject,
  type JsonObject,
} from "./request.ts";
import type { NodeSubnet } from "./subnet.ts";

/** A config that a delegate runs with. */
export type DelegateConfig = JsonObject & { readonly type: string };

/** A file name and no way out of the folder. */
const TYPE = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

/** The delegate's config. Throws CniError BadConfig. */
export function delegateConfig(config: CniConfig, node: NodeSubnet): DelegateConfig {
  const { delegate } = config;
  for (const name of ["name", "ipam"]) {
    if (Object.hasOwn(delegate, name)) {
      throw badConfig(`delegate.${name}: is set by this plugin, and cannot be given`);
    }
  }
  const type = typeOf(delegate.type ?? "bridge", config.type);
  return {
    ...(type === "bridge" && { isGateway: true }),
    ipMasq: !node.ipMasq, // one of the two, or packets get a new source twice
    mtu: node.mtu,
    ...delegate,
    type,
    name: config.name,
    cniVersion: config.cniVersion,
    ...(config.runtimeConfig && { runtimeConfig: config.runtimeConfig }),
    ipam: ipamOf(config, node),
  };
}

function typeOf(type: unknown, ownType: string): string {
  if (typeof type !== "string") {
    throw badConfig("delegate.type: a string was expected", JSON.stringify(type));
  }
  if (type === ownType) throw badConfig("delegate.type: this plugin would call itself", type);
  requireType(type);
  return type;
}

function requireType(type: string): void {
  if (!TYPE.test(type)) throw badConfig("delegate.type: no name of a plugin", type);
}

function ipamOf({ ipam }: CniConfig, node: NodeSubnet): JsonObject {
  const given = ipam.routes ?? [];
  if (!Array.isArray(given) || !given.every(isObject)) {
    throw badConfig("ipam.routes: an array of objects was expected", JSON.stringify(given));
  }
  return {
    type: "host-local",
    ...ipam,
    ranges: node.subnets.map((subnet) => [{ subnet }]),
    routes: [...given, ...node.networks.map((dst) => ({ dst }))],
  };
}

/** Runs the delegate; gives what it printed. Throws CniError, with the delegate's own code. */
export async function runDelegate(
  command: CniCommand,
  config: DelegateConfig,
  env: Environment,
): Promise<string> {
  const program = await find(config.type, env.CNI_PATH ?? "");
  const child = spawn(program, [], {
    env: { ...env, CNI_COMMAND: command },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = new Promise<string>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status, signal) => resolve(String(signal ?? status)));
  });
  child.stdin.on("error", () => {}); // one that ends early says why
  child.stdin.end(JSON.stringify(config));
  const outcome = Promise.all([text(child.stdout), ended]).catch((error) => {
    throw new CniError(CniCode.DelegateFailed, `${program} does not run`, String(error));
  });
  const [printed, status] = await outcome;
  if (status === "0") return printed;
  throw failureOf(config.type, printed, status);
}

async function find(type: string, path: string): Promise<string> {
  requireType(type);
  for (const folder of path.split(delimiter).filter(Boolean)) {
    const program = join(folder, type);
    const isThere = await access(program, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return program;
  }
  throw new CniError(CniCode.NoDelegate, `no plugin ${type} in CNI_PATH`, path);
}

function failureOf(type: string, printed: string, status: string): CniError {
  try {
    const { code, msg, details } = JSON.parse(printed);
    if (Number.isInteger(code) && typeof msg === "string") {
      return new CniError(code, `${type}: ${msg}`, typeof details === "string" ? details : "");
    }
  } catch {
    // it printed something else, and that is shown
  }
  return new CniError(CniCode.DelegateFailed, `${type} ended (${status})`, printed.trim());
}
