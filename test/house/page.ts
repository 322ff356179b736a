// ABI.md as data: its functions, layouts and constants.
import { textOf } from "./tree.ts";

export interface PageFunction {
  readonly name: string;
  readonly parameters: readonly string[];
}

export interface PageField {
  readonly at: number;
  readonly type: string;
  readonly name: string;
}

export interface PageLayout {
  readonly name: string;
  /** Bytes. */
  readonly len: number;
  readonly fields: readonly PageField[];
}

export interface PageEnum {
  readonly name: string;
  readonly members: ReadonlyMap<string, number>;
}

export interface Page {
  readonly functions: readonly PageFunction[];
  readonly layouts: readonly PageLayout[];
  readonly enums: readonly PageEnum[];
}

const HEADING = /^#+ `?(\w+)`?(?:, (\d+) bytes)?$/;
const CALL = /^`(\w+)\(([^)]*)\)`$/;

interface Section {
  readonly heading: string;
  readonly rows: readonly (readonly string[])[];
}

/** Reads ABI.md. */
export function readPage(): Page {
  const sections = sectionsOf(textOf("ABI.md"));
  const tables = sections.filter(({ rows }) => rows.length > 0);
  return {
    functions: tables.flatMap(({ rows }) => rows.flatMap(functionOf)),
    layouts: tables.filter(({ rows }) => rows[0]?.[0] === "at").map(layoutOf),
    enums: tables.filter(({ rows }) => rows[0]?.[0] === "value").map(enumOf),
  };
}

function sectionsOf(text: string): Section[] {
  const sections = text.split(/^(?=#)/m).map((part) => part.split("\n"));
  return sections.map(([heading = "", ...lines]) => ({
    heading,
    rows: lines.filter((line) => /^\|.*\w/.test(line)).map(cellsOf),
  }));
}

function cellsOf(line: string): string[] {
  return line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim());
}

function functionOf([call = ""]: readonly string[]): PageFunction[] {
  const [, name, list = ""] = CALL.exec(call) ?? [];
  if (name === undefined) return [];
  return [{ name, parameters: list.split(",").flatMap((part) => part.trim() || []) }];
}

function layoutOf({ heading, rows }: Section): PageLayout {
  const [, name = "", len = ""] = HEADING.exec(heading) ?? [];
  const fields = rows
    .slice(1)
    .map(([at, type = "", field = ""]) => ({ at: Number(at), type, name: field }));
  return { name, len: Number(len), fields };
}

function enumOf({ heading, rows }: Section): PageEnum {
  const [, name = ""] = HEADING.exec(heading) ?? [];
  return {
    name,
    members: new Map(rows.slice(1).map(([value, member = ""]) => [member, Number(value)])),
  };
}
