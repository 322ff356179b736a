// The colours of the page for what is painted: a canvas knows no custom properties.
import type { Hue } from "../../state/frame.ts";

export interface Palette {
  readonly ink: string;
  readonly ink2: string;
  readonly ink3: string;
  readonly surface: string;
  readonly sunken: string;
  readonly edge: string;
  readonly drop: string;
  readonly strong: Readonly<Record<Hue, string>>;
  readonly tint: Readonly<Record<Hue, string>>;
  readonly ui: string;
}

const NAMES = ["ink", "ink2", "ink3", "surface", "sunken", "edge", "drop"] as const;
const HUES: readonly Hue[] = ["eth", "ip", "l4", "tun", "pay"];

/** As they are for an element now: by theme, and by what the reader's system forces. */
export function paletteOf(element: Element): Palette {
  const probe = document.createElement("i");
  element.append(probe);
  const colour = (name: string): string => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const ui = getComputedStyle(element).fontFamily;
  const plain = Object.fromEntries(NAMES.map((name) => [name, colour(name)]));
  const strong = Object.fromEntries(HUES.map((hue) => [hue, colour(hue)]));
  const tint = Object.fromEntries(HUES.map((hue) => [hue, colour(`${hue}-t`)]));
  probe.remove();
  return { ...plain, strong, tint, ui } as unknown as Palette;
}
