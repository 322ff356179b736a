// What the core is told of a device.
import type { PortFlagName, PortInit } from "../../core/index.ts";
import type { Device } from "./device.ts";
import { domainOf } from "./segments.ts";

/** Sets the device's port, or ports, as the device is now. */
export function setPort(device: Device): void {
  const { node } = device.namespace;
  const kind = device.kind;
  if (kind === "lo") return;
  node.ports.set(portOf(device));
  const bridge = device.master;
  if (bridge === null) return;
  const domain = domainOf(bridge);
  const { slavePort: index, mtu } = device;
  const flags: PortFlagName[] = ["flood", "linuxMode"];
  if (device.isLearning) flags.push("learn");
  node.ports.set({ index, kind: "ethernet", domain, mtu, flags });
  node.flood.set({ domain, port: index });
}

function portOf(device: Device): PortInit {
  const { port: index, mtu, mac } = device;
  const ipv4 = device.address ?? borrowed(device);
  const plain = { index, mtu, ipv4, prefixLen: device.prefixLen, mac };
  const flags: PortFlagName[] = ["linuxMode"];
  const { spec } = device;
  switch (spec?.kind) {
    case "vxlan":
      return { ...plain, ...vxlanOf(device), kind: "vxlan", domain: domainOf(device) };
    case "weave":
      return { ...plain, kind: "ethernet", domain: domainOf(device), flags };
    case "tun":
      return { ...plain, kind: "ip", flags };
    case "ipip":
      return { ...plain, kind: "ipip", localIpv4: spec.local, flags };
    case "bridge":
      return { ...plain, mtu: 0, kind: "ethernet", domain: domainOf(device), flags };
    default: {
      const isProxy = device.namespace.sysctl("net.ipv4.conf.*.proxy_arp", device) !== 0;
      if (isProxy) flags.push("arpProxy");
      return { ...plain, kind: "ethernet", flags };
    }
  }
}

function vxlanOf(device: Device): Partial<PortInit> {
  const { spec } = device;
  if (spec?.kind !== "vxlan") return {};
  const { vni, port = 8472, local, isLearning, isProxy, isStrict, hasUdpChecksum = true } = spec;
  const flags: PortFlagName[] = ["linuxMode", "flood"];
  if (isLearning) flags.push("learn");
  if (isProxy) flags.push("arpProxy");
  if (isStrict) flags.push("strictPeer");
  if (hasUdpChecksum) flags.push("udpChecksum");
  return { vni, udpPort: port, localIpv4: local, flags };
}

/** Who has no address asks its neighbors with one of its namespace's others, as Linux does. */
function borrowed({ namespace, master }: Device): string | null {
  if (master !== null) return null;
  return (
    namespace.devices.find(({ kind, address }) => kind !== "lo" && address !== null)?.address ??
    null
  );
}
