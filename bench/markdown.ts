// Tables of Markdown, and the parts of a document that a command writes.

/** Between `<!-- bench:peers fdb -->` and `<!-- /bench:peers -->`, what that command found. */
const BLOCK = /<!-- (bench:\w+)(?: (\S+))? -->\n[\s\S]*?<!-- \/\1 -->/g;

/** The lines of a block, by the word behind the command's name. */
export type Writer = (what: string | undefined) => readonly string[];

export function lineOf(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

/** A table whose source is as easy to read as what becomes of it. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((_, at) => {
    return Math.max(...[head, ...rows].map((cells) => cells[at]?.length ?? 0));
  });
  const padded = (cells: readonly string[]): string =>
    lineOf(widths.map((width, at) => (cells[at] ?? "").padEnd(width)));
  return [padded(head), lineOf(widths.map((width) => "-".repeat(width))), ...rows.map(padded)];
}

/** The document with its blocks written anew. Throws on a block that nobody writes. */
export function rewrite(text: string, writers: Readonly<Record<string, Writer>>): string {
  return text.replaceAll(BLOCK, (block, command: string, what: string | undefined) => {
    const writer = writers[command];
    if (writer === undefined) throw new Error(`no command ${command} writes into documents`);
    const [open] = block.split("\n");
    return [open, "", ...writer(what), "", `<!-- /${command} -->`].join("\n");
  });
}
