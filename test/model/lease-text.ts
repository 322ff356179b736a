// A lease's key and value, as they are told.
import { ipv6Number, ipv6Prefix, ipv6Text } from "./ipv6.ts";
import { Bad, IPV4, Members, type ModelMember } from "./members.ts";

/** The subnets that a key names, without host bits; undefined for what is no key. */
export function judgeKey(name: string): { subnet: string; ipv6Subnet: string | null } | undefined {
  const [first = "", second, ...more] = name.split("&");
  const [address = "", len = "", ...rest] = first.split("-");
  const number = IPV4.read(address);
  if (number === undefined || !isLen(len, 31) || rest.length + more.length > 0) return undefined;
  const subnet = `${IPV4.write(number - (number % 2n ** BigInt(32 - +len)))}/${len}`;
  if (second === undefined) return { subnet, ipv6Subnet: null };
  const [address6 = "", len6 = "", ...rest6] = second.split("-");
  const isPlain = /^[0-9a-f:]+$/.test(address6) && ipv6Number(address6) !== undefined;
  if (!isPlain || !isLen(len6, 127) || rest6.length > 0) return undefined;
  return { subnet, ipv6Subnet: ipv6Prefix(`${address6}/${len6}`) ?? null };
}

function isLen(text: string, max: number): boolean {
  return String(Number(text)) === text && /^\d+$/.test(text) && Number(text) <= max;
}

/** What a value of these members says; undefined for what is no lease. */
export function judgeValue(members: readonly ModelMember[]): Record<string, unknown> | undefined {
  try {
    const texts = new Members(members, "");
    const publicIpv6 = texts.ipv6("PublicIPv6");
    return {
      publicIp: IPV4.write(texts.address("PublicIP", IPV4)),
      publicIpv6: publicIpv6 === undefined ? null : ipv6Text(publicIpv6),
      backendType: texts.string("BackendType"),
      ...texts.data("BackendData", "backendData"),
      ...texts.data("BackendV6Data", "backendV6Data"),
    };
  } catch (error) {
    if (error instanceof Bad) return undefined;
    throw error;
  }
}
