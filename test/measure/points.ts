// What may be mutated in a file of the core, and the file with all its mutants at once: each place
// asks `isMutant` whether it is the one that is wrong this time, so one build holds them all.
//
//   a < b    a <= b and a >= b          a == b    a != b
//   a <= b   a < b and a > b            a != b    a == b
//   a > b    a >= b and a <= b          x + 1, x - 1, 1 + x    x
//   a >= b   a > b and a < b            x += 1, x -= 1, x++, x--    x += 0, x -= 0
//
// Only code that runs is mutated. What the compiler works out beforehand is not: constants, enums,
// `if (...) ERROR(...)` outside functions, the offsets of loads and stores.
import ts from "typescript";

/** One way in which one place can be wrong. */
export interface Mutant {
  /** From 1; 0 is nobody. */
  readonly id: number;
  readonly file: string;
  readonly line: number;
  /** Says which one it is, whatever else changes in the file: see `keyOf`. */
  readonly key: string;
}

const FLIPS: ReadonlyMap<ts.SyntaxKind, readonly string[]> = new Map([
  [ts.SyntaxKind.LessThanToken, ["<=", ">="]],
  [ts.SyntaxKind.LessThanEqualsToken, ["<", ">"]],
  [ts.SyntaxKind.GreaterThanToken, [">=", "<="]],
  [ts.SyntaxKind.GreaterThanEqualsToken, [">", "<"]],
  [ts.SyntaxKind.EqualsEqualsToken, ["!="]],
  [ts.SyntaxKind.ExclamationEqualsToken, ["=="]],
]);

/** Finds the mutants of files and rewrites the files, numbering on from file to file. */
export class Points {
  readonly mutants: Mutant[] = [];
  readonly #keys: Map<string, number> = new Map();

  /** The text of a file with its mutants in it. */
  rewrite(file: string, text: string): string {
    const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
    return this.#textOf(tree, tree.text.slice(0, tree.getStart()));
  }

  // What stands between the parts of a node stays as it is.
  #textOf(node: ts.Node, head = ""): string {
    let text = head;
    let at = node.getStart();
    ts.forEachChild(node, (child) => {
      text += node.getSourceFile().text.slice(at, child.getStart());
      text += isFixed(child) ? child.getText() : this.#mutated(child);
      at = child.end;
    });
    return text + node.getSourceFile().text.slice(at, node.end);
  }

  #mutated(node: ts.Node): string {
    if (!isRun(node)) return this.#textOf(node);
    if (ts.isBinaryExpression(node)) return this.#binary(node);
    if (ts.isPostfixUnaryExpression(node) || ts.isPrefixUnaryExpression(node)) {
      return this.#unary(node);
    }
    return this.#textOf(node);
  }

  #binary(node: ts.BinaryExpression): string {
    const { left, operatorToken, right } = node;
    const flips = FLIPS.get(operatorToken.kind);
    if (flips !== undefined) {
      const wrong = flips.map((flip) => {
        const text = `${left.getText()} ${flip} ${right.getText()}`;
        return `isMutant(${this.#add(node, text)}) ? ${text} : `;
      });
      return `(${wrong.join("")}${this.#textOf(node)})`;
    }
    const operator = operatorToken.getText();
    if (!/^[+-]=?$/.test(operator)) return this.#textOf(node);
    if (isOne(right)) {
      const id = this.#add(node, operator.endsWith("=") ? "" : left.getText());
      return `${this.#mutated(left)} ${operator} (isMutant(${id}) ? 0 : 1)`;
    }
    if (isOne(left) && operator === "+") {
      const id = this.#add(node, right.getText());
      return `(isMutant(${id}) ? ${right.getText()} : ${this.#textOf(node)})`;
    }
    return this.#textOf(node);
  }

  #unary(node: ts.PostfixUnaryExpression | ts.PrefixUnaryExpression): string {
    const isUp = node.operator === ts.SyntaxKind.PlusPlusToken;
    if (!isUp && node.operator !== ts.SyntaxKind.MinusMinusToken) return this.#textOf(node);
    if (!isUnused(node))
      throw new Error(`${placeOf(node)}: the value of ${node.getText()} is used`);
    const id = this.#add(node, "");
    return `${node.operand.getText()} ${isUp ? "+" : "-"}= (isMutant(${id}) ? 0 : 1)`;
  }

  #add(node: ts.Node, wrong: string): number {
    const key = keyOf(node, wrong);
    const seen = (this.#keys.get(key) ?? 0) + 1;
    this.#keys.set(key, seen);
    const file = node.getSourceFile();
    this.mutants.push({
      id: this.mutants.length + 1,
      file: file.fileName,
      line: file.getLineAndCharacterOfPosition(node.getStart()).line + 1,
      key: seen === 1 ? key : `${key} (${seen})`,
    });
    return this.mutants.length;
  }
}

/** File, function, what stands there and what would instead; further ones of these are counted. */
function keyOf(node: ts.Node, wrong: string): string {
  const line = (text: string): string => text.replace(/\s+/g, " ");
  const change = `${line(node.getText())} -> ${line(wrong) || "nothing"}`;
  return `${node.getSourceFile().fileName} ${nameOf(node)}: ${change}`;
}

function nameOf(node: ts.Node): string {
  let name = "";
  for (let at = node.parent; at !== undefined; at = at.parent) {
    if (ts.isFunctionLike(at) && at.name !== undefined) name = at.name.getText();
    if (ts.isClassDeclaration(at)) return `${at.name?.text}.${name}`;
  }
  return name;
}

function placeOf(node: ts.Node): string {
  const file = node.getSourceFile();
  return `${file.fileName}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
}

/** True for what stands in the body of a function. */
function isRun(node: ts.Node): boolean {
  for (let at = node; at.parent !== undefined; at = at.parent) {
    if (ts.isFunctionLike(at.parent) && "body" in at.parent) return at.parent.body === at;
  }
  return false;
}

/** True for what has to be a constant: the offset of a load or a store, a case's label, a type. */
function isFixed(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isTypeNode(node) || ts.isDecorator(node)) return true;
  if (ts.isCaseClause(parent)) return parent.expression === node;
  if (!ts.isCallExpression(parent)) return false;
  const index = parent.arguments.indexOf(node as ts.Expression);
  const name = parent.expression.getText();
  return (name === "load" && index > 0) || (name === "store" && index > 1);
}

function isOne(node: ts.Node): boolean {
  return ts.isNumericLiteral(node) && node.text === "1";
}

function isUnused(node: ts.Node): boolean {
  return (
    ts.isExpressionStatement(node.parent) ||
    (ts.isForStatement(node.parent) && node.parent.incrementor === node)
  );
}
