// The topology as a Mermaid flowchart: hosts as boxes, namespaces in them, devices, and what joins
// them. Text from a network is quoted, so that no name can end a label.
import type { DeviceSpec, NamespaceSpec, NetworkSpec } from "../spec/network.ts";

/** A flowchart that Mermaid renders, for papers and README files. */
export function exportMermaid(network: NetworkSpec): string {
  const ids = new Ids();
  const lines = ["flowchart LR"];
  for (const host of network.hosts) {
    lines.push(`  subgraph ${ids.of(`host ${host.name}`)}["${escaped(host.name)}"]`);
    for (const namespace of host.namespaces) lines.push(...drawNamespace(namespace, ids));
    lines.push("  end");
  }
  for (const { name, kind } of network.fabrics) {
    if (kind !== "cable") lines.push(`  ${ids.of(`fabric ${name}`)}{{"${escaped(name)}"}}`);
  }
  lines.push(...joints(network, ids));
  return `${lines.join("\n")}\n`;
}

/** Identifiers of nodes, since names may hold anything. */
class Ids {
  readonly #known = new Map<string, string>();

  of(thing: string): string {
    const id = this.#known.get(thing) ?? `n${this.#known.size}`;
    this.#known.set(thing, id);
    return id;
  }
}

function drawNamespace({ name, devices }: NamespaceSpec, ids: Ids): string[] {
  return [
    `    subgraph ${ids.of(`namespace ${name}`)}["${escaped(name)}"]`,
    ...devices.map((device) => `      ${ids.of(`${name}:${device.name}`)}["${label(device)}"]`),
    "    end",
  ];
}

function label({ name, addresses = [] }: DeviceSpec): string {
  return [name, ...addresses.map((text) => text.split(" ")[0] ?? "")].map(escaped).join("<br/>");
}

/** Ports to their bridge, ends of pairs, cards to their fabric, tunnels to what carries them. */
function joints(network: NetworkSpec, ids: Ids): string[] {
  const lines: string[] = [];
  const seen = new Set<string>();
  for (const namespace of network.hosts.flatMap(({ namespaces }) => namespaces)) {
    for (const device of namespace.devices) {
      const place = `${namespace.name}:${device.name}`;
      const id = ids.of(place);
      if (device.master !== undefined) {
        lines.push(`  ${id} --- ${ids.of(`${namespace.name}:${device.master}`)}`);
      }
      if (device.kind === "veth" && !seen.has(device.peer)) {
        lines.push(`  ${id} --- ${ids.of(device.peer)}`);
      }
      if ("lower" in device) lines.push(`  ${id} -.-> ${ids.of(lowerOf(namespace, device))}`);
      seen.add(place);
    }
  }
  for (const fabric of network.fabrics) {
    const [first = "", second = ""] = fabric.ports;
    if (fabric.kind === "cable") lines.push(`  ${ids.of(first)} === ${ids.of(second)}`);
    else {
      const id = ids.of(`fabric ${fabric.name}`);
      lines.push(...fabric.ports.map((port) => `  ${ids.of(port)} === ${id}`));
    }
  }
  return lines;
}

function lowerOf({ name }: NamespaceSpec, device: Extract<DeviceSpec, { lower: string }>): string {
  const home = device.kind === "vxlan" ? (device.socketIn ?? name) : name;
  return `${home}:${device.lower}`;
}

/** As Mermaid wants what its grammar would take for its own. */
function escaped(text: string): string {
  return text.replace(/[^\w .:/-]/g, (character) => `#${character.codePointAt(0)};`);
}
