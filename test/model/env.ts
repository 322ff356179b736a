// A list of variables as a shell's reader sees it, one character after the other.

const NAME_FIRST = /[A-Za-z_]/;
const NAME = /\w/;
const BLANK = /\s/;

/** The variables of a text; the last of a name counts. */
export function readVariables(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const raw of text.split("\n")) {
    const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
    if (!/[\r\u2028\u2029]/.test(line.trim())) readLine([...line.trim()], found);
  }
  return found;
}

function readLine(line: string[], found: Map<string, string>): void {
  const rest = withoutExport(line);
  let name = "";
  let at = 0;
  while (at < rest.length && (at === 0 ? NAME_FIRST : NAME).test(rest[at] ?? "")) {
    name += rest[at++];
  }
  while (BLANK.test(rest[at] ?? "")) at++;
  if (name === "" || (rest[at] !== "=" && rest[at] !== ":")) return;
  const value = valueIn([
    ...rest
      .slice(at + 1)
      .join("")
      .trim(),
  ]);
  if (value !== undefined) found.set(name, value);
}

function withoutExport(line: string[]): string[] {
  if (line.slice(0, 6).join("") !== "export" || !BLANK.test(line[6] ?? "")) return line;
  const rest = [...line.slice(7).join("").trimStart()];
  return NAME_FIRST.test(rest[0] ?? "") ? rest : line;
}

function valueIn(text: string[]): string | undefined {
  const [mark] = text;
  if (mark !== '"' && mark !== "'") return plainOf(text);
  let value = "";
  for (let at = 1; at < text.length; at++) {
    if (text[at] === mark) {
      const after = text
        .slice(at + 1)
        .join("")
        .trimStart();
      return after === "" || after.startsWith("#") ? value : undefined;
    }
    if (text[at] === "\\" && mark === '"') at++;
    value += text[at] ?? "";
  }
  return undefined;
}

function plainOf(text: string[]): string {
  let value = "";
  for (const [at, one] of text.entries()) {
    if (one === "#" && (at === 0 || BLANK.test(text[at - 1] ?? ""))) break;
    value += one;
  }
  return value.trim();
}
