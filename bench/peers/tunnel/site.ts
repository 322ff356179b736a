// Two hosts, joined by one veth, and several ways through it side by side: plain, the kernel's
// VXLAN, and agents of heddle with offloads and without. Each way has addresses of its own, so they
// are there together, and what is not measured costs nothing.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseIpv4, printIpv4 } from "../../../bindings/core/index.ts";
import { attempt, ipBatch, Namespaces, run } from "../../../bindings/node/netns.ts";
import { addStrangers, STRANGER_SUBNET_LEN } from "../../scale/strangers.ts";

/** One way between the hosts, and how each is reached by it. */
export interface Way {
  readonly name: string;
  readonly addresses: readonly [string, string];
  /** The agents' processes; empty where the kernel moves the packets. */
  readonly pids: readonly number[];
}

const UNDERLAY = ["192.168.77.1", "192.168.77.2"] as const;
const DEVICE = "u0";
const VNI = 42;
const KERNEL = ["10.42.0.1", "10.42.0.2"] as const;
const CLI = fileURLToPath(new URL("../../../bindings/node/cli.js", import.meta.url));
const WAIT_MS = 20_000;
const LEAVE_MS = 2000;

export class Site {
  readonly #namespaces = new Namespaces();
  readonly #folder = mkdtempSync(join(tmpdir(), "heddle-bench-"));
  readonly #agents: ChildProcess[] = [];
  #hosts: readonly [string, string] = ["", ""];

  get hosts(): readonly [string, string] {
    return this.#hosts;
  }

  /** Joins two namespaces. With `segments` the veth hands on what no wire can. */
  async build(segments: boolean): Promise<Way> {
    this.#hosts = [await this.#namespaces.add("h1"), await this.#namespaces.add("h2")];
    const [one, two] = this.#hosts;
    await ipBatch(one, [`link add ${DEVICE} type veth peer name ${DEVICE} netns ${two}`]);
    for (const [i, host] of this.#hosts.entries()) {
      await ipBatch(host, [
        "link set lo up",
        `address add ${UNDERLAY[i]}/24 dev ${DEVICE}`,
        `link set ${DEVICE} up`,
      ]);
      if (!segments) {
        const words = ["tso", "off", "gso", "off", "tx-udp-segmentation", "off"];
        await this.inside(host, ["ethtool", "-K", DEVICE, ...words]);
      }
    }
    return { name: "plain veth", addresses: UNDERLAY, pids: [] };
  }

  async addKernel(): Promise<Way> {
    for (const [i, host] of this.#hosts.entries()) {
      const ends = `local ${UNDERLAY[i]} remote ${UNDERLAY[1 - i]}`;
      await ipBatch(host, [
        `link add vx0 type vxlan id ${VNI} dstport 4789 ${ends} nolearning`,
        `address add ${KERNEL[i]}/24 dev vx0`,
        "link set vx0 up",
      ]);
    }
    return { name: "kernel VXLAN", addresses: KERNEL, pids: [] };
  }

  /** An agent in each host, in a network of its own, 10.`octet`.0.0/16, with so many strangers. */
  async addAgents(
    name: string,
    octet: number,
    flags: readonly string[],
    strangers = 0,
  ): Promise<Way> {
    const config = join(this.#folder, `${octet}.json`);
    const backend = { Type: "vxlan", VNI: octet, Port: 8000 + octet };
    const subnets = strangers === 0 ? {} : { SubnetLen: STRANGER_SUBNET_LEN };
    const network = { Network: `10.${octet}.0.0/16`, ...subnets, Backend: backend };
    writeFileSync(config, JSON.stringify(network));
    const store = join(this.#folder, `${octet}.store`);
    const prefix = `/bench/${octet}`;
    if (strangers > 0) await addStrangers({ path: store, prefix, octet, count: strangers });
    const first = this.#agents.length;
    for (const [i, host] of this.#hosts.entries()) {
      const own = (what: string): string => join(this.#folder, `${octet}-${i}.${what}`);
      const words = [
        ...["up", "--store", `file:${store}`, "--iface", DEVICE],
        ...["--net-config-path", config, "--subnet-file", own("env"), "--socket", own("sock")],
        ...["--etcd-prefix", prefix, "--iptables-forward-rules=false", ...flags],
      ];
      this.#agents.push(this.#start(host, words));
    }
    const pids = this.#agents.slice(first).map((agent) => agent.pid ?? 0);
    const addresses = [await this.#subnet(octet, 0), await this.#subnet(octet, 1)] as const;
    await this.#reach(addresses[0], addresses[1]);
    return { name, addresses, pids };
  }

  /** Runs a program in a host's namespace; returns what it printed. */
  inside(host: string, words: readonly string[]): Promise<string> {
    return run("ip", ["netns", "exec", host, ...words]);
  }

  async remove(): Promise<void> {
    for (const agent of this.#agents) await leave(agent);
    await this.#namespaces.remove();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #start(host: string, words: readonly string[]): ChildProcess {
    const all = ["netns", "exec", host, process.execPath, CLI, ...words];
    const stdio = process.env.HEDDLE_BENCH_LOG ? "inherit" : "ignore";
    return spawn("ip", all, { stdio, detached: true });
  }

  /** The address of an agent's device: the beginning of its subnet. */
  async #subnet(octet: number, i: number): Promise<string> {
    const path = join(this.#folder, `${octet}-${i}.env`);
    for (const endMs = Date.now() + WAIT_MS; Date.now() < endMs; await sleep(100)) {
      const match = /FLANNEL_SUBNET=([\d.]+)\//.exec(textOf(path));
      if (match?.[1]) return printIpv4(parseIpv4(match[1]) - 1); // what it says is the gateway's
    }
    throw new Error(`agent ${i + 1} of 10.${octet}.0.0/16 has no lease after ${WAIT_MS} ms`);
  }

  async #reach(from: string, to: string): Promise<void> {
    const words = ["ping", "-c", "1", "-W", "1", "-I", from, to];
    for (const endMs = Date.now() + WAIT_MS; Date.now() < endMs; await sleep(100)) {
      const { status } = await attempt("ip", ["netns", "exec", this.#hosts[0], ...words]);
      if (status === 0) return;
    }
    throw new Error(`${to} does not answer ${from} after ${WAIT_MS} ms`);
  }
}

/** Resident memory of a process, bytes. */
export function rssBytes(pid: number): number {
  const kib = Number(/VmRSS:\s+(\d+)/.exec(textOf(`/proc/${pid}/status`))?.[1] ?? 0);
  return kib * 1024;
}

/** CPU time of a process's threads, nanoseconds. */
export function cpuNs(pid: number): number {
  return threadsOf(pid)
    .map((thread) => Number(textOf(`/proc/${pid}/task/${thread}/schedstat`).split(" ")[0]))
    .reduce((sum, each) => sum + each, 0);
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return []; // it has ended
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

async function leave(agent: ChildProcess): Promise<void> {
  if (agent.exitCode !== null || agent.signalCode !== null) return;
  const gone = once(agent, "exit");
  agent.kill("SIGTERM");
  const timer = setTimeout(() => agent.kill("SIGKILL"), LEAVE_MS);
  await gone;
  clearTimeout(timer);
}
