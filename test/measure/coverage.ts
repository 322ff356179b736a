// What the specs of the core reach of `assembly/`, in the points that as-covers' transform sets:
// functions, blocks, and the branches of expressions. Exits 1 when a spec fails, when there are no
// points, when a file with code has none, and when one point in twenty is not reached.
import { readdirSync, readFileSync } from "node:fs";
import ts from "typescript";
import { Aspect, type Exports, type Extra, textAt } from "./aspect.ts";
import { compileSpecs, ROOT } from "./compile.ts";

const SHARE_MIN = 0.95;
const KINDS = ["function", "block", "expression"] as const;

interface Point {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly kind: (typeof KINDS)[number];
  isReached: boolean;
}

process.exitCode = await main();

async function main(): Promise<number> {
  const modules = await compileSpecs({
    from: ".",
    to: "dist/coverage",
    entries: ["assembly/index.ts"],
    target: "coverage",
  });
  const points = new Map<number, Point>();
  const failed = modules.flatMap((module) => runAll(module, points));
  for (const line of failed) console.log(line);
  const counted = [...points.values()].filter((point) => !isStaticCheck(point));
  const missing = report(counted);
  for (const file of missing) console.log(`${file} has code, and no points`);
  const isEnough = counted.length > 0 && shareOf(counted) > SHARE_MIN;
  if (!isEnough) console.log(`expected more than ${100 * SHARE_MIN} %`);
  return failed.length === 0 && missing.length === 0 && isEnough ? 0 : 1;
}

/** Runs every test of a module and marks what it reaches. Returns: what failed. */
function runAll(module: WebAssembly.Module, points: Map<number, Point>): string[] {
  const aspect = new Aspect(module, (exports) => marking(exports, points));
  return aspect.names.flatMap((name, index) => {
    try {
      aspect.run(index);
      return [];
    } catch (error) {
      return `${name}: ${error}`;
    }
  });
}

// A point is declared once in each module, in front of all tests.
function marking(exports: () => Exports, points: Map<number, Point>): Extra {
  const files = new Set(filesOfCore());
  const coverDeclare = (text: number, id: number, ...place: [number, number, number]): void => {
    const file = textAt(exports().memory, text);
    if (!files.has(file)) return;
    const [line, column, kind] = place;
    const known = points.get(id); // a hash of the place
    if (known !== undefined && (known.file !== file || known.line !== line)) {
      throw new Error(`${file}:${line} and ${known.file}:${known.line} are one point`);
    }
    if (known !== undefined) return;
    points.set(id, { file, line, column, kind: KINDS[kind] ?? "block", isReached: false });
  };
  const cover = (id: number): void => {
    const point = points.get(id);
    if (point !== undefined) point.isReached = true;
  };
  return { __asCovers: { coverDeclare, cover } };
}

// Where `if (...) ERROR(...)` goes off, nothing compiles: nobody can reach that.
function isStaticCheck({ file, line, column }: Point): boolean {
  const text = readFileSync(ROOT + file, "utf8").split("\n")[line - 1] ?? "";
  return text.slice(column - 1).startsWith("ERROR(");
}

/** Prints what was reached, by file. Returns: files that have code, and no points. */
function report(points: readonly Point[]): string[] {
  const files = filesOfCore();
  for (const file of files) {
    const own = points.filter((point) => point.file === file);
    const missed = own.filter((point) => !point.isReached);
    const places = missed.map(({ line, column }) => `${line}:${column}`).join(" ");
    console.log(`${file.padEnd(30)} ${columns(own)}  ${places}`.trimEnd());
  }
  console.log(`${"total".padEnd(30)} ${columns(points)}`);
  for (const kind of KINDS) {
    const own = points.filter((point) => point.kind === kind);
    console.log(`${`  ${kind}`.padEnd(30)} ${columns(own)}`);
  }
  return files.filter((file) => hasCode(file) && !points.some((point) => point.file === file));
}

function columns(points: readonly Point[]): string {
  const reached = points.filter((point) => point.isReached).length;
  const count = `${reached} of ${points.length}`.padStart(14);
  const percent = points.length === 0 ? "-" : `${(100 * shareOf(points)).toFixed(1)} %`;
  return `${count} ${percent.padStart(8)}`;
}

function shareOf(points: readonly Point[]): number {
  return points.filter((point) => point.isReached).length / points.length;
}

function filesOfCore(): string[] {
  return readdirSync(`${ROOT}assembly`, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.startsWith("rt/"))
    .map((name) => `assembly/${name}`)
    .sort();
}

/** Layouts, status codes and the export list have none. */
function hasCode(file: string): boolean {
  const tree = ts.createSourceFile(file, readFileSync(ROOT + file, "utf8"), ts.ScriptTarget.Latest);
  const hasBody = (node: ts.Node): boolean =>
    (ts.isFunctionLike(node) && "body" in node) || ts.forEachChild(node, hasBody) === true;
  return hasBody(tree);
}
