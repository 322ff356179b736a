// The underlay of a test network: a namespace with a bridge that hosts are plugged into, and an
// etcd that lives there. Everything goes with `close`, and with the test process.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Namespace, openNamespace } from "../namespace.ts";
import { until } from "./until.ts";

const INSIDE = new URL("./wire.inside.js", import.meta.url);
export const PREFIX = "/coreos.com/network";
export const GATEWAY = "192.168.11.254";
const ENDPOINT = `http://${GATEWAY}:2379`;
const TXN_LEN = 100; // etcd takes 128
const PEER_URL = "http://127.0.0.1:2380";

/** A key with its value, and etcd's lease. */
export interface EtcdEntry {
  readonly key: string;
  readonly value: string;
  /** "0": none. */
  readonly leaseId: string;
}

interface Range {
  readonly header: { readonly revision: string };
  readonly kvs?: readonly { key: string; value?: string; lease?: string }[];
}

const children = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

/** A process of a test: it does not outlive it. */
export function keepChild(child: ChildProcess): ChildProcess {
  children.add(child);
  child.once("exit", () => children.delete(child));
  return child;
}

export class Wire {
  readonly ns: Namespace;
  readonly folder: string;
  readonly endpoint: string = ENDPOINT;
  #etcd: ChildProcess | null = null;

  private constructor(ns: Namespace, folder: string) {
    this.ns = ns;
    this.folder = folder;
  }

  /** The bridge alone: etcd is not there yet. */
  static async open(label: string): Promise<Wire> {
    const ns = await openNamespace(`${label}-wire`);
    // Left to itself a bridge has its lowest port's MAC, and another one when that port goes.
    await ns.ip("link", "add", "br0", "address", "02:00:00:00:00:fe", "type", "bridge");
    await ns.ip("address", "add", `${GATEWAY}/24`, "dev", "br0");
    await ns.ip("link", "set", "br0", "up");
    await ns.sysctl("net.ipv4.ip_forward", 1);
    return new Wire(ns, mkdtempSync(join(tmpdir(), "heddle-wire-")));
  }

  async close(): Promise<void> {
    await this.killEtcd();
    await this.ns.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Starts etcd on what it had, and waits until it answers. */
  async startEtcd(config?: object): Promise<void> {
    const child = spawn("ip", ["netns", "exec", this.ns.name, "etcd", ...this.#etcdArgs()], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    keepChild(child);
    let said = "";
    child.stderr?.on("data", (text) => {
      said = `${said}${text}`.slice(-2000);
    });
    this.#etcd = child;
    await until("etcd answers", () => this.ns.call<boolean>(INSIDE, "isHealthy", ENDPOINT), {
      hint: () => said,
    });
    if (config !== undefined) await this.put(`${PREFIX}/config`, JSON.stringify(config));
  }

  #etcdArgs(): string[] {
    return [
      ...["--name", "wire", "--data-dir", join(this.folder, "etcd"), "--log-level", "error"],
      ...["--listen-client-urls", `${ENDPOINT},http://127.0.0.1:2379`],
      ...["--advertise-client-urls", ENDPOINT, "--listen-peer-urls", PEER_URL],
      ...["--initial-advertise-peer-urls", PEER_URL, "--initial-cluster", `wire=${PEER_URL}`],
      ...["--heartbeat-interval", "50", "--election-timeout", "250", "--unsafe-no-fsync"],
    ];
  }

  /** SIGKILL; what was written is still there at the next start. */
  async killEtcd(): Promise<void> {
    const child = this.#etcd;
    this.#etcd = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
  }

  async put(key: string, value: string, lease = "0"): Promise<void> {
    await this.#ask("kv/put", { key: base64(key), value: base64(value), lease });
  }

  /** Many keys without a lease, a hundred in one transaction. */
  async putAll(entries: readonly (readonly [key: string, value: string])[]): Promise<void> {
    for (let at = 0; at < entries.length; at += TXN_LEN) {
      const puts = entries.slice(at, at + TXN_LEN).map(([key, value]) => {
        return { requestPut: { key: base64(key), value: base64(value) } };
      });
      await this.#ask("kv/txn", { success: puts });
    }
  }

  async remove(key: string): Promise<void> {
    await this.#ask("kv/deleterange", { key: base64(key) });
  }

  /** All leases of subnets, in the order of their keys. */
  async leases(): Promise<EtcdEntry[]> {
    return this.all(`${PREFIX}/subnets/`);
  }

  /** All keys that begin like this. */
  async all(prefix: string): Promise<EtcdEntry[]> {
    return (await this.#range(prefix)).entries;
  }

  /** Where the lease of a subnet, as "10.5.1.0/24", lies. */
  keyOf(subnet: string): string {
    return `${PREFIX}/subnets/${subnet.replace("/", "-")}`;
  }

  async revoke(leaseId: string): Promise<void> {
    await this.#ask("lease/revoke", { ID: leaseId });
  }

  async grant(ttlS: number): Promise<string> {
    return String((await this.#ask("lease/grant", { TTL: ttlS })).ID);
  }

  /** Forgets all revisions but the last. */
  async compact(): Promise<void> {
    const { revision } = await this.#range(`${PREFIX}/`);
    await this.#ask("kv/compaction", { revision, physical: true });
  }

  async #range(prefix: string): Promise<{ entries: EtcdEntry[]; revision: string }> {
    const end = prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
    const body = { key: base64(prefix), range_end: base64(end) };
    const { kvs = [], header } = (await this.#ask("kv/range", body)) as unknown as Range;
    const entries = kvs.map(({ key, value = "", lease = "0" }) => {
      return { key: text(key), value: text(value), leaseId: lease };
    });
    return { entries, revision: header.revision };
  }

  #ask(path: string, body: object): Promise<Record<string, unknown>> {
    return this.ns.call(INSIDE, "post", `${ENDPOINT}/v3/${path}`, body);
  }
}

function base64(words: string): string {
  return Buffer.from(words).toString("base64");
}

function text(words: string): string {
  return Buffer.from(words, "base64").toString();
}
