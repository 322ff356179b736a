// `ifconfig` of net-tools: "eth0: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1500".
import type { AddressView } from "./addresses.ts";
import type { DeviceView } from "./device.ts";
import { ifconfigFlags, inet6Of, inetOf, maskOf, sizeOf } from "./ifconfig.ts";

const FLAG_BITS: Readonly<Record<string, number>> = {
  UP: 1,
  BROADCAST: 2,
  LOOPBACK: 8,
  POINTOPOINT: 16,
  RUNNING: 64,
  NOARP: 128,
  MULTICAST: 4096,
};

const NO_ADDRESS = "00-00-00-00-00-00-00-00-00-00-00-00-00-00-00-00";

export function netToolsBlock(device: DeviceView): string[] {
  const flags = ifconfigFlags(device);
  const bits = flags.reduce((sum, flag) => sum + (FLAG_BITS[flag] ?? 0), 0);
  const inet = inetOf(device);
  const { rxPackets, rxBytes, txPackets, txBytes } = device.counters;
  const lines = [
    ...(inet === undefined ? [] : [inetWords(device, inet)]),
    ...inet6Of(device).map(inet6Words),
    linkWords(device),
    `RX packets ${rxPackets}  bytes ${rxBytes} (${sizeOf(rxBytes)})`,
    "RX errors 0  dropped 0  overruns 0  frame 0",
    `TX packets ${txPackets}  bytes ${txBytes} (${sizeOf(txBytes)})`,
    "TX errors 0  dropped 0 overruns 0  carrier 0  collisions 0",
  ];
  const head = `${device.name}: flags=${bits}<${flags.join(",")}>  mtu ${device.mtu}`;
  return [head, ...lines.map((line) => `        ${line}`)];
}

function inetWords({ flags }: DeviceView, { local, prefixLen, broadcast }: AddressView): string {
  const words = `inet ${local}  netmask ${maskOf(prefixLen)}`;
  if (flags.includes("POINTOPOINT")) return `${words}  destination ${local}`;
  return flags.includes("BROADCAST") ? `${words}  broadcast ${broadcast ?? "0.0.0.0"}` : words;
}

function inet6Words({ local, prefixLen, scope }: AddressView): string {
  const id = scope === "host" ? "0x10<host>" : "0x20<link>";
  return `inet6 ${local}  prefixlen ${prefixLen}  scopeid ${id}`;
}

function linkWords({ linkType, mac, queueLen }: DeviceView): string {
  const queue = `txqueuelen ${queueLen}`;
  if (linkType === "loopback") return `loop  ${queue}  (Local Loopback)`;
  if (linkType === "ether") return `ether ${mac}  ${queue}  (Ethernet)`;
  if (linkType === "none") return `unspec ${NO_ADDRESS}  ${queue}  (UNSPEC)`;
  return linkType === "sit" ? `sit  ${queue}  (IPv6-in-IPv4)` : `tunnel   ${queue}  (IPIP Tunnel)`;
}
