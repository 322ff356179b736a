// The drawing for those who do not see it: hosts, their namespaces, their devices, as a tree.
import { html, type TemplateResult } from "lit";
import type { DevicePlace, HostPlace, NamespacePlace, Trace } from "../../../lab/trace/trace.ts";
import type { Copy } from "../copy/copy.ts";
import type { Drawing } from "./drawing.ts";
import type { Sketch } from "./sketch.ts";

export interface Outline {
  readonly trace: Trace;
  readonly drawing: Drawing;
  readonly sketch: Sketch | null;
  readonly copy: Copy;
  /** The item that has the one tab stop. */
  readonly current: string;
  readonly go: (id: string) => void;
  /** Whether what is in a host is listed, too. */
  readonly isOpen: (host: string) => boolean;
}

export function drawOutline(outline: Outline): TemplateResult {
  const { trace, copy } = outline;
  return html`<ul role="tree" aria-label=${copy.topology}>
    ${trace.places.hosts.map((host) =>
      outline.isOpen(host.name) ? drawHost(outline, host) : drawClosed(outline, host),
    )}
    ${trace.places.fabrics.map(({ name }) => drawLeaf(outline, name, name, [name]))}
  </ul>`;
}

function drawHost(outline: Outline, { name, namespaces }: HostPlace): TemplateResult {
  return html`<li role="treeitem" aria-expanded="true" aria-selected="false"
    data-id=${name} tabindex=${tabOf(outline, name)}>${name}
    <ul role="group">${namespaces.map((space) => drawSpace(outline, space))}</ul>
  </li>`;
}

/** Of one among many what tells it from the others. */
function drawClosed(outline: Outline, { name, namespaces }: HostPlace): TemplateResult {
  const [address] = namespaces
    .flatMap(({ devices }) => devices)
    .filter(({ kind }) => kind === "nic")
    .flatMap(({ addresses }) => addresses);
  const containers = namespaces.filter(({ kind }) => kind === "container");
  const words = [name, address, ...containers.map((each) => each.name)];
  return drawLeaf(outline, name, words.filter(Boolean).join(" "), [name]);
}

function drawSpace(outline: Outline, { name, kind, devices }: NamespacePlace): TemplateResult {
  const items = devices
    .filter((device) => device.name !== "lo")
    .map((device) => drawDevice(outline, name, device));
  if (kind === "host") return html`${items}`;
  return html`<li role="treeitem" aria-expanded="true" aria-selected="false" data-id=${name}
    tabindex=${tabOf(outline, name)}>${name}<ul role="group">${items}</ul></li>`;
}

function drawDevice(outline: Outline, namespace: string, device: DevicePlace): TemplateResult {
  const id = `${namespace}:${device.name}`;
  const words = [device.name, ...device.addresses].join(" ");
  return drawLeaf(outline, id, words, [id]);
}

function drawLeaf(
  outline: Outline,
  id: string,
  words: string,
  names: readonly string[],
): TemplateResult {
  const { drawing, sketch, copy, go } = outline;
  const box = drawing.boxes.find((each) => names.some((name) => each.names.includes(name)));
  const isHere = box !== undefined && (sketch?.here.has(box.id) ?? false);
  const passed = new Set(sketch?.steps.flatMap(({ wire }) => [wire.from, wire.to]));
  const isPassed = box !== undefined && passed.has(box.id);
  const state = isHere ? `, ${copy.here}` : isPassed ? `, ${copy.passed}` : "";
  return html`<li role="treeitem" aria-selected="false" data-id=${id}
    aria-current=${isHere ? "true" : "false"} tabindex=${tabOf(outline, id)}
    @click=${() => go(id)}>${words}${state}</li>`;
}

function tabOf({ current }: Outline, id: string): string {
  return current === id ? "0" : "-1";
}

/** Arrows walk a tree as it is read. */
export function walk(tree: Element, event: KeyboardEvent): void {
  const items = [...tree.querySelectorAll<HTMLElement>("[role=treeitem]")];
  const at = items.indexOf(document.activeElement as HTMLElement);
  const targets: Readonly<Record<string, number>> = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    ArrowRight: at + 1,
    ArrowLeft: at - 1,
    Home: 0,
    End: items.length - 1,
  };
  const target = targets[event.key];
  if (target === undefined) return;
  items[target]?.focus();
  event.preventDefault();
  event.stopPropagation();
}
