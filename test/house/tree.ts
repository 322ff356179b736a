// The checkout as a house test sees it: files by folder, and their syntax.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";

/** Compiled tests run from dist/test/house. */
export const ROOT: URL = new URL("../../../", import.meta.url);

const SOURCE = /\.(ts|mjs|js)$/;
const FOREIGN = /\/node_modules\//;
const GENERATED: ReadonlySet<string> = new Set(["bindings/core/layout.ts"]);

/** A path of the checkout as the file system has it. */
export function pathOf(file: string): string {
  return fileURLToPath(new URL(file, ROOT));
}

export function textOf(file: string): string {
  return readFileSync(new URL(file, ROOT), "utf8");
}

/** Every source file below these folders that somebody wrote. */
export function sourcesIn(...folders: readonly string[]): string[] {
  return folders.flatMap((folder) => {
    if (!existsSync(new URL(folder, ROOT))) return [];
    return readdirSync(new URL(folder, ROOT), { recursive: true, encoding: "utf8" })
      .map((name) => `${folder}/${name}`)
      .filter((file) => SOURCE.test(file) && !GENERATED.has(file) && !FOREIGN.test(file))
      .sort();
  });
}

/** Files of the checkout's root folder whose names end like this. */
export function rootFiles(ending: string): string[] {
  return readdirSync(ROOT).filter((name) => name.endsWith(ending));
}

const parsed = new Map<string, ts.SourceFile>();

/** The syntax of a file; TypeScript reads AssemblyScript as well. */
export function syntaxOf(file: string): ts.SourceFile {
  const known = parsed.get(file);
  if (known !== undefined) return known;
  const tree = ts.createSourceFile(file, textOf(file), ts.ScriptTarget.Latest, true);
  parsed.set(file, tree);
  return tree;
}

/** Every node below `node`, parents first. */
export function* nodesOf(node: ts.Node): Generator<ts.Node> {
  const below: ts.Node[] = [];
  ts.forEachChild(node, (child) => void below.push(child));
  for (const child of below) {
    yield child;
    yield* nodesOf(child);
  }
}

/** Where something stands, for a message. */
export function placeOf(node: ts.Node): string {
  const file = node.getSourceFile();
  const { line } = file.getLineAndCharacterOfPosition(node.getStart());
  return `${file.fileName}:${line + 1}`;
}

/** What a file imports or exports from, as written. */
export function importsOf(file: string): string[] {
  const specifiers: string[] = [];
  for (const node of nodesOf(syntaxOf(file))) {
    const isFrom = ts.isImportDeclaration(node) || ts.isExportDeclaration(node);
    const from = isFrom ? node.moduleSpecifier : importedBy(node);
    if (from !== undefined && ts.isStringLiteral(from)) specifiers.push(from.text);
  }
  return specifiers;
}

function importedBy(node: ts.Node): ts.Expression | undefined {
  const isImport =
    ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
  return isImport ? node.arguments[0] : undefined;
}

/** The file of the checkout that a relative import means. */
export function resolve(from: string, specifier: string): string {
  const target = new URL(specifier, new URL(from, ROOT)).href.slice(ROOT.href.length);
  return SOURCE.test(target) ? target : `${target}.ts`;
}
