// A result of ADD as CHECK takes it back.
import { isObject, type JsonObject } from "./request.ts";

/**
 * The same with a gateway in every route. One without means the container's gateway of that family,
 * and bridge routes so; but when bridge checks, it looks for a route that has none.
 */
export function withGateways(result: JsonObject): JsonObject {
  const { ips, routes } = result;
  if (!Array.isArray(ips) || !Array.isArray(routes)) return result;
  const gateways = ips.flatMap((ip) => (isObject(ip) ? [ip.gateway] : []));
  const gatewayFor = (dst: unknown): unknown =>
    gateways.find((gateway) => isIpv6(gateway) === isIpv6(dst) && gateway !== undefined);
  const filled = routes.map((route) => {
    if (!isObject(route) || route.gw !== undefined) return route;
    const gw = gatewayFor(route.dst);
    return gw === undefined ? route : { ...route, gw };
  });
  return { ...result, routes: filled };
}

function isIpv6(address: unknown): boolean {
  return String(address).includes(":");
}
