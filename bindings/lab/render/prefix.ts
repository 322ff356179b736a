// Whether an address lies in a network.
import { parseNetwork } from "../../core/index.ts";

/** "10.0.1.3/24" or "10.0.1.3" in "10.0.1.0/24". */
export function isInPrefix(address: string, prefix: string): boolean {
  const { address: network, len } = parseNetwork(prefix);
  const host = address.split("/")[0] ?? "";
  return parseNetwork(`${host}/${len}`).address === network;
}
