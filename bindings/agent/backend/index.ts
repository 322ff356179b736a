// The backends by name.
import type { NetworkConfig } from "../config.ts";
import type { External } from "../plan.ts";
import { AllocBackend } from "./alloc.ts";
import type { Backend } from "./backend.ts";
import { HostGwBackend } from "./host-gw.ts";
import { UdpBackend } from "./udp.ts";
import { VxlanBackend } from "./vxlan.ts";

export { type Backend, deviceAddress, type IsOnLink } from "./backend.ts";
export { planPeers } from "./peers.ts";

/** The backend of a network on an underlay. Throws HeddleError when the two do not fit. */
export function backendOf(config: NetworkConfig, external: External): Backend {
  const { backend } = config;
  switch (backend.type) {
    case "vxlan":
      return new VxlanBackend(config, backend, external);
    case "udp":
      return new UdpBackend(config, backend, external);
    case "host-gw":
      return new HostGwBackend(config, external);
    case "alloc":
      return new AllocBackend(external);
  }
}
