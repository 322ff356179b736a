// Certificates for a TLS test, made by openssl: an authority, a server, a client and a stranger.
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

/** PEM files. */
export interface EtcdCertificates {
  readonly ca: string;
  /** Signed neither of the others. */
  readonly otherCa: string;
  /** For 127.0.0.1 and localhost. */
  readonly server: { readonly cert: string; readonly key: string };
  readonly client: { readonly cert: string; readonly key: string };
}

const run = promisify(execFile);
const CURVE = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/** Makes them in `folder`; the client's name is `clientName`. */
export async function makeCertificates(
  folder: string,
  clientName: string,
): Promise<EtcdCertificates> {
  const at = (name: string): string => join(folder, name);
  const authority = async (name: string): Promise<string> => {
    const files = ["-keyout", at(`${name}.key`), "-out", at(`${name}.crt`)];
    await run("openssl", [
      "req",
      "-x509",
      ...CURVE,
      "-subj",
      `/CN=${name}`,
      "-days",
      "2",
      ...files,
    ]);
    return at(`${name}.crt`);
  };
  const pair = async (file: string, name: string): Promise<{ cert: string; key: string }> => {
    const [cert, key, request] = [at(`${file}.crt`), at(`${file}.key`), at(`${file}.csr`)];
    await run("openssl", [
      "req",
      ...CURVE,
      "-subj",
      `/CN=${name}`,
      "-keyout",
      key,
      "-out",
      request,
    ]);
    const extensions = at(`${file}.ext`);
    writeFileSync(extensions, "subjectAltName=IP:127.0.0.1,DNS:localhost\n");
    const signer = ["-CA", at("ca.crt"), "-CAkey", at("ca.key"), "-CAcreateserial"];
    const names = ["-in", request, "-out", cert, "-days", "2", "-extfile", extensions];
    await run("openssl", ["x509", "-req", ...signer, ...names]);
    return { cert, key };
  };
  return {
    ca: await authority("ca"),
    otherCa: await authority("other"),
    server: await pair("server", "etcd"),
    client: await pair("client", clientName),
  };
}
