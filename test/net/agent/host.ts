// A host of a test network: a namespace on the wire in which `heddle up` runs as a process of its
// own, and containers behind a bridge that has the address of subnet.env.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseEnv } from "../../../bindings/agent/index.ts";
import type { StatusDocument } from "../../../bindings/node/agent/answers.ts";
import { ask } from "../../../bindings/node/agent/control-client.ts";
import { type Namespace, openNamespace } from "../namespace.ts";
import { stopProcess } from "./stopped.ts";
import { HopelessError, until } from "./until.ts";
import { GATEWAY, keepChild, type Wire } from "./wire.ts";

const CLI = fileURLToPath(new URL("../../../bindings/node/cli.js", import.meta.url));
const LOG_TAIL_LEN = 6000;

/** How a process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
}

export class AgentHost {
  readonly ns: Namespace;
  readonly wire: Wire;
  /** On the underlay: "192.168.11.81". */
  readonly address: string;
  readonly subnetFile: string;
  readonly socket: string;
  readonly containers: Container[] = [];
  readonly label: string;
  /** What the agent has written, all its lives together. */
  log = "";
  #child: ChildProcess | null = null;
  #ending: Promise<Ending> | null = null;

  constructor(wire: Wire, ns: Namespace, label: string, address: string) {
    const folder = join(wire.folder, label);
    mkdirSync(folder, { recursive: true });
    this.wire = wire;
    this.ns = ns;
    this.label = label;
    this.address = address;
    this.subnetFile = join(folder, "subnet.env");
    this.socket = join(folder, "agent.sock");
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get isRunning(): boolean {
    const child = this.#child;
    return child !== null && child.exitCode === null && child.signalCode === null;
  }

  /** Starts `heddle up`; does not wait for anything. */
  start(...flags: string[]): void {
    this.#spawn(this.#command(flags));
  }

  /** The same, with a folder that is a disk of its own, of two pages, and full. */
  startOnFullDisk(folder: string, ...flags: string[]): void {
    const fill = 'mkdir -p "$1"; mount -t tmpfs -o size=8k none "$1"; head -c 8192 /dev/zero';
    const script = `${fill} > "$1/filler"; shift; exec "$@"`;
    this.#spawn(["sh", "-c", script, "sh", folder, ...this.#command(flags)]);
  }

  #command(flags: readonly string[]): string[] {
    const own = [
      `--etcd-endpoints=${this.wire.endpoint}`,
      `--subnet-file=${this.subnetFile}`,
      `--socket=${this.socket}`,
      "--json",
    ];
    return [process.execPath, CLI, "up", ...own, ...flags];
  }

  #spawn(command: readonly string[]): void {
    const words = ["netns", "exec", this.ns.name, ...command];
    const child = spawn("ip", words, { stdio: ["ignore", "pipe", "pipe"] });
    keepChild(child);
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.log += text;
      });
    }
    this.#ending = new Promise((resolve) => {
      child.once("close", (code, signal) => resolve({ code, signal }));
    });
  }

  /** Waits until the agent says that all its peers are programmed. */
  async ready(): Promise<StatusDocument> {
    return this.untilStatus("ready", ({ isReady }) => isReady);
  }

  /** Waits for a state of the agent; fails as soon as there is no agent any more. */
  async untilStatus(
    what: string,
    isSo: (status: StatusDocument) => boolean,
  ): Promise<StatusDocument> {
    return this.until(`${this.label} is ${what}`, async () => {
      if (!this.isRunning) throw new HopelessError("the agent has ended");
      const status = await this.status();
      return isSo(status) ? status : null;
    });
  }

  /** `until` with this host's log for the error. */
  until<T>(
    what: string,
    look: () => Promise<T | null | undefined | false> | T | null | undefined | false,
    ms?: number,
  ): Promise<T> {
    return until(what, look, { hint: () => this.tail(), ...(ms === undefined ? {} : { ms }) });
  }

  async untilLog(pattern: RegExp, from = 0, ms?: number): Promise<void> {
    await this.until(`${this.label} says ${pattern}`, () => pattern.test(this.log.slice(from)), ms);
  }

  /** The last that was logged, for errors. */
  tail(): string {
    return `\n${this.label}:\n${this.log.slice(-LOG_TAIL_LEN)}`;
  }

  async status(): Promise<StatusDocument> {
    return (await ask(this.socket, "/status")) as StatusDocument;
  }

  /** A subcommand of heddle, inside. */
  async heddle(...words: string[]): Promise<string> {
    return this.ns.run(process.execPath, CLI, ...words);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Until `resume` it does nothing at all. */
  pause(): Promise<void> {
    return stopProcess(this.#child?.pid);
  }

  resume(): void {
    this.signal("SIGCONT");
  }

  async ended(): Promise<Ending> {
    const ending = this.#ending ?? Promise.resolve({ code: null, signal: null });
    await this.until(`${this.label} ends`, () => !this.isRunning);
    return ending;
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<Ending> {
    this.signal(signal);
    return this.ended();
  }

  /** Another agent in the same namespace, by another address of it. */
  neighbor(label: string, address: string): AgentHost {
    return new AgentHost(this.wire, this.ns, label, address);
  }

  subnetEnv(): string {
    return readFileSync(this.subnetFile, "utf8");
  }

  /** A variable of subnet.env. */
  env(name: string): string {
    return parseEnv(this.subnetEnv()).get(name) ?? "";
  }

  /** The leased subnet, as "10.5.72.0/24". */
  async subnet(): Promise<string> {
    return (await this.status()).lease?.subnet ?? "";
  }

  async show(...words: string[]): Promise<Record<string, unknown>[]> {
    return JSON.parse((await this.ns.ip("-j", "-4", ...words)) || "[]");
  }

  /** A container behind the bridge cni0, which is made as docker and CNI make theirs. */
  async addContainer(): Promise<Container> {
    const gateway = this.env("FLANNEL_SUBNET");
    const mtu = this.env("FLANNEL_MTU");
    const container = await openContainer(this, { gateway, mtu });
    this.containers.push(container);
    return container;
  }

  /** With their bridge. */
  async dropContainers(): Promise<void> {
    for (const { ns } of this.containers.splice(0)) await ns.close();
    await this.ns.ip("link", "del", "cni0");
  }

  async close(): Promise<void> {
    if (this.isRunning) {
      this.resume();
      await this.stop("SIGKILL");
    }
    for (const { ns } of this.containers) await ns.close();
    // A namespace is cleared later than it is deleted: the other end would stay on the wire.
    await this.ns.ip("link", "del", "eth0").catch(() => {});
    await this.ns.close();
  }
}

export interface Container {
  readonly ns: Namespace;
  readonly address: string;
}

/** Plugs a host into the wire, as 192.168.11.STATION. */
export async function openHost(wire: Wire, label: string, station: number): Promise<AgentHost> {
  const ns = await openNamespace(label);
  const address = `192.168.11.${station}`;
  try {
    await plug(wire, ns, address);
  } catch (error) {
    await ns.close();
    throw error;
  }
  return new AgentHost(wire, ns, label, address);
}

async function plug(wire: Wire, ns: Namespace, address: string): Promise<void> {
  const station = address.slice(address.lastIndexOf(".") + 1);
  const peer = ["type", "veth", "peer", "name", `to${station}`, "netns", wire.ns.name];
  await ns.ip("link", "add", "eth0", ...peer);
  await wire.ns.ip("link", "set", `to${station}`, "master", "br0", "up");
  await ns.ip("address", "add", `${address}/24`, "dev", "eth0");
  await ns.ip("link", "set", "eth0", "up");
  await ns.ip("route", "add", "default", "via", GATEWAY);
  await ns.sysctl("net.ipv4.ip_forward", 1);
}

async function openContainer(
  host: AgentHost,
  { gateway, mtu }: { gateway: string; mtu: string },
): Promise<Container> {
  const { ns } = host;
  if (host.containers.length === 0) {
    await ns.ip("link", "add", "cni0", "mtu", mtu, "type", "bridge");
    await ns.ip("address", "add", gateway, "dev", "cni0");
    await ns.ip("link", "set", "cni0", "up");
  }
  const number = host.containers.length + 2;
  const container = await openNamespace(`${host.label}-c${number}`);
  const [base = "", len] = gateway.split("/");
  const address = base.replace(/\d+$/, String(number));
  const peer = ["type", "veth", "peer", "name", "eth0", "mtu", mtu, "netns", container.name];
  await ns.ip("link", "add", `pod${number}`, "mtu", mtu, ...peer);
  await ns.ip("link", "set", `pod${number}`, "master", "cni0", "up");
  await container.ip("address", "add", `${address}/${len}`, "dev", "eth0");
  await container.ip("link", "set", "eth0", "up");
  await container.ip("route", "add", "default", "via", base);
  return { ns: container, address };
}
