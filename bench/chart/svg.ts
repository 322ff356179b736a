// Elements of a drawing, as text.

/** Is seen on white and on black. */
export const INK = "#64748b";

type Attributes = Readonly<Record<string, string | number>>;

/** Opens a drawing; its font and its ink are those of all charts. */
export function openSvg(width: number, height: number): string {
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" ` +
    `font-family="system-ui, sans-serif" font-size="12" fill="${INK}">`
  );
}

export function element(name: string, attributes: Attributes, words?: string): string {
  const all = Object.entries(attributes).map(([key, value]) => ` ${key}="${value}"`);
  const open = `<${name}${all.join("")}`;
  return words === undefined ? `${open}/>` : `${open}>${escaped(words)}</${name}>`;
}

export function text(x: number, y: number, words: string, more: Attributes = {}): string {
  return element("text", { x, y, ...more }, words);
}

function escaped(words: string): string {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
