// A real etcd for tests: Debian's, on loopback, with ports and a data folder of its own. It goes
// with the test process, and so does its folder.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { EtcdCertificates } from "./etcd-certificates.ts";
import { stopProcess } from "./stopped.ts";

export interface EtcdServerOptions {
  readonly tls?: EtcdCertificates;
  /** With TLS: asks clients for no certificates. */
  readonly takesAnyone?: boolean;
  /** Seconds after which an unused login is forgotten. */
  readonly tokenTtlS?: number;
  readonly args?: readonly string[];
}

const READY_MS_MAX = 60_000;
const TRIES_MAX = 3;
const STOP_MS_MAX = 20_000;

/** Processes to end and folders to remove, whatever happens to the test. */
const left = { pids: new Set<number>(), folders: new Set<string>() };

process.on("exit", () => {
  for (const pid of left.pids) killNow(pid);
  for (const folder of left.folders) rmSync(folder, { recursive: true, force: true });
});
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

export class EtcdServer {
  /** "http://127.0.0.1:PORT", or https. */
  readonly endpoint: string;
  readonly #folder: string;
  readonly #args: readonly string[];
  readonly #options: EtcdServerOptions;
  #child: ChildProcess | null = null;
  #said = "";

  private constructor(ports: readonly [number, number], options: EtcdServerOptions) {
    const scheme = options.tls === undefined ? "http" : "https";
    const peer = `http://127.0.0.1:${ports[1]}`;
    this.endpoint = `${scheme}://127.0.0.1:${ports[0]}`;
    this.#options = options;
    this.#folder = temporaryFolder();
    this.#args = [
      ...["--name", "test", "--data-dir", join(this.#folder, "data"), "--log-level", "error"],
      ...["--listen-client-urls", this.endpoint, "--advertise-client-urls", this.endpoint],
      ...["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer],
      ...["--initial-cluster", `test=${peer}`],
      ...["--heartbeat-interval", "50", "--election-timeout", "250", "--unsafe-no-fsync"],
      ...["--bcrypt-cost", "4", ...tlsArgs(options)],
      ...(options.tokenTtlS === undefined ? [] : ["--auth-token-ttl", `${options.tokenTtlS}`]),
      ...(options.args ?? []),
    ];
  }

  /** Starts one and waits until it answers. */
  static async start(options: EtcdServerOptions = {}): Promise<EtcdServer> {
    for (let tries = 1; ; tries++) {
      const server = await EtcdServer.reserve(options);
      try {
        await server.restart();
        return server;
      } catch (error) {
        await server.close();
        if (tries === TRIES_MAX) throw error; // somebody else may have taken the port
      }
    }
  }

  /** One that is not there yet, and whose endpoint is known: `restart` starts it. */
  static async reserve(options: EtcdServerOptions = {}): Promise<EtcdServer> {
    return new EtcdServer([await freePort(), await freePort()], options);
  }

  /** Starts it on the data that it left. */
  async restart(): Promise<void> {
    await this.#end("SIGKILL");
    this.#said = "";
    const child = spawn("etcd", this.#args, { stdio: ["ignore", "pipe", "pipe"] });
    this.#child = child;
    if (child.pid !== undefined) left.pids.add(child.pid);
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (text) => {
        this.#said = `${this.#said}${text}`.slice(-4000);
      });
    }
    for (const end = Date.now() + READY_MS_MAX; ; await sleep(20)) {
      if (child.exitCode !== null || Date.now() > end) throw new Error(`no etcd: ${this.#said}`);
      if (await this.#answers()) return;
    }
  }

  /** SIGTERM: it says good-bye to its clients. */
  async stop(): Promise<void> {
    await this.#end("SIGTERM");
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Stops it: connections stand, and nothing answers. */
  pause(): Promise<void> {
    return stopProcess(this.#child?.pid);
  }

  resume(): void {
    this.#child?.kill("SIGCONT");
  }

  /** Ends it, and removes what it kept. */
  async close(): Promise<void> {
    await this.#end("SIGKILL");
    rmSync(this.#folder, { recursive: true, force: true });
    left.folders.delete(this.#folder);
  }

  async compact(revision: bigint): Promise<void> {
    await this.request("/v3/kv/compaction", { revision: `${revision}`, physical: true });
  }

  /** Makes a user root with this password, perhaps others, and lets nobody else in. */
  async enableAuth(password: string, users: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.request("/v3/auth/role/add", { name: "root" });
    for (const [name, secret] of Object.entries({ root: password, ...users })) {
      await this.request("/v3/auth/user/add", { name, password: secret });
    }
    await this.request("/v3/auth/user/grant", { user: "root", role: "root" });
    await this.request("/v3/auth/enable", {});
  }

  /** One call by etcd's JSON gateway; without TLS only. */
  async request(path: string, body: object, token?: string): Promise<Record<string, unknown>> {
    const response = await fetch(`${this.endpoint}${path}`, {
      method: "POST",
      body: JSON.stringify(body),
      ...(token === undefined ? {} : { headers: { Authorization: token } }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${text}`);
    return JSON.parse(text);
  }

  #answers(): Promise<boolean> {
    const { tls } = this.#options;
    const url = `${this.endpoint}/health`;
    return new Promise((resolve) => {
      const heard = (response: IncomingMessage): void => {
        response.resume();
        resolve(response.statusCode === 200);
      };
      const asked =
        tls === undefined
          ? http.get(url, { timeout: 5000 }, heard)
          : https.get(url, { timeout: 5000, ...pemOf(tls) }, heard);
      asked.on("timeout", () => asked.destroy());
      asked.on("error", () => resolve(false));
    });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    child.kill(signal);
    child.kill("SIGCONT");
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS_MAX);
    await exit;
    clearTimeout(timer);
    left.pids.delete(child.pid);
  }
}

/** A port of loopback on which nobody listens. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

function tlsArgs({ tls, takesAnyone }: EtcdServerOptions): string[] {
  if (tls === undefined) return [];
  const own = ["--cert-file", tls.server.cert, "--key-file", tls.server.key];
  return takesAnyone ? own : [...own, "--client-cert-auth", "--trusted-ca-file", tls.ca];
}

function pemOf({ ca, client }: EtcdCertificates): https.RequestOptions {
  return { ca: readFileSync(ca), cert: readFileSync(client.cert), key: readFileSync(client.key) };
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "heddle-etcd-"));
  left.folders.add(folder);
  return folder;
}

function killNow(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // gone
  }
}
