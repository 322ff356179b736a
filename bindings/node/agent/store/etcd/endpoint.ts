// Where etcd answers: "http://127.0.0.1:4001,https://etcd.example:2379", as flannel takes it.

export interface Endpoint {
  /** As it was written. */
  readonly text: string;
  /** null: no scheme was written. */
  readonly scheme: "http" | "https" | null;
  /** A name or an address; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

/** flannel's default; the first is etcd's former port, where mostly nobody answers. */
export const ENDPOINTS_DEFAULT = "http://127.0.0.1:4001,http://127.0.0.1:2379";

const PORT_DEFAULT = 2379;
const PORT_MAX = 65535;
const SHAPE = /^(?:(\w+):\/\/)?(\[[\da-f:.%]+\]|[\w.-]+)(?::(\d{1,5}))?\/?$/i;

/** Throws RangeError for what is no list of endpoints. */
export function parseEndpoints(text: string): Endpoint[] {
  const words = text.split(",").map((word) => word.trim());
  if (words.some((word) => word === "")) {
    throw new RangeError(`endpoints "${text}": expected URLs with one comma between`);
  }
  return words.map(parseEndpoint);
}

function parseEndpoint(text: string): Endpoint {
  const [, given, host = "", digits] = SHAPE.exec(text) ?? [];
  const scheme = given?.toLowerCase() ?? null;
  const port = digits === undefined ? PORT_DEFAULT : Number(digits);
  const isScheme = scheme === null || scheme === "http" || scheme === "https";
  if (host === "" || !isScheme || port < 1 || port > PORT_MAX) {
    throw new RangeError(`endpoint "${text}": expected http://HOST:PORT, https:// or HOST:PORT`);
  }
  return { text, scheme, host: host.replace(/^\[|\]$/g, ""), port };
}
