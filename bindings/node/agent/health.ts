// /healthz, /readyz and /metrics over TCP, with flannel's words.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { questionOf } from "./question.ts";

export interface HealthOptions {
  readonly ip: string;
  readonly port: number;
  readonly isReady: () => boolean;
  /** The text of /metrics, and its type. */
  readonly metrics: () => Promise<{ readonly text: string; readonly type: string }>;
}

export interface Health {
  readonly port: number;
  close(): void;
}

const CONNECTIONS_MAX = 64;
const HEADER_BYTES_MAX = 8192;
const TIMEOUT_MS = 5000;
const PLAIN = "text/plain; charset=utf-8";

/** Resolves when it listens; throws when it cannot. */
export async function openHealth(options: HealthOptions): Promise<Health> {
  const limits = { maxHeaderSize: HEADER_BYTES_MAX, requestTimeout: TIMEOUT_MS };
  const server = createServer(limits, async (request, response) => {
    request.resume();
    const { path } = questionOf(request);
    const { status, text, type } = await pageOf(path, options);
    response.writeHead(status, { "content-type": type, connection: "close" }).end(text);
  });
  server.maxConnections = CONNECTIONS_MAX;
  await listen(server, options);
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

interface Page {
  readonly status: number;
  readonly text: string;
  readonly type: string;
}

async function pageOf(path: string, { isReady, metrics }: HealthOptions): Promise<Page> {
  if (path === "/healthz") return plain(200, "flanneld is running");
  if (path === "/readyz") {
    return isReady() ? plain(200, "flanneld is ready") : plain(503, "flanneld is not ready yet");
  }
  if (path !== "/metrics") return plain(404, "404 page not found");
  try {
    return { status: 200, ...(await metrics()) };
  } catch (error) {
    return plain(500, error instanceof Error ? error.message : String(error));
  }
}

function plain(status: number, text: string): Page {
  return { status, text, type: PLAIN };
}

function listen(server: Server, { ip, port }: HealthOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const reason = error.code ?? error.message;
      reject(new Error(`the health server cannot listen at ${ip}:${port}: ${reason}`));
    });
    server.listen(port, ip, () => {
      server.removeAllListeners("error");
      server.on("error", () => {}); // a connection that failed is its asker's
      resolve();
    });
  });
}
