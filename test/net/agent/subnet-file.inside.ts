// A subnet file on disks that take nothing more, mounted where nobody else sees them.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  readSubnetFile,
  type SubnetFileError,
  writeSubnetFile,
} from "../../../bindings/node/agent/subnet-file.ts";

export interface Outcome {
  /** Of the SubnetFileError; "written" when there was none. */
  readonly code: string;
  /** What stands in the file, and all names beside it. */
  readonly text: string | null;
  readonly names: readonly string[];
}

const DISK_LEN = 16384;

export async function write(before: string, text: string, isReadOnly: boolean): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "heddle-disk-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${DISK_LEN}`, "heddle-test", folder]);
  try {
    const path = join(folder, "subnet.env");
    await writeSubnetFile(path, before);
    if (isReadOnly) execFileSync("mount", ["-o", "remount,ro", folder]);
    else fill(join(folder, "filler"));
    const code = await writeSubnetFile(path, text).then(
      () => "written",
      (error: SubnetFileError) => error.code,
    );
    return { code, text: await readSubnetFile(path), names: readdirSync(folder).sort() };
  } finally {
    execFileSync("umount", [folder]);
    rmdirSync(folder);
  }
}

function fill(path: string): void {
  for (let len = DISK_LEN; len > 0; len >>= 1) {
    try {
      writeFileSync(path, Buffer.alloc(len), { flag: "a" });
    } catch {
      // not as much as that
    }
  }
  if (readFileSync(path).length === 0) throw new Error("nothing fills the disk");
}
