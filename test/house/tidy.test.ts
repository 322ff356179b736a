// How code looks here, as far as a machine can tell. CONTRIBUTING.md says it in words.
import assert from "node:assert/strict";
import { test } from "node:test";
import ts from "typescript";
import {
  importsOf,
  nodesOf,
  placeOf,
  resolve,
  rootFiles,
  sourcesIn,
  syntaxOf,
  textOf,
} from "./tree.ts";

const COLUMNS_MAX = 100;
const FILE_LINES_MAX = 300;
const FUNCTION_LINES_MAX = 60;
const PARAMETERS_MAX = 5;
const MARK = /\b(T[O]DO|FIX[M]E|X[X]X|HA[C]K)\b/;

const core = sourcesIn("assembly");
const written = [...core, ...sourcesIn("bindings", "fuzz", "bench"), ...rootFiles(".mjs")];
const all = [...written, ...sourcesIn("test")];
const papers = [...rootFiles(".md"), ...rootFiles(".json"), ".ci/run"];

function linesOf(file: string): string[] {
  return textOf(file).split("\n");
}

function where(files: readonly string[], isWrong: (line: string) => boolean): string[] {
  return files.flatMap((file) =>
    linesOf(file).flatMap((line, at) => (isWrong(line) ? `${file}:${at + 1}` : [])),
  );
}

function found(files: readonly string[], isWrong: (node: ts.Node) => boolean): string[] {
  return files.flatMap((file) => [...nodesOf(syntaxOf(file))].filter(isWrong).map(placeOf));
}

test("there is something to be tidy about", () => {
  assert.ok(core.length > 15);
  assert.ok(all.length > 50);
});

const isForeign = (line: string): boolean => /[^\t\x20-\x7e]/.test(line);

/** What speaks to readers of the lab, who are English and Chinese. */
const isBilingual = (file: string): boolean =>
  /^bindings\/(lab\/(scenarios|why)|web\/lab)\//.test(file) ||
  /^test\/host\/(web\/|lab\/why\.)/.test(file);
const isStranger = (line: string): boolean =>
  isForeign(line.replaceAll(/[\p{Script=Han}\u3000-\u303f\uff01-\uff5e\u2192\u00b7]/gu, ""));

test("every file is ASCII, but for Chinese where readers are spoken to", () => {
  const others = [...all, ...papers].filter((file) => !isBilingual(file));
  assert.deepEqual(where(others, isForeign), []);
  assert.deepEqual(where(all.filter(isBilingual), isStranger), []);
});

test(`no line is longer than ${COLUMNS_MAX} columns, and none ends in a blank`, () => {
  assert.deepEqual(
    where(all, (line) => line.length > COLUMNS_MAX || /\s$/.test(line)),
    [],
  );
});

test(`no file is longer than ${FILE_LINES_MAX} lines`, () => {
  assert.deepEqual(
    all.filter((file) => linesOf(file).length - 1 > FILE_LINES_MAX),
    [],
  );
});

test(`no function is longer than ${FUNCTION_LINES_MAX} lines`, () => {
  const isLong = (node: ts.Node): boolean =>
    isFunction(node) && node.getText().split("\n").length > FUNCTION_LINES_MAX;
  assert.deepEqual(found(written, isLong), []);
});

test(`no function takes more than ${PARAMETERS_MAX} parameters`, () => {
  const isGreedy = (node: ts.Node): boolean =>
    isFunction(node) && node.parameters.length > PARAMETERS_MAX;
  assert.deepEqual(found(all, isGreedy), []);
});

function isFunction(node: ts.Node): node is ts.FunctionLikeDeclaration {
  return ts.isFunctionLike(node) && "body" in node;
}

test("nothing is left for later", () => {
  assert.deepEqual(
    where(all, (line) => MARK.test(line)),
    [],
  );
});

// Offsets have names. A digit is allowed where the names are made, which is no load and no store.
test("no load or store of the core names a place by a digit", () => {
  assert.deepEqual(found(core, isNamelessAccess), []);
});

function isNamelessAccess(node: ts.Node): boolean {
  if (!ts.isCallExpression(node) || !ts.isIdentifier(node.expression)) return false;
  const name = node.expression.text;
  if (name !== "load" && name !== "store") return false;
  const [ptr, ...rest] = node.arguments;
  const at = name === "load" ? rest[0] : rest[1];
  return (at !== undefined && hasDigits(at)) || (ptr !== undefined && isSumWithDigits(ptr));
}

function hasDigits(node: ts.Node): boolean {
  return ts.isNumericLiteral(node) || [...nodesOf(node)].some(ts.isNumericLiteral);
}

function isSumWithDigits(node: ts.Node): boolean {
  if (!ts.isBinaryExpression(node)) return false;
  return ts.isNumericLiteral(node.right) || isSumWithDigits(node.left);
}

// But for methods that a loop over a million look-ups has to have in place: the compiler leaves
// them out of line, since it is told to save bytes, and a call would take as long as they do.
test("the core has no decorators on functions", () => {
  const files = core.filter((file) => !file.startsWith("assembly/rt/"));
  const isInPlace = (node: ts.Decorator): boolean =>
    ts.isMethodDeclaration(node.parent) && node.expression.getText() === "inline";
  const isDecorated = (node: ts.Node): boolean =>
    ts.isDecorator(node) && !ts.isClassLike(node.parent) && !isInPlace(node);
  assert.deepEqual(found(files, isDecorated), []);
});

test("the core has no string, no closure and no throw", () => {
  const files = core.filter((file) => !file.startsWith("assembly/rt/"));
  assert.deepEqual(found(files, isForbiddenInCore), []);
});

function isForbiddenInCore(node: ts.Node): boolean {
  if (ts.isThrowStatement(node)) return true;
  if (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) return true;
  if (ts.isTemplateLiteral(node)) return true;
  if (!ts.isStringLiteral(node)) return false;
  const { parent } = node;
  if (ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent)) return false;
  return !(ts.isCallExpression(parent) && parent.expression.getText() === "ERROR");
}

test("every file of the core is reachable from index.ts, or is the runtime", () => {
  const reached = new Set<string>();
  const reach = (file: string): void => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const specifier of importsOf(file)) reach(resolve(file, specifier));
  };
  reach("assembly/index.ts");
  reach("assembly/rt/index.ts");
  assert.deepEqual(
    core.filter((file) => !reached.has(file)),
    [],
  );
});
