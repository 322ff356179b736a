// Calls to etcd: by which connection, with which token, until when, and what a failure means.
import {
  type Client,
  type ClientDuplexStream,
  type ClientUnaryCall,
  Metadata,
  type ServiceError,
} from "@grpc/grpc-js";
import type { StoreError } from "../../../../agent/store.ts";
import { Deadline } from "./deadline.ts";
import type { Connection, Dialer } from "./dialer.ts";
import { isLost, isStaleToken, isWithoutAuth, storeErrorOf } from "./failure.ts";
import {
  type EtcdCalls,
  METHODS,
  type Method,
  type WatchRequest,
  type WatchResponse,
} from "./schema.ts";

export interface EtcdUser {
  readonly username: string;
  readonly password: string;
}

/** A stream, where it leads, and with which token. */
export interface OpenStream {
  readonly stream: ClientDuplexStream<WatchRequest, WatchResponse>;
  readonly connection: Connection;
  readonly token: string | null;
}

type UnaryName = Exclude<keyof EtcdCalls, "watch">;

/** Of a server that knows no users. */
const NO_TOKEN = "";

export class Caller {
  readonly #dialer: Dialer;
  readonly #user: EtcdUser | null;
  readonly #timeoutMs: number;
  readonly #closing: AbortSignal;
  readonly #calls = new Set<ClientUnaryCall>();
  #token: string | null = null;
  #login: Promise<string> | null = null;

  constructor(dialer: Dialer, user: EtcdUser | null, timeoutMs: number, closing: AbortSignal) {
    this.#dialer = dialer;
    this.#user = user;
    this.#timeoutMs = timeoutMs;
    this.#closing = closing;
    closing.addEventListener("abort", () => {
      for (const call of this.#calls) call.cancel();
    });
  }

  newDeadline(): Deadline {
    return new Deadline(this.#timeoutMs);
  }

  async call<Name extends UnaryName>(
    name: Name,
    request: EtcdCalls[Name][0],
  ): Promise<EtcdCalls[Name][1]> {
    const deadline = this.newDeadline();
    for (let isRetry = false; ; isRetry = true) {
      const connection = await this.#dialer.connection(deadline);
      let token: string | null = null;
      try {
        token = await this.#tokenBy(connection, deadline);
        const options = { metadata: metadataWith(token), deadline };
        return await this.#unary(connection.client, name, request, options);
      } catch (error) {
        const failure = this.failureOf(error, connection);
        if (isRetry || token === null || !isStaleToken(error)) throw failure;
        this.forget(token); // what was refused for its token was not done
      }
    }
  }

  /** Opens a stream for watches. */
  async openStream(deadline: Deadline): Promise<OpenStream> {
    const connection = await this.#dialer.connection(deadline);
    try {
      const token = await this.#tokenBy(connection, deadline);
      const { path, serialize, deserialize } = METHODS.watch;
      const metadata = metadataWith(token);
      // A member that has lost the others then ends the watch, and another one can be asked.
      metadata.set("hasleader", "true");
      const { client } = connection;
      const stream = client.makeBidiStreamRequest(path, serialize, deserialize, metadata);
      return { stream, connection, token };
    } catch (error) {
      throw this.failureOf(error, connection);
    }
  }

  /** Takes a failure in, and says what it means to who called. */
  failureOf(error: unknown, connection: Connection): StoreError {
    if (this.#closing.aborted) return this.#closing.reason;
    if (isLost(error)) this.#dialer.drop(connection);
    return storeErrorOf(error, connection.endpoint.text);
  }

  /** The next call logs in again, unless another has in the meantime. */
  forget(token: string): void {
    if (this.#token === token) this.#token = null;
  }

  async #tokenBy({ client }: Connection, deadline: Deadline): Promise<string | null> {
    if (this.#user === null) return null;
    if (this.#token !== null) return this.#token;
    this.#login ??= this.#authenticate(client, this.#user, deadline).finally(() => {
      this.#login = null;
    });
    this.#token = await this.#login;
    return this.#token;
  }

  async #authenticate(client: Client, user: EtcdUser, deadline: Deadline): Promise<string> {
    const request = { name: user.username, password: user.password };
    const options = { metadata: new Metadata(), deadline };
    try {
      return (await this.#unary(client, "authenticate", request, options)).token;
    } catch (error) {
      if (isWithoutAuth(error)) return NO_TOKEN;
      throw error;
    }
  }

  #unary<Name extends UnaryName>(
    client: Client,
    name: Name,
    request: EtcdCalls[Name][0],
    { metadata, deadline }: { readonly metadata: Metadata; readonly deadline: Deadline },
  ): Promise<EtcdCalls[Name][1]> {
    const method: Method<EtcdCalls[Name][0], EtcdCalls[Name][1]> = METHODS[name];
    const { path, serialize, deserialize } = method;
    const options = { deadline: deadline.date };
    return new Promise((resolve, reject) => {
      const done = (error: ServiceError | null, response?: EtcdCalls[Name][1]): void => {
        this.#calls.delete(call);
        if (error !== null) reject(error);
        else if (response !== undefined) resolve(response);
      };
      const call = client.makeUnaryRequest(
        ...([path, serialize, deserialize, request] as const),
        ...([metadata, options, done] as const),
      );
      this.#calls.add(call);
    });
  }
}

function metadataWith(token: string | null): Metadata {
  const metadata = new Metadata();
  if (token !== null && token !== NO_TOKEN) metadata.set("token", token);
  return metadata;
}
