// What a node's lease looks like in the store.
import { addressIn, networkIn } from "../parts/site.ts";
import type { FlannelNode } from "./site.ts";

export const KEY = "/coreos.com/network";

/** "10.5.94.0-24". */
export function subnetKey(node: FlannelNode): string {
  return networkIn(node.bridge).replace("/", "-");
}

/** The key and value of a VXLAN node's lease. */
export function leaseEntry(node: FlannelNode): { readonly key: string; readonly value: string } {
  const value = JSON.stringify({
    PublicIP: addressIn(node.card),
    BackendType: "vxlan",
    BackendData: { VNI: 1, VtepMAC: node.vtepMac },
  });
  return { key: `${KEY}/subnets/${subnetKey(node)}`, value };
}
