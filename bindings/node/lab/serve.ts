// `heddle lab --serve`: the built page from a folder, and nothing else. Every answer says what may
// run in it: the page's own scripts, and WebAssembly.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

export interface SiteOptions {
  /** Of the built page. */
  readonly folder: string;
  readonly host: string;
  /** Zero takes one that is free. */
  readonly port: number;
}

/** A server of the page that listens. */
export interface Site {
  readonly url: string;
  close(): void;
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".map": "application/json",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".txt": "text/plain; charset=utf-8",
  ".pcap": "application/vnd.tcpdump.pcap",
  ".pcapng": "application/octet-stream",
};

const INLINE_SCRIPT = /<script>([\s\S]*?)<\/script>/g;

/** Where `npm run build` puts the page; compiled, this file lies below it in dist/. */
export const PAGE_FOLDER: string = fileURLToPath(new URL("../../../web", import.meta.url));

/** Rejects with Error where there is no page, or the port is taken. */
export async function openSite({ folder, host, port }: SiteOptions): Promise<Site> {
  const index = resolve(folder, "index.html");
  if (!existsSync(index)) throw new Error(`there is no page in ${folder}: npm run build makes it`);
  const policy = policyOf(await readFile(index, "utf8"));
  const server = createServer((request, response) => {
    response.setHeader("content-security-policy", policy);
    response.setHeader("x-content-type-options", "nosniff");
    response.setHeader("referrer-policy", "no-referrer");
    response.setHeader("cache-control", "no-cache");
    void answer(folder, request, response);
  });
  await listening(server, host, port);
  const { address, family, port: taken } = server.address() as AddressInfo;
  const name = family === "IPv6" ? `[${address}]` : address;
  return {
    url: `http://${name}:${taken}/`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** The file that a URL's path names within a folder; null: it names none there. */
export function fileWithin(folder: string, pathname: string): string | null {
  let path: string;
  try {
    path = decodeURIComponent(pathname);
  } catch {
    return null; // a percent sign that begins nothing
  }
  if (path.includes("\0") || path.includes("\\")) return null;
  const file = resolve(folder, `.${path.endsWith("/") ? `${path}index.html` : path}`);
  return file.startsWith(resolve(folder) + sep) ? file : null;
}

async function answer(
  folder: string,
  { method, url }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (method !== "GET" && method !== "HEAD") {
    response.writeHead(405, { allow: "GET, HEAD" }).end();
    return;
  }
  const file = fileWithin(folder, (url ?? "/").split(/[?#]/)[0] ?? "/");
  const bytes = file === null ? null : await readFile(file).catch(() => null);
  if (file === null || bytes === null) {
    response.writeHead(404, { "content-type": "text/plain; charset=utf-8" }).end("Not found\n");
    return;
  }
  const type = TYPES[extname(file)] ?? "application/octet-stream";
  response.writeHead(200, { "content-type": type, "content-length": bytes.length });
  response.end(method === "HEAD" ? undefined : bytes);
}

/** Scripts of the page's own files, and those that stand in it, by their hashes. */
function policyOf(html: string): string {
  const hashes = [...html.matchAll(INLINE_SCRIPT)].map(([, script = ""]) => {
    return `'sha256-${createHash("sha256").update(script).digest("base64")}'`;
  });
  const rules = [
    "default-src 'none'",
    ["script-src 'self' 'wasm-unsafe-eval'", ...hashes].join(" "),
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "connect-src 'self'",
    "worker-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return rules.join("; ");
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((done, failed) => {
    server.once("error", failed);
    server.listen(port, host, () => {
      server.off("error", failed);
      done();
    });
  });
}
