// Asks a running agent over its socket.
import { type IncomingMessage, request } from "node:http";
import { json } from "node:stream/consumers";

const ANSWER_TIMEOUT_MS = 10_000;

/** Nobody answers, or the agent says why it does not. */
export class AskError extends Error {
  override readonly name = "AskError";
  /** No agent listens at all. */
  readonly isAlone: boolean;

  constructor(message: string, options?: ErrorOptions & { isAlone?: boolean }) {
    super(message, options);
    this.isAlone = options?.isAlone ?? false;
  }
}

/** The agent's answer as JSON. */
export async function ask(socket: string, question: string, method = "GET"): Promise<unknown> {
  const response = await open(socket, question, method);
  const answer = await json(response).catch((error) => {
    throw new AskError(`the agent at ${socket} ended in the middle of its answer`, {
      cause: error,
    });
  });
  if (response.statusCode === 200) return answer;
  throw new AskError(reasonOf(answer) ?? `the agent at ${socket}: ${response.statusCode}`);
}

/** The agent's answer as bytes, as they come. */
export async function askForBytes(socket: string, question: string): Promise<IncomingMessage> {
  const response = await open(socket, question, "GET");
  if (response.statusCode === 200) return response;
  throw new AskError(reasonOf(await json(response)) ?? `the agent at ${socket} refuses`);
}

function open(socketPath: string, path: string, method: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path, method, agent: false });
    asked.setTimeout(ANSWER_TIMEOUT_MS, () => {
      asked.destroy(new AskError(`the agent at ${socketPath} does not answer`));
    });
    asked.once("response", (response) => {
      asked.setTimeout(0);
      resolve(response);
    });
    asked.once("error", (error: NodeJS.ErrnoException) => reject(explained(error, socketPath)));
    asked.end();
  });
}

function explained(error: NodeJS.ErrnoException, socket: string): Error {
  if (error instanceof AskError) return error;
  const isAlone = error.code === "ENOENT" || error.code === "ECONNREFUSED";
  const what = isAlone ? "no agent runs" : (error.code ?? error.message);
  return new AskError(`${socket}: ${what}`, { cause: error, isAlone });
}

function reasonOf(answer: unknown): string | undefined {
  const { error } = (answer ?? {}) as { error?: unknown };
  return typeof error === "string" ? error : undefined;
}
