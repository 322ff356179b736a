// A packet in one line of a list: from, to, what it is.
import type { Frame } from "./frame.ts";

export interface Line {
  readonly from: string;
  readonly to: string;
  readonly kind: string;
  readonly len: number;
  /** The port that was taken to announce VXLAN; null: none was. */
  readonly vxlanPort: string | null;
}

export function lineOf({ shells, bytes }: Frame): Line {
  const rows = shells.flatMap((shell) => shell.rows);
  const last = (...names: string[]): string | undefined =>
    rows.findLast(({ name }) => names.includes(name))?.value;
  const words = shells
    .filter(({ layer }) => layer !== "payload" && layer !== "padding")
    .map(({ layer, says }) => says ?? NAMES[layer] ?? layer.toUpperCase());
  const tunneled = shells.some(({ layer }) => layer === "vxlan");
  const port = rows.find(({ path }) => path === "outer.udp.dport" || path === "udp.dport")?.value;
  return {
    from: last("ipv4.src", "arp.senderAddress") ?? last("ethernet.src") ?? "",
    to: last("ipv4.dst", "arp.targetAddress") ?? last("ethernet.dst") ?? "",
    kind: words.slice(1).join(" \u00b7 ") || (words[0] ?? ""),
    len: bytes.length,
    vxlanPort: tunneled ? (port ?? null) : null,
  };
}

const NAMES: Readonly<Record<string, string>> = { ipv4: "IPv4", ethernet: "Ethernet" };
