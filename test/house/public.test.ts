// Whatever a host can call is documented where it is declared, and exercised by a test.
import assert from "node:assert/strict";
import { test } from "node:test";
import ts from "typescript";
import { pathOf, sourcesIn, textOf } from "./tree.ts";

const ENTRIES = ["core", "agent", "node"].map((folder) => `bindings/${folder}/index.ts`);

const program = ts.createProgram(ENTRIES.map(pathOf), {
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.NodeNext,
  allowImportingTsExtensions: true,
  noEmit: true,
});
const checker = program.getTypeChecker();
const tests = sourcesIn("test", "fuzz")
  .filter((file) => !file.startsWith("test/house/"))
  .map(textOf)
  .join("\n");

function exportsOf(entry: string): ts.Symbol[] {
  const source = program.getSourceFile(pathOf(entry));
  const module = source && checker.getSymbolAtLocation(source);
  assert.ok(module, `${entry} is a module`);
  return checker.getExportsOfModule(module).map(original);
}

function original(symbol: ts.Symbol): ts.Symbol {
  const isAlias = (symbol.flags & ts.SymbolFlags.Alias) !== 0;
  return isAlias ? checker.getAliasedSymbol(symbol) : symbol;
}

function isGenerated(symbol: ts.Symbol): boolean {
  const [declaration] = symbol.declarations ?? [];
  return declaration?.getSourceFile().fileName.endsWith("/layout.ts") ?? true;
}

/** What may be called: the function itself, or the methods that a class shows. */
function callablesOf(symbol: ts.Symbol): { name: string; node: ts.Node }[] {
  return (symbol.declarations ?? []).flatMap((node) => {
    if (ts.isFunctionDeclaration(node)) return [{ name: symbol.name, node }];
    if (ts.isInterfaceDeclaration(node)) return node.members.filter(isMethod).map(named);
    return ts.isClassDeclaration(node) ? node.members.filter(isMethod).map(named) : [];
  });
}

function isMethod(member: ts.ClassElement | ts.TypeElement): boolean {
  const isCallable = ts.isMethodDeclaration(member) || ts.isMethodSignature(member);
  const isHidden = (ts.getCombinedModifierFlags(member as ts.Declaration) & HIDDEN) !== 0;
  return isCallable && !isHidden && ts.isIdentifier(member.name);
}

const HIDDEN = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;

function named(node: ts.ClassElement | ts.TypeElement): { name: string; node: ts.Node } {
  return { name: node.name?.getText() ?? "", node };
}

function placeOf(node: ts.Node): string {
  return `${node.getSourceFile().fileName.slice(pathOf("").length)}: `;
}

// What a class promises by an interface is told there.
function isDocumented(node: ts.Node): boolean {
  if (ts.isMethodDeclaration(node) && promisesOf(node).some(isDocumented)) return true;
  const owner = ts.isVariableDeclaration(node) ? node.parent.parent : node;
  return ts.getJSDocCommentsAndTags(owner).length > 0;
}

/** The same method in all that its class extends or implements. */
function promisesOf({ name, parent }: ts.MethodDeclaration): ts.Node[] {
  if (!ts.isClassDeclaration(parent)) return [];
  const types = (parent.heritageClauses ?? []).flatMap((clause) => [...clause.types]);
  return types.flatMap((type) => {
    const member = checker.getTypeAtLocation(type).getProperty(name.getText());
    return member?.declarations ?? [];
  });
}

for (const entry of ENTRIES) {
  const symbols = exportsOf(entry).filter((symbol) => !isGenerated(symbol));

  // Types are read with the names that the entry's first lines explain.
  test(`each value that ${entry} exports is documented`, () => {
    const values = symbols.filter((symbol) => (symbol.flags & ts.SymbolFlags.Value) !== 0);
    const bare = values.filter((symbol) => !symbol.declarations?.some(isDocumented));
    assert.deepEqual(bare.map((symbol) => symbol.name).sort(), []);
  });

  test(`all that ${entry} lets call is documented`, () => {
    const bare = symbols.flatMap(callablesOf).filter(({ node }) => !isDocumented(node));
    assert.deepEqual(bare.map(({ name, node }) => placeOf(node) + name).sort(), []);
  });

  test(`all that ${entry} lets call is exercised`, () => {
    const idle = symbols
      .flatMap(callablesOf)
      .filter(({ name }) => !new RegExp(`\\b${name}\\(`).test(tests));
    assert.deepEqual(idle.map(({ name, node }) => placeOf(node) + name).sort(), []);
  });
}
