// What the runtime asks for: variables of the environment and a config on standard input (CNI
// specification 1.1, "Execution Protocol"). Both are judged here, and believed behind it.
import { CniCode, CniError } from "./error.ts";

export const COMMANDS = ["ADD", "DEL", "CHECK", "GC", "STATUS", "VERSION"] as const;
export type CniCommand = (typeof COMMANDS)[number];

/** Oldest first. What a version asks of ADD and DEL is the delegate's to know. */
export const VERSIONS: readonly string[] = [
  ...["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0"],
  ...["1.0.0", "1.1.0"],
];

export type Environment = Readonly<Record<string, string | undefined>>;
export type JsonObject = Readonly<Record<string, unknown>>;

/** The config of one network, as far as this plugin reads it. */
export interface CniConfig {
  readonly cniVersion: string;
  readonly name: string;
  readonly type: string;
  readonly subnetFile: string;
  readonly dataDir: string;
  readonly delegate: JsonObject;
  readonly ipam: JsonObject;
  readonly runtimeConfig: JsonObject | null;
  /** What the ADD that is checked came to. */
  readonly prevResult: JsonObject | null;
  /** GC: the attachments that are to stay. */
  readonly attachments: readonly unknown[];
}

const OLDEST = "0.1.0";
const NEWEST = "1.1.0";
/** Where GC's config has what is to stay. */
export const ATTACHMENTS = "cni.dev/valid-attachments";
const SUBNET_FILE = "/run/flannel/subnet.env";
const DATA_DIR = "/var/lib/cni/flannel";
const CONFIG_LEN_MAX = 1 << 20;
/** Names of containers and networks; the first of them become names of files. */
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;
const INTERFACE = /^(?!\.{1,2}$)[^\s/:]{1,15}$/;
/** Which variables each command cannot do without. */
const REQUIRED: Readonly<Record<CniCommand, readonly string[]>> = {
  ADD: ["CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME", "CNI_PATH"],
  DEL: ["CNI_CONTAINERID", "CNI_IFNAME", "CNI_PATH"],
  CHECK: ["CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME", "CNI_PATH"],
  GC: ["CNI_PATH"],
  STATUS: ["CNI_PATH"],
  VERSION: [],
};
/** The version that each command came with. */
const SINCE: Readonly<Partial<Record<CniCommand, string>>> = {
  CHECK: "0.4.0",
  GC: "1.1.0",
  STATUS: "1.1.0",
};

/** CNI_COMMAND, once the variables that it needs are there and make sense. Throws CniError. */
export function commandOf(env: Environment): CniCommand {
  const command = COMMANDS.find((each) => each === env.CNI_COMMAND);
  if (command === undefined) {
    const known = COMMANDS.join(", ");
    throw new CniError(CniCode.BadEnvironment, `CNI_COMMAND must be one of ${known}`);
  }
  const missing = REQUIRED[command].filter((name) => !env[name]);
  if (missing.length > 0) {
    throw new CniError(CniCode.BadEnvironment, `not in the environment: ${missing.join(", ")}`);
  }
  if (REQUIRED[command].includes("CNI_CONTAINERID")) {
    requireForm(env, "CNI_CONTAINERID", NAME);
    requireForm(env, "CNI_IFNAME", INTERFACE);
  }
  return command;
}

function requireForm(env: Environment, name: string, form: RegExp): void {
  const value = env[name] ?? "";
  if (form.test(value)) return;
  throw new CniError(CniCode.BadEnvironment, `${name}: no name that CNI allows`, value);
}

/** The config that stands on standard input. Throws CniError. */
export function configOf(command: CniCommand, text: string): CniConfig {
  const json = decode(text);
  const cniVersion = stringIn(json, "cniVersion", OLDEST);
  requireVersion(command, cniVersion);
  const name = stringIn(json, "name", "");
  if (!NAME.test(name)) throw badConfig("name: no name that CNI allows", name);
  const attachments = json[ATTACHMENTS] ?? [];
  if (!Array.isArray(attachments)) throw badConfig(`${ATTACHMENTS}: an array was expected`);
  return {
    cniVersion,
    name,
    type: stringIn(json, "type", ""),
    subnetFile: stringIn(json, "subnetFile", SUBNET_FILE),
    dataDir: stringIn(json, "dataDir", DATA_DIR),
    delegate: objectIn(json, "delegate") ?? {},
    ipam: objectIn(json, "ipam") ?? {},
    runtimeConfig: objectIn(json, "runtimeConfig"),
    prevResult: objectIn(json, "prevResult"),
    attachments,
  };
}

/** The version of a config that may be wrong in any way: an error is told in it. */
export function versionOf(text: string): string {
  try {
    const version = stringIn(decode(text), "cniVersion", OLDEST);
    return VERSIONS.includes(version) ? version : NEWEST;
  } catch {
    return NEWEST;
  }
}

function requireVersion(command: CniCommand, version: string): void {
  const at = VERSIONS.indexOf(version);
  const since = VERSIONS.indexOf(SINCE[command] ?? OLDEST);
  if (at >= since) return; // not one of them: -1
  const known = VERSIONS.slice(since).join(", ");
  const message = `${command}: cniVersion is none of ${known}`;
  throw new CniError(CniCode.IncompatibleVersion, message, version);
}

function decode(text: string): JsonObject {
  if (text.length > CONFIG_LEN_MAX) {
    throw new CniError(CniCode.Undecodable, `the config is longer than ${CONFIG_LEN_MAX}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new CniError(CniCode.Undecodable, "the config is no JSON", (error as Error).message);
  }
  if (isObject(value)) return value;
  throw new CniError(CniCode.Undecodable, "the config is no JSON object");
}

function stringIn(values: JsonObject, name: string, absent: string): string {
  const value = values[name] ?? absent;
  if (typeof value !== "string" || value.includes("\0")) {
    throw badConfig(`${name}: a string was expected`, JSON.stringify(value));
  }
  return value === "" ? absent : value;
}

function objectIn(values: JsonObject, name: string): JsonObject | null {
  const value = values[name] ?? null;
  if (value === null || isObject(value)) return value;
  throw badConfig(`${name}: an object was expected`, JSON.stringify(value));
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function badConfig(message: string, details = ""): CniError {
  return new CniError(CniCode.BadConfig, message, details);
}
