// The way to etcd. Of several endpoints the first that answers is used until it is lost. Each is
// tried on its own, a moment after the one before, or at once when that one has failed: an endpoint
// that refuses costs nothing, and one that says nothing a quarter of a second.
import { setTimeout as sleep } from "node:timers/promises";
import { Client, connectivityState } from "@grpc/grpc-js";
import { StoreError } from "../../../../agent/store.ts";
import { credentialsFor, type EtcdFiles } from "./credentials.ts";
import { Deadline } from "./deadline.ts";
import type { Endpoint } from "./endpoint.ts";
import { METHODS } from "./schema.ts";

/** An open way to one endpoint. */
export interface Connection {
  readonly client: Client;
  readonly endpoint: Endpoint;
}

const STAGGER_MS = 250;
const ATTEMPT_MS_MAX = 5000;
const REASON_MS_MAX = 1000;
const PAUSE_MS_MIN = 100;
const PAUSE_MS_MAX = 1000;

const OPTIONS = {
  // etcd drops who pings more often than every five seconds.
  "grpc.keepalive_time_ms": 10_000,
  "grpc.keepalive_timeout_ms": 3000,
  "grpc.max_reconnect_backoff_ms": 1000,
  "grpc.max_receive_message_length": -1,
  "grpc.enable_http_proxy": 0,
  "grpc.service_config_disable_resolution": 1,
  // A connection belongs to one client, and ends with it.
  "grpc.use_local_subchannel_pool": 1,
};

// "No connection established. Last error: WHY (TIME). Resolution note: "
const LAST_ERROR = /Last error: (?:Error: )?(.*?)\s*(?:\(\d{4}-\d\d-\d\dT[^)]*\))?\. Resolution/s;

export class Dialer {
  readonly #endpoints: readonly Endpoint[];
  readonly #files: EtcdFiles;
  readonly #closing: AbortSignal;
  /** Why an endpoint was no way, when it was last tried. */
  readonly #reasons = new Map<Endpoint, string>();
  #current: Connection | null = null;
  #race: Promise<Connection> | null = null;
  #stop = new AbortController();
  /** The endpoint to try first. */
  #first = 0;

  constructor(endpoints: readonly Endpoint[], files: EtcdFiles, closing: AbortSignal) {
    this.#endpoints = endpoints;
    this.#files = files;
    this.#closing = closing;
    closing.addEventListener("abort", () => {
      this.#stop.abort();
      this.#leave();
    });
  }

  /** Throws StoreError `Unavailable` when no endpoint answers in time. */
  async connection(deadline: Deadline): Promise<Connection> {
    for (let pauseMs = PAUSE_MS_MIN; ; pauseMs = Math.min(pauseMs * 2, PAUSE_MS_MAX)) {
      this.#closing.throwIfAborted();
      if (this.#current !== null && isReady(this.#current)) return this.#current;
      this.#leave();
      this.#race ??= this.#run();
      const found = await deadline.within(this.#race.catch(() => null));
      if (found !== null) return found;
      this.#closing.throwIfAborted();
      if (deadline.leftMs <= pauseMs) throw this.#nobody();
      await sleep(pauseMs, undefined, { signal: this.#closing }).catch(() => {});
    }
  }

  /** Leads elsewhere from now on, where there is an elsewhere. What runs there goes on. */
  drop(connection: Connection): void {
    if (this.#current !== connection) return;
    this.#first = (this.#endpoints.indexOf(connection.endpoint) + 1) % this.#endpoints.length;
    this.#leave();
  }

  #leave(): void {
    this.#current?.client.close();
    this.#current = null;
  }

  #nobody(): StoreError {
    const reasons = this.#endpoints.map((endpoint) => {
      return `${endpoint.text}: ${this.#reasons.get(endpoint) ?? "no answer"}`;
    });
    return new StoreError("Unavailable", `no etcd: ${reasons.join("; ")}`);
  }

  async #run(): Promise<Connection> {
    const stop = new AbortController();
    const attempts: Promise<Connection>[] = [];
    this.#stop = stop;
    try {
      const winner = await this.#winner(attempts, stop.signal);
      this.#closing.throwIfAborted();
      this.#current = winner;
      return winner;
    } finally {
      this.#race = null;
      stop.abort();
      // Two may have answered at the same moment.
      for (const attempt of attempts) {
        attempt.then((one) => one !== this.#current && one.client.close()).catch(() => {});
      }
    }
  }

  async #winner(attempts: Promise<Connection>[], stop: AbortSignal): Promise<Connection> {
    for (let at = 0; at < this.#endpoints.length; at++) {
      const endpoint = this.#endpoints[(this.#first + at) % this.#endpoints.length] as Endpoint;
      const last = this.#attempt(endpoint, stop);
      attempts.push(last);
      const any = Promise.any(attempts);
      const known = Promise.race([any, last]).catch(() => null);
      const winner = await new Deadline(STAGGER_MS).within(known);
      if (winner !== null) return winner;
    }
    return Promise.any(attempts);
  }

  async #attempt(endpoint: Endpoint, stop: AbortSignal): Promise<Connection> {
    try {
      const { credentials, options } = await credentialsFor(endpoint, this.#files);
      const { host, port } = endpoint;
      const target = `dns:${host.includes(":") ? `[${host}]` : host}:${port}`;
      const client = new Client(target, credentials, { ...OPTIONS, ...options });
      await ready(client, stop);
      return { client, endpoint };
    } catch (error) {
      if (!stop.aborted) this.#reasons.set(endpoint, (error as Error).message);
      throw error;
    }
  }
}

function isReady({ client }: Connection): boolean {
  return client.getChannel().getConnectivityState(false) === connectivityState.READY;
}

/** Closes the client unless it can be used. */
async function ready(client: Client, stop: AbortSignal): Promise<void> {
  const channel = client.getChannel();
  const close = (): void => client.close();
  stop.addEventListener("abort", close);
  try {
    stop.throwIfAborted();
    const end = Date.now() + ATTEMPT_MS_MAX;
    for (;;) {
      const state = channel.getConnectivityState(false);
      // Asked for in any other state, a way would still be sought when the client is closed.
      if (state === connectivityState.IDLE) channel.getConnectivityState(true);
      if (state === connectivityState.READY) return;
      if (state === connectivityState.TRANSIENT_FAILURE) throw new Error(await reasonOf(client));
      if (state === connectivityState.SHUTDOWN) throw new Error("closed");
      await new Promise<void>((resolve, reject) => {
        const done = (error?: Error): void => (error ? reject(new Error("no answer")) : resolve());
        channel.watchConnectivityState(state, end, done);
      });
    }
  } catch (error) {
    close();
    throw error;
  } finally {
    stop.removeEventListener("abort", close);
  }
}

// A channel tells nobody why it failed, but for the calls that it fails.
function reasonOf(client: Client): Promise<string> {
  const { path, serialize, deserialize } = METHODS.range;
  const request = { key: Buffer.alloc(0) };
  return new Promise((resolve) => {
    const options = { deadline: Date.now() + REASON_MS_MAX };
    client.makeUnaryRequest(path, serialize, deserialize, request, options, (error) => {
      const [, reason] = LAST_ERROR.exec(error?.details ?? "") ?? [];
      resolve(reason ?? error?.details ?? "no answer");
    });
  });
}
