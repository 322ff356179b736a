// A network of the lab in namespaces of the kernel, built by the script that the lab exports, with
// what its devices see. Everything goes with `close`; what a killed run left, with the next test
// that opens a namespace.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { exportNetns, exportTeardown } from "../../../bindings/lab/export/netns.ts";
import type { Action } from "../../../bindings/lab/scenario.ts";
import type { ListenerSpec, NetworkSpec, TunSpec } from "../../../bindings/lab/spec/network.ts";
import { splitWords } from "../../../bindings/lab/words/cursor.ts";
import { portEntries } from "../../../bindings/node/agent/wasm-ports.ts";
import { WasmTunnel } from "../../../bindings/node/agent/wasm-tunnel.ts";
import { type Pump, startPump } from "../../../bindings/node/pump.ts";
import type { Seen } from "../../model/comparable.ts";
import { within } from "./enter.ts";
import { Sniffer } from "./sniffer.ts";

const run = promisify(execFile);

/**
 * Checksums are written where packets are made, so that they are there where packets are seen; who
 * does not answer is given up soon, and who answers for another does it at once.
 */
const PLAIN = `for d in /sys/class/net/*; do
  ethtool -K "\${d##*/}" tx off gso off gro off 2>/dev/null
done
for d in /proc/sys/net/ipv4/neigh/*; do
  echo 100 > "$d/retrans_time_ms"
  echo 0 > "$d/proxy_delay"
done`;
const PING_INTERVAL_S = "0.05";

const TALK = fileURLToPath(new URL("talk.inside.js", import.meta.url));
const TRACEROUTE_PORT = 40000; // one for all probes, as in the lab

type TalkAction = Extract<Action, { do: "tcp" | "udp" }>;
type TracerouteAction = Extract<Action, { do: "traceroute" }>;

interface Watched {
  readonly name: string;
  readonly sniffer: Sniffer;
}

export class KernelNetwork {
  readonly #network: NetworkSpec;
  readonly #prefix: string;
  readonly #watched: Watched[] = [];
  readonly #pumps: Pump[] = [];
  readonly #listeners: ChildProcess[] = [];

  private constructor(network: NetworkSpec, label: string) {
    this.#network = network;
    this.#prefix = `heddle-test-${process.pid}-${label}-`;
  }

  static async build(network: NetworkSpec, label: string): Promise<KernelNetwork> {
    const built = new KernelNetwork(network, label);
    try {
      await built.#sh(exportNetns(network));
      await built.#begin();
      return built;
    } catch (error) {
      await built.close();
      throw error;
    }
  }

  /** Does what the lab does, by the kernel's own tools; gives what they printed. */
  async perform(action: Action): Promise<string> {
    if (action.do === "ping") return this.ping(action);
    if (action.do === "command") return this.#command(action);
    if (action.do === "tcp" || action.do === "udp") return this.#talk(action);
    if (action.do === "traceroute") return this.#traceroute(action);
    throw new RangeError(`no "${action.do}" with the kernel`);
  }

  /** A command that has to be refused is, and in the words that the lab has for it. */
  async #command(action: Extract<Action, { do: "command" }>): Promise<string> {
    const { command, refusedWith } = action;
    const done = this.#in(action.in, ...splitWords(command));
    if (refusedWith === undefined) return done;
    const said = await done.then(
      () => "",
      ({ stderr }) => String(stderr),
    );
    if (said.includes(refusedWith)) return said;
    throw new Error(`${command}: expected "${refusedWith}", the kernel says "${said}"`);
  }

  /** That nobody listens is no failure here: the packets say it. */
  async #talk({ in: name, do: protocol, to, port, text }: TalkAction): Promise<string> {
    const words = [protocol, to, String(port), text];
    return this.#in(name, process.execPath, TALK, ...words).catch(({ stdout }) => String(stdout));
  }

  async #traceroute({ in: name, to, by }: TracerouteAction): Promise<string> {
    const how = by === "icmp" ? "-I" : `--sport=${TRACEROUTE_PORT}`;
    return this.#in(name, "traceroute", "-n", "-q", "1", "-N", "1", "-w", "2", how, to);
  }

  async ping(action: Extract<Action, { do: "ping" }>): Promise<string> {
    const { count = 1, dataLen = 56, ttl = 64, isDontFragment } = action;
    const words = ["-n", "-c", `${count}`, "-i", PING_INTERVAL_S, "-W", "2", "-s", `${dataLen}`];
    const df = isDontFragment ? ["-M", "do"] : [];
    const all = [...words, ...df, "-t", `${ttl}`, action.to];
    // That nobody answers is no failure here: the packets say it.
    return this.#in(action.in, "ping", ...all).catch(({ stdout }) => String(stdout));
  }

  /** What each place saw since the last time: "node1:eth0" to its packets, in order. */
  async seen(): Promise<Map<string, Seen[]>> {
    const places = new Map<string, Seen[]>();
    for (const { name, sniffer } of this.#watched) {
      const names = await this.#devicesOf(name);
      for (const { ifindex, seen } of sniffer.drain()) {
        const place = `${name}:${names.get(ifindex) ?? ifindex}`;
        places.set(place, [...(places.get(place) ?? []), seen]);
      }
    }
    return places;
  }

  async close(): Promise<void> {
    for (const { sniffer } of this.#watched.splice(0)) sniffer.close();
    for (const listener of this.#listeners.splice(0)) listener.kill("SIGKILL");
    await Promise.all(this.#pumps.splice(0).map((pump) => pump.close()));
    await this.#sh(exportTeardown(this.#network));
  }

  async #begin(): Promise<void> {
    const namespaces = this.#network.hosts.flatMap((host) => host.namespaces);
    await Promise.all(
      namespaces.map(async ({ name, devices }) => {
        await this.#in(name, "sh", "-c", PLAIN);
        for (const { kind, name: device } of devices) {
          // A bridge sees what it forwards only if it listens to everything.
          if (kind === "bridge") await this.#in(name, "ip", "link", "set", device, "promisc", "on");
        }
      }),
    );
    for (const { name, devices } of namespaces) {
      for (const device of devices) if (device.kind === "tun") await this.#serve(name, device);
    }
    for (const { name, listeners = [] } of namespaces) {
      if (listeners.length > 0) await this.#listen(name, listeners);
      this.#watched.push({ name, sniffer: new Sniffer(this.#prefix + name) });
    }
  }

  async #listen(namespace: string, specs: readonly ListenerSpec[]): Promise<void> {
    const words = [process.execPath, TALK, "listen", JSON.stringify(specs)];
    const args = ["netns", "exec", this.#prefix + namespace, ...words];
    const listener = spawn("ip", args, { stdio: ["ignore", "pipe", "inherit"] });
    this.#listeners.push(listener);
    await once(listener.stdout, "data");
  }

  /** heddle's own datapath in flanneld's place. */
  async #serve(namespace: string, device: TunSpec): Promise<void> {
    const { name, local, port = 8285, lower, mtu = 1472, leases } = device;
    const plan = { name, kind: "udp", mtu, network: "", underlay: lower, local, port, routes: [] };
    const policy = { isStrict: true, hasHorizon: true, clampsMss: false };
    const address = device.addresses?.[0]?.split("/")[0] ?? null;
    const journal = portEntries({ ...plan, kind: "udp" }, address, null, policy);
    const options = { backend: "udp", device: { name }, local, port, mtu, journal } as const;
    const pump = await within(this.#prefix + namespace, () => startPump(options));
    this.#pumps.push(pump);
    const tunnel = new WasmTunnel();
    await tunnel.attach(pump);
    const peers = leases.map((lease) => {
      const [subnet = "", remote = ""] = lease.split(" ");
      const tunnelRoutes = [{ dst: subnet, remote }];
      return { subnet, remote, neighbors: [], fdb: [], tunnelRoutes, routes: [] };
    });
    const failures = await tunnel.put(peers);
    if (failures.length > 0) throw new Error(JSON.stringify(failures));
  }

  async #devicesOf(namespace: string): Promise<Map<number, string>> {
    const listed: { ifindex: number; ifname: string }[] = JSON.parse(
      await this.#in(namespace, "ip", "-j", "link"),
    );
    return new Map(listed.map(({ ifindex, ifname }) => [ifindex, ifname]));
  }

  /** Runs a program in a namespace; throws when it fails. */
  async #in(namespace: string, ...words: string[]): Promise<string> {
    const args = ["netns", "exec", this.#prefix + namespace, ...words];
    return (await run("ip", args)).stdout;
  }

  async #sh(script: string): Promise<void> {
    const child = run("sh", ["-s"], { env: { ...process.env, P: this.#prefix } });
    child.child.stdin?.end(script);
    await child;
  }
}
