// The flags of the agent as commander's options, with their twins in the environment.
import { type Command, InvalidArgumentError, Option } from "commander";
import { type Flag, variableOf } from "../agent/flags.ts";
import { SettingsError } from "../agent/settings.ts";
import { endpoints, ipv4OrNone, truth, wholeBetween } from "./values.ts";

type Parse = (text: string, before: unknown) => unknown;

/**
 * Adds flags to a command. A variable counts when it is not empty and the flag is not there; a bad
 * value is as bad as on the command line.
 */
export function addFlags(
  command: Command,
  flags: readonly Flag[],
  environment: Readonly<Record<string, string | undefined>>,
): Command {
  for (const flag of flags) {
    const option = optionOf(flag);
    const variable = variableOf(flag);
    if (environment[variable]) option.env(variable);
    command.addOption(option);
  }
  return command;
}

/** Contradictions among flags are a matter of the command line, too. */
export function checked<T>(command: Command, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return command.error(`error: ${error.message}`);
  }
}

function optionOf(flag: Flag): Option {
  const isSilent = flag.kind === "kube" || flag.kind === "ignored";
  const option = new Option(`--${flag.name} <${placeholderOf(flag)}>`, flag.help);
  option.argParser(parserOf(flag));
  if (flag.choices) option.choices(flag.choices);
  if (flag.kind === "texts") option.default([], "none");
  else if (!isSilent) fallBack(option, flag);
  return option.hideHelp(isSilent);
}

function fallBack(option: Option, flag: Flag): void {
  const fallback = flag.fallback ?? "";
  if (flag.kind === "endpoints") option.default(endpoints(String(fallback)), String(fallback));
  else if (fallback === "") option.default("", "none");
  else option.default(fallback, String(fallback));
}

function placeholderOf({ kind, choices }: Flag): string {
  if (choices) return choices.join("|");
  if (kind === "switch") return "bool";
  return kind === "whole" ? "number" : kind === "endpoints" ? "urls" : "text";
}

function parserOf(flag: Flag): Parse {
  switch (flag.kind) {
    case "switch":
      return truth;
    case "whole":
      return wholeBetween(flag.min ?? 0, flag.max ?? Number.MAX_SAFE_INTEGER);
    case "address":
      return ipv4OrNone;
    case "endpoints":
      return endpoints;
    case "texts":
      return (text, before) => [...(Array.isArray(before) ? before : []), text];
    case "kube":
      return refuseKube(flag);
    default:
      return (text) => text;
  }
}

function refuseKube({ name }: Flag): Parse {
  return (text) => {
    if (name === "kube-subnet-mgr" && !truth(text)) return false;
    throw new InvalidArgumentError(
      "heddle keeps its leases in etcd, a file or memory, not in Kubernetes.",
    );
  };
}
