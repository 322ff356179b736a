// The colours of the page for what is painted: a canvas knows no custom properties.
import type { Hue } from "../../state/frame.ts";

export interface Palette {
  readonly ink: string;
  readonly ink3: string;
  readonly surface: string;
  readonly edge: string;
  readonly drop: string;
  readonly strong: Readonly<Record<Hue, string>>;
  readonly tint: Readonly<Record<Hue, string>>;
  readonly ui: string;
}

/** As they are for an element now: by theme, and by what the reader's system forces. */
export function paletteOf(element: Element): Palette {
  const probe = document.createElement("i");
  element.append(probe);
  const colour = (name: string): string => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const byHue = (suffix: string): Record<Hue, string> => ({
    eth: colour(`eth${suffix}`),
    ip: colour(`ip${suffix}`),
    l4: colour(`l4${suffix}`),
    tun: colour(`tun${suffix}`),
    pay: colour(`pay${suffix}`),
  });
  const palette: Palette = {
    ink: colour("ink"),
    ink3: colour("ink3"),
    surface: colour("surface"),
    edge: colour("edge"),
    drop: colour("drop"),
    strong: byHue(""),
    tint: byHue("-t"),
    ui: getComputedStyle(element).fontFamily,
  };
  probe.remove();
  return palette;
}
