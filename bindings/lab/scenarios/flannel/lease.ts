// What the store holds of flannel's nodes.
import { flannelStore } from "../../control/index.ts";
import type { StoreSpec } from "../../spec/network.ts";
import { addressIn, networkIn } from "../parts/site.ts";
import type { FlannelNode } from "./site.ts";

/** "10.5.94.0-24". */
export function subnetKey(node: FlannelNode): string {
  return networkIn(node.bridge).replace("/", "-");
}

/** Their leases, behind the config where it is known. A node without a VTEP speaks UDP. */
export function storeOf(
  api: StoreSpec["api"],
  nodes: readonly FlannelNode[],
  config?: string,
): StoreSpec {
  const leases = nodes.map(({ bridge, card, vtepMac }) => ({
    subnet: networkIn(bridge),
    publicIp: addressIn(card),
    ...(vtepMac !== undefined && { vtepMac }),
  }));
  return flannelStore({ api, leases, ...(config !== undefined && { config }) });
}
