// tshark as the judge of captures, with every checksum verified.
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

const CHECKED = ["ip", "udp", "tcp"].flatMap((layer) => ["-o", `${layer}.check_checksum:TRUE`]);
// What several devices saw of one stream would overlap in it.
const APART = ["-o", "tcp.desegment_tcp_streams:FALSE"];
const PORTS = ["-d", "udp.port==8472,vxlan", "-d", "udp.port==8285,ip"];

/**
 * Packets that are malformed, or whose checksums are wrong, at whatever depth. Linux writes a TCP
 * checksum of zero as 0xffff, as for UDP; that is the same sum, and tshark warns of it.
 */
export const BROKEN = '_ws.malformed || (_ws.expert.group == "Checksum" && !tcp.checksum.ffff)';

/** The packets that `filter` lets through: the outermost value of each field. */
export async function packetsOf(
  file: string,
  filter: string,
  fields: readonly string[],
): Promise<string[][]> {
  const wanted = fields.flatMap((field) => ["-e", field]);
  const form = ["-T", "fields", "-E", "separator=/t", "-E", "occurrence=f", ...wanted];
  const args = ["-n", "-r", file, ...PORTS, ...CHECKED, ...APART, "-Y", filter, ...form];
  const { stdout } = await run("tshark", args, { maxBuffer: 1 << 28 });
  return stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => line.split("\t"));
}

export async function countOf(file: string, filter: string): Promise<number> {
  return (await packetsOf(file, filter, ["frame.number"])).length;
}
