// A revision, checked out into a folder of its own and built there by its own build.mjs. Both sides
// of a comparison get the benchmarks of this checkout: it is the product that is compared.
import { execFile, spawnSync } from "node:child_process";
import { cp, mkdir, readFile, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Misuse } from "../../fuzz/flags.ts";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../../../", import.meta.url)); // compiled, from dist/bench
const LOCK = "package-lock.json";

/** A build to compare. */
export interface Side {
  readonly commit: string;
  readonly folder: string;
}

/** A commit that cannot be compared, with what its build says. */
export class BuildError extends Error {}

/** The commit that a revision names, in short. Throws Misuse. */
export function commitOf(revision: string): string {
  const words = ["rev-parse", "--verify", "--short", "--quiet", `${revision}^{commit}`];
  const { status, stdout } = spawnSync("git", words, { cwd: ROOT, encoding: "utf8" });
  if (status !== 0) throw new Misuse(`${revision}: expected a commit of this repository`);
  return stdout.trim();
}

/** Builds a commit in `folder`, which has to be new. Throws BuildError. */
export async function build(commit: string, folder: string): Promise<Side> {
  await mkdir(folder);
  const tar = join(folder, "source.tar");
  await run("git", ["archive", "--output", tar, commit], { cwd: ROOT });
  await run("tar", ["-xf", tar, "-C", folder]);
  await rm(tar);
  await rm(join(folder, "bench"), { recursive: true, force: true });
  await cp(join(ROOT, "bench"), join(folder, "bench"), { recursive: true });
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  try {
    await run(process.execPath, ["build.mjs"], { cwd: folder });
  } catch (error) {
    const { stderr } = error as { readonly stderr?: string };
    throw new BuildError(
      `${commit} does not build with the benchmarks of this checkout\n${stderr}`,
    );
  }
  return { commit, folder };
}

/** True when what is installed here is what the side asks for. */
export async function hasOwnPackages({ folder }: Side): Promise<boolean> {
  const [theirs, ours] = [await readFile(join(folder, LOCK)), await readFile(join(ROOT, LOCK))];
  return theirs.equals(ours);
}
