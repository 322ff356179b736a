// A CNI plugin of type flannel: it knows the node's subnet, and leaves the work to another plugin,
// by default bridge with host-local.
import { delegateConfig, runDelegate } from "./delegate.ts";
import { CniCode, CniError } from "./error.ts";
import {
  ATTACHMENTS,
  type CniCommand,
  type CniConfig,
  commandOf,
  configOf,
  type Environment,
  isObject,
  VERSIONS,
  versionOf,
} from "./request.ts";
import { withGateways } from "./result.ts";
import { dropState, loadState, saveState, statesOf } from "./state.ts";
import { readNodeSubnet } from "./subnet.ts";

/** What the runtime reads: standard output, and the exit status. */
export interface CniAnswer {
  readonly output: string;
  readonly status: 0 | 1;
}

/** Does what the environment and the config on standard input ask for. Never throws. */
export async function answerCni(env: Environment, input: string): Promise<CniAnswer> {
  try {
    const command = commandOf(env);
    if (command === "VERSION") return { output: versions(input), status: 0 };
    const output = await WORK[command](configOf(command, input), env);
    return { output, status: 0 };
  } catch (error) {
    const { code, message, details } = asCniError(error);
    const said = { cniVersion: versionOf(input), code, msg: message, ...(details && { details }) };
    return { output: `${JSON.stringify(said)}\n`, status: 1 };
  }
}

/** Failures of a delegate that has not begun. */
const UNTOUCHED: ReadonlySet<number> = new Set([CniCode.IncompatibleVersion, CniCode.NoDelegate]);

type Work = (config: CniConfig, env: Environment) => Promise<string>;

const WORK: Readonly<Record<Exclude<CniCommand, "VERSION">, Work>> = {
  ADD: add,
  DEL: remove,
  CHECK: check,
  GC: collect,
  STATUS: tellStatus,
};

async function add(config: CniConfig, env: Environment): Promise<string> {
  const delegate = delegateConfig(config, await readNodeSubnet(config.subnetFile));
  const container = containerOf(env);
  // Before the work: what was begun can then be taken away.
  await saveState(config.dataDir, container, delegate);
  try {
    return await runDelegate("ADD", delegate, env);
  } catch (error) {
    // Nothing was begun; and the DEL that follows would be refused as this was.
    if (UNTOUCHED.has(asCniError(error).code)) await dropState(config.dataDir, container);
    throw error;
  }
}

async function remove(config: CniConfig, env: Environment): Promise<string> {
  const container = containerOf(env);
  const delegate = await loadState(config.dataDir, container);
  if (delegate !== null) await runDelegate("DEL", delegate, env);
  await dropState(config.dataDir, container);
  return "";
}

async function check(config: CniConfig, env: Environment): Promise<string> {
  const container = containerOf(env);
  const delegate = await loadState(config.dataDir, container);
  if (delegate === null) {
    throw new CniError(CniCode.UnknownContainer, "this container was never added", container);
  }
  const { prevResult } = config;
  const result = prevResult && { prevResult: withGateways(prevResult) };
  await runDelegate("CHECK", { ...delegate, ...result }, env);
  return "";
}

/** What belongs to no container any more goes: here, and in what the delegate keeps. */
async function collect(config: CniConfig, env: Environment): Promise<string> {
  const valid = config.attachments.flatMap((each) => (isObject(each) ? [each.containerID] : []));
  const stale = await statesOf(config.dataDir, config.name);
  const delegate = delegateConfig(config, await readNodeSubnet(config.subnetFile));
  await runDelegate("GC", { ...delegate, [ATTACHMENTS]: config.attachments }, env);
  for (const container of stale) {
    if (!valid.includes(container)) await dropState(config.dataDir, container);
  }
  return "";
}

/** Whether an ADD could do: the node has its subnet, and the delegate is well. */
async function tellStatus(config: CniConfig, env: Environment): Promise<string> {
  const node = await readNodeSubnet(config.subnetFile).catch((error) => {
    throw new CniError(CniCode.NotAvailable, asCniError(error).message);
  });
  await runDelegate("STATUS", delegateConfig(config, node), env);
  return "";
}

function versions(input: string): string {
  const answer = { cniVersion: versionOf(input), supportedVersions: VERSIONS };
  return `${JSON.stringify(answer)}\n`;
}

function containerOf(env: Environment): string {
  return env.CNI_CONTAINERID ?? "";
}

function asCniError(error: unknown): CniError {
  if (error instanceof CniError) return error;
  return new CniError(CniCode.Internal, error instanceof Error ? error.message : String(error));
}
