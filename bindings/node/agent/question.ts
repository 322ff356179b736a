// What an HTTP request asks for. Whatever stands in its first line, this gives an answer: a parser
// of URLs throws at some, and nobody who can reach a port is to end the agent.
import type { IncomingMessage } from "node:http";

export interface Question {
  /** "/healthz". */
  readonly path: string;
  readonly query: URLSearchParams;
}

export function questionOf({ url = "/" }: IncomingMessage): Question {
  const [path = "", ...query] = url.split("?");
  return { path, query: new URLSearchParams(query.join("?")) };
}
