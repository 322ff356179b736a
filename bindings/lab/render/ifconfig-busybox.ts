// `ifconfig` of busybox: "eth0      Link encap:Ethernet  HWaddr 02:42:AC:11:00:02".
import type { AddressView } from "./addresses.ts";
import type { DeviceView } from "./device.ts";
import { ifconfigFlags, inet6Of, inetOf, maskOf, sizeOf } from "./ifconfig.ts";

const NO_ADDRESS = "00-00-00-00-00-00-00-00-00-00-00-00-00-00-00-00";
const NAME_COLUMNS = 10;

export function busyboxBlock(device: DeviceView): string[] {
  const inet = inetOf(device);
  const { rxPackets, rxBytes, txPackets, txBytes } = device.counters;
  const lines = [
    ...(inet === undefined ? [] : [inetWords(device, inet)]),
    ...inet6Of(device).map(inet6Words),
    `${ifconfigFlags(device).join(" ")}  MTU:${device.mtu}  Metric:1`,
    `RX packets:${rxPackets} errors:0 dropped:0 overruns:0 frame:0`,
    `TX packets:${txPackets} errors:0 dropped:0 overruns:0 carrier:0`,
    `collisions:0 txqueuelen:${device.queueLen} `,
    `RX bytes:${rxBytes} (${sizeOf(rxBytes)})  TX bytes:${txBytes} (${sizeOf(txBytes)})`,
  ];
  const head = `${`${device.name} `.padEnd(NAME_COLUMNS)}Link encap:${linkWords(device)}  `;
  return [head, ...lines.map((line) => " ".repeat(NAME_COLUMNS) + line)];
}

function inetWords({ flags }: DeviceView, { local, prefixLen, broadcast }: AddressView): string {
  const mask = `Mask:${maskOf(prefixLen)}`;
  if (flags.includes("POINTOPOINT")) return `inet addr:${local}  P-t-P:${local}  ${mask}`;
  const all = flags.includes("BROADCAST") ? `Bcast:${broadcast ?? "0.0.0.0"}  ` : "";
  return `inet addr:${local}  ${all}${mask}`;
}

function inet6Words({ local, prefixLen, scope }: AddressView): string {
  return `inet6 addr: ${local}/${prefixLen} Scope:${scope === "host" ? "Host" : "Link"}`;
}

function linkWords({ linkType, mac }: DeviceView): string {
  if (linkType === "loopback") return "Local Loopback";
  if (linkType === "ether") return `Ethernet  HWaddr ${mac?.toUpperCase()}`;
  if (linkType === "none") return `UNSPEC  HWaddr ${NO_ADDRESS}`;
  return linkType === "sit" ? "IPv6-in-IPv4" : "IPIP Tunnel  HWaddr";
}
