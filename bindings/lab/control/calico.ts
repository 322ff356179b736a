// How Calico joins a pod to its host: a route of one address, and a gateway that is nobody.
import { parseIpv4, printIpv4 } from "../../core/index.ts";

/** The gateway of every pod: its host answers for it by proxied ARP. */
export const CALICO_GATEWAY = "169.254.1.1";
/** The MAC of every host's end of a pod's pair. */
export const CALICO_MAC = "ee:ee:ee:ee:ee:ee";

export interface CalicoPodRoutes {
  /** As behind `ip route add` of the host. */
  readonly host: readonly string[];
  readonly pod: readonly string[];
}

/** `device` is the host's end of the pair. */
export function calicoPodRoutes(address: string, device: string): CalicoPodRoutes {
  const pod = printIpv4(parseIpv4(address));
  return {
    host: [`${pod} dev ${device} scope link`],
    pod: [`${CALICO_GATEWAY} dev eth0 scope link`, `default via ${CALICO_GATEWAY} dev eth0`],
  };
}
