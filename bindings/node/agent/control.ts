// The agent's Unix socket: JSON over HTTP, for who may read the folder, which is root. One agent
// has it at a time; the socket that a killed one left is replaced.
import { mkdirSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { dirname } from "node:path";
import { type Lock, takeLock } from "./lock.ts";
import { questionOf } from "./question.ts";

const FOLDER_MODE = 0o700;
const UMASK = 0o177; // the socket is 0600 from its first moment on
const PATH_LEN_MAX = 107; // sockaddr_un, with a zero at the end
const CONNECTIONS_MAX = 16;
const HEADER_BYTES_MAX = 4096;
const REQUEST_TIMEOUT_MS = 5000;

/** What answers a request; it throws what the asker is told. */
export type Answer = (query: URLSearchParams, response: ServerResponse) => Promise<unknown>;

/** By method and path, as "GET /status". What an answer returns is sent as JSON. */
export type Answers = Readonly<Record<string, Answer>>;

/** Another agent has the socket, or it cannot be made. */
export class ControlError extends Error {
  override readonly name = "ControlError";
}

export class Control {
  readonly path: string;
  readonly #server: Server;
  readonly #lock: Lock;

  private constructor(path: string, server: Server, lock: Lock) {
    this.path = path;
    this.#server = server;
    this.#lock = lock;
  }

  /** Throws ControlError where another agent runs. */
  static async open(path: string, answers: Answers): Promise<Control> {
    const lock = claimSocket(path);
    try {
      rmSync(path, { force: true });
      const server = createServer(
        { maxHeaderSize: HEADER_BYTES_MAX, requestTimeout: REQUEST_TIMEOUT_MS },
        (request, response) => void reply(answers, request, response),
      );
      server.maxConnections = CONNECTIONS_MAX;
      await listen(server, path);
      return new Control(path, server, lock);
    } catch (error) {
      lock.release({ removes: true });
      throw error instanceof ControlError ? error : new ControlError(`${path}: ${wordsOf(error)}`);
    }
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
    rmSync(this.path, { force: true });
    this.#lock.release({ removes: true });
  }
}

/** The right to be the one agent behind a socket, for who starts and for who cleans up. */
export function claimSocket(path: string): Lock {
  if (Buffer.byteLength(path) > PATH_LEN_MAX) {
    throw new ControlError(`${path}: a socket's path has at most ${PATH_LEN_MAX} bytes`);
  }
  try {
    mkdirSync(dirname(path), { recursive: true, mode: FOLDER_MODE });
    const lock = takeLock(`${path}.lock`);
    if (lock) return lock;
  } catch (error) {
    throw new ControlError(`${path}: ${wordsOf(error)}; --socket names another place`);
  }
  throw new ControlError(`another agent runs: it has ${path}`);
}

function listen(server: Server, path: string): Promise<void> {
  const before = process.umask(UMASK);
  try {
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      // It binds before it returns.
      server.listen(path, () => {
        server.removeAllListeners("error");
        server.on("error", () => {}); // a connection that failed is its asker's
        resolve();
      });
    });
  } finally {
    process.umask(before);
  }
}

async function reply(
  answers: Answers,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  request.resume(); // nothing that is asked here has a body
  const { path, query } = questionOf(request);
  const answer = answers[`${request.method} ${path}`];
  try {
    if (!answer) return send(response, 404, { error: `nothing at ${request.method} ${path}` });
    const value = await answer(query, response);
    if (!response.headersSent) send(response, 200, value ?? null);
  } catch (error) {
    if (!response.headersSent) send(response, 500, { error: wordsOf(error) });
    else response.destroy();
  }
}

function send(response: ServerResponse, status: number, value: unknown): void {
  const body = JSON.stringify(value, (_, each) => (typeof each === "bigint" ? `${each}` : each));
  response.writeHead(status, { "content-type": "application/json" }).end(body);
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
