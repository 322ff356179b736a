// `ip link` and `ip addr`, in the words of three programs: iproute2, Alpine's busybox, which leaves
// the group out, and busybox:latest, which leaves the state out as well.
import type { AddressView } from "./addresses.ts";
import type { DeviceView } from "./device.ts";
import type { NamespaceView } from "./view.ts";

/** What of devices is asked for. */
export interface LinkQuery {
  /** Left out: all. */
  readonly device?: string;
  /** `-4`: only devices with such an address, and no link line. */
  readonly isIpv4Only?: boolean;
  /** `-s`: with counters. */
  readonly hasCounters?: boolean;
}

export function ipLink(view: NamespaceView, query: LinkQuery = {}): string {
  const lines = chosen(view, query).flatMap((device) => [
    headLine(view, device, "mode DEFAULT "),
    linkLine(view, device),
    ...(query.hasCounters && view.flavour === "iproute2" ? counterLines(device) : []),
  ]);
  return textOf(lines);
}

export function ipAddr(view: NamespaceView, query: LinkQuery = {}): string {
  const { isIpv4Only = false } = query;
  const lines = chosen(view, query).flatMap((device) => {
    const addresses = device.addresses.filter(({ family }) => !isIpv4Only || family === "inet");
    if (isIpv4Only && addresses.length === 0) return [];
    return [
      headLine(view, device, "") + (isIpv4Only ? endWords(view, device) : ""),
      ...(isIpv4Only ? [] : [linkLine(view, device)]),
      ...addresses.flatMap((address) => addressLines(address, device)),
    ];
  });
  return textOf(lines);
}

/** `ip -br link` and `ip -br addr`. */
export function ipBrief(view: NamespaceView, what: "link" | "addr"): string {
  const lines = view.devices.map((device) => {
    const name = nameOf(view, device).padEnd(16);
    const addresses = device.addresses.map(({ local, prefixLen }) => `${local}/${prefixLen} `);
    const mac = device.mac === null ? "" : `${device.mac} `;
    const words = what === "addr" ? addresses.join("") : `${mac}<${device.flags.join(",")}> `;
    return `${name} ${device.operstate.padEnd(14)} ${words}`;
  });
  return textOf(lines);
}

/** With what stands behind an `@`: iproute2 knows names of its own namespace only. */
export function nameOf(view: NamespaceView, { name, end }: DeviceView): string {
  if (end === null) return name;
  if (end.ifindex === 0) return `${name}@NONE`;
  const far = view.flavour === "iproute2" ? end.name : (misread(view, end.ifindex)?.name ?? null);
  return `${name}@${far ?? `if${end.ifindex}`}`;
}

function chosen({ devices }: NamespaceView, { device }: LinkQuery): readonly DeviceView[] {
  return devices.filter(({ name }) => device === undefined || name === device);
}

function headLine(view: NamespaceView, device: DeviceView, mode: string): string {
  const { flavour } = view;
  const { master, operstate, queueLen } = device;
  const flags = flavour === "iproute2" ? device.flags : busyboxFlags(view, device);
  return [
    `${device.ifindex}: ${nameOf(view, device)}: <${flags.join(",")}> `,
    `mtu ${device.mtu} qdisc ${device.qdisc} `,
    master === null ? "" : `master ${master} `,
    flavour === "busybox" ? "" : `state ${operstate} `,
    flavour === "iproute2" ? `${mode}group default ` : "",
    queueLen === 0 ? "" : `qlen ${queueLen}`,
  ].join("");
}

/** busybox looks for the other end's index in its own namespace: it finds nobody, or another. */
function misread({ devices }: NamespaceView, ifindex: number): DeviceView | undefined {
  return devices.find((device) => device.ifindex === ifindex);
}

function busyboxFlags(view: NamespaceView, { flags, end }: DeviceView): readonly string[] {
  const own = flags.filter((flag) => flag !== "M-DOWN");
  if (end === null || end.ifindex === 0) return own;
  return misread(view, end.ifindex)?.isUp ? own : [...own, "M-DOWN"];
}

function linkLine(view: NamespaceView, device: DeviceView): string {
  return `    link/${linkWords(view, device)}${endWords(view, device)}`;
}

function linkWords({ flavour }: NamespaceView, device: DeviceView): string {
  const { linkType, mac, spec } = device;
  if (linkType === "none") return flavour === "iproute2" ? "none " : "[65534] ";
  if (linkType === "loopback") return `loopback ${mac} brd ${mac}`;
  if (linkType === "ether") return `ether ${mac} brd ff:ff:ff:ff:ff:ff`;
  const local = spec !== null && "local" in spec ? spec.local : "0.0.0.0";
  return `${linkType} ${local} brd 0.0.0.0`;
}

function endWords({ flavour }: NamespaceView, { end }: DeviceView): string {
  if (flavour !== "iproute2" || end === null || end.netnsid === null) return "";
  return ` link-netnsid ${end.netnsid}`;
}

function addressLines(address: AddressView, device: DeviceView): string[] {
  const { family, local, prefixLen, broadcast, scope, validS, preferredS } = address;
  const words = [
    `    ${family} ${local}/${prefixLen} `,
    broadcast === null ? "" : `brd ${broadcast} `,
    `scope ${scope} `,
    validS === null ? "" : "dynamic ",
    address.isWithoutRoute ? "noprefixroute " : "",
    family === "inet" ? device.name : "",
  ];
  const life = `valid_lft ${lifeOf(validS)} preferred_lft ${lifeOf(preferredS ?? validS)}`;
  return [words.join(""), `       ${life}`];
}

function lifeOf(seconds: number | null): string {
  return seconds === null ? "forever" : `${seconds}sec`;
}

function counterLines({ counters }: DeviceView): string[] {
  const { rxPackets, rxBytes, txPackets, txBytes } = counters;
  return [
    "    RX:  bytes packets errors dropped  missed   mcast           ",
    counterLine(rxBytes, rxPackets),
    "    TX:  bytes packets errors dropped carrier collsns           ",
    counterLine(txBytes, txPackets),
  ];
}

function counterLine(bytes: number, packets: number): string {
  const [first, second] = [String(bytes).padStart(10), String(packets).padStart(7)];
  return `    ${first} ${second}      0       0       0       0 `;
}

function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}
