// TLS as flannel has it, and a bit more: a client's key and certificate make a connection TLS, and
// https:// does so on its own. A plain http:// stays plain.
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { checkServerIdentity } from "node:tls";
import { type ChannelOptions, credentials } from "@grpc/grpc-js";
import { StoreError } from "../../../../agent/store.ts";
import type { Endpoint } from "./endpoint.ts";

/** PEM files. */
export interface EtcdFiles {
  /** The client's own; both or none. */
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  /** Who signed etcd's certificates; left out: whom the machine trusts. */
  readonly caFile?: string | undefined;
}

export interface EndpointCredentials {
  readonly credentials: ReturnType<typeof credentials.createInsecure>;
  readonly options: Partial<ChannelOptions>;
}

/** Sent where TLS wants a name, and the endpoint has only an address. */
const NAME_OF_ADDRESS = "etcd";

export function isSecure({ scheme }: Endpoint, files: EtcdFiles): boolean {
  return scheme === "https" || (scheme === null && files.certFile !== undefined);
}

/** Reads the files anew each time: certificates are replaced while this runs. */
export async function credentialsFor(
  endpoint: Endpoint,
  files: EtcdFiles,
): Promise<EndpointCredentials> {
  if (!isSecure(endpoint, files)) return { credentials: credentials.createInsecure(), options: {} };
  const { caFile, keyFile, certFile } = files;
  const [ca, key, cert] = await Promise.all([caFile, keyFile, certFile].map(readPem));
  const { host } = endpoint;
  // Against the endpoint's own name, also where TLS is told another.
  const verify = {
    checkServerIdentity: (_: string, peer: Parameters<typeof checkServerIdentity>[1]) =>
      checkServerIdentity(host, peer),
  };
  try {
    return {
      credentials: credentials.createSsl(ca, key, cert, verify),
      options: isIP(host) === 0 ? {} : { "grpc.ssl_target_name_override": NAME_OF_ADDRESS },
    };
  } catch (error) {
    const names = [caFile, keyFile, certFile].filter((file) => file !== undefined).join(", ");
    throw new StoreError("Denied", `TLS with ${names}: ${(error as Error).message}`);
  }
}

async function readPem(file: string | undefined): Promise<Buffer | null> {
  if (file === undefined) return null;
  try {
    return await readFile(file);
  } catch (error) {
    throw new StoreError("Denied", `cannot read ${file}: ${(error as Error).message}`);
  }
}
