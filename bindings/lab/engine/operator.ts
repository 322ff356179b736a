// What an operator, a daemon or a reader types, done to the tables of a namespace.
import { HeddleError } from "../../core/index.ts";
import type { Command } from "../words/command.ts";
import { parseCommand } from "../words/command.ts";
import type { OffloadWords, PortWords } from "../words/port.ts";
import { kernelAnswers, notInLab } from "../words/refusal.ts";
import { addAddress, removeAddress, setLink } from "./link-change.ts";
import type { Namespace } from "./namespace.ts";
import { setPort } from "./ports.ts";
import { retry } from "./router.ts";
import { addFdb, removeFdb } from "./segments.ts";

/** Returns what it prints. Throws Refusal where the tool would refuse, and nothing has changed. */
export function runCommand(namespace: Namespace, line: string): string {
  const said = namespace.lab.controlPlane.run(namespace, line);
  if (said !== null) return said;
  const devices = namespace.devices.map(({ name }) => name);
  const command = parseCommand(line, { devices });
  try {
    namespace.lab.recorder.during(null, () => apply(namespace, command));
  } catch (error) {
    if (error instanceof HeddleError) throw notInLab(line); // the core has no such row
    throw error;
  }
  return "";
}

function apply(namespace: Namespace, command: Command): void {
  if (command.of === "sysctl") setSysctl(namespace, command.name, command.value);
  else if ("route" in command) changeRoute(namespace, command);
  else if ("neighbor" in command) changeNeighbor(namespace, command);
  else if ("entry" in command) changeFdb(namespace, command);
  else if ("address" in command) changeAddress(namespace, command);
  else if ("link" in command) setLink(namespace.deviceOr(command.link.device), command.link);
  else if ("port" in command) setLearning(namespace, command.port);
  else if ("offload" in command) setOffload(namespace, command.offload);
  else if (command.of === "rule") namespace.firewall.apply(command);
  else throw notInLab(`${command.of} ${command.verb}`);
}

type With<Member extends string> = Extract<Command, { readonly [Name in Member]: unknown }>;

function changeRoute({ routes }: Namespace, { verb, route }: With<"route">): void {
  if (verb === "del") routes.remove(route);
  else if (verb === "replace" || verb === "change") routes.add(route, "replace");
  else routes.add(route, verb === "append" || verb === "prepend" ? "append" : "add");
}

function changeNeighbor(namespace: Namespace, { verb, neighbor }: With<"neighbor">): void {
  if (verb === "del") {
    namespace.neighbors.remove(neighbor);
    return;
  }
  namespace.neighbors.add(neighbor, verb !== "add");
  retry(namespace, namespace.deviceOr(neighbor.device), neighbor.address);
}

function changeFdb(namespace: Namespace, { verb, entry }: With<"entry">): void {
  if (verb === "del") removeFdb(namespace, entry);
  else addFdb(namespace, entry, verb === "change" ? "replace" : verb);
}

function changeAddress(namespace: Namespace, { verb, address }: With<"address">): void {
  if (address.device === null) throw kernelAnswers("No such device");
  const device = namespace.deviceOr(address.device);
  if (verb === "del") removeAddress(device, address);
  else addAddress(device, address);
}

function setLearning(namespace: Namespace, { device: name, isLearning }: PortWords): void {
  const device = namespace.deviceOr(name);
  if (device.master === null) throw kernelAnswers("Operation not supported");
  device.isLearning = isLearning;
  setPort(device);
}

function setOffload(namespace: Namespace, words: OffloadWords): void {
  namespace.deviceOr(words.device).isTxChecksumOffloaded = words.isTxChecksumOffloaded;
}

function setSysctl(namespace: Namespace, name: string, value: number | null): void {
  if (value === null) return;
  namespace.sysctls.set(name, value);
  for (const device of namespace.devices) setPort(device);
}
