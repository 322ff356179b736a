// subnet.env on the disk: docker's unit and CNI plugins read it at any time, so it is there whole,
// old or new, whatever happens while it is written.
import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import {
  chmod,
  type FileHandle,
  mkdir,
  open,
  readFile,
  rename,
  stat,
  unlink,
} from "node:fs/promises";
import { basename, dirname, join } from "node:path";

const FOLDER_MODE = 0o755;
const FILE_MODE = 0o644;
const PERMISSIONS = 0o7777;
/** What was written by us is a few hundred bytes. */
const LEN_MAX = 1 << 16;

/**
 * - `NoSpace`: the disk, or the quota, is full.
 * - `ReadOnly`: the file system is mounted read-only.
 * - `Denied`: the rights of the folder or the file.
 * - `Failed`: anything else; the message says what.
 */
export type SubnetFileErrorCode = "NoSpace" | "ReadOnly" | "Denied" | "Failed";

const CODES: Readonly<Record<string, SubnetFileErrorCode>> = {
  ENOSPC: "NoSpace",
  EDQUOT: "NoSpace",
  EROFS: "ReadOnly",
  EACCES: "Denied",
  EPERM: "Denied",
};

export class SubnetFileError extends Error {
  override readonly name = "SubnetFileError";
  readonly code: SubnetFileErrorCode;
  readonly path: string;

  constructor(path: string, cause: unknown) {
    const { code = "", message } = cause as NodeJS.ErrnoException;
    super(`${path}: ${message}`, { cause });
    this.code = CODES[code] ?? "Failed";
    this.path = path;
  }
}

/** The file's text; null when there is none. Throws SubnetFileError. */
export async function readSubnetFile(path: string): Promise<string | null> {
  try {
    const { size } = await stat(path);
    if (size > LEN_MAX) throw new RangeError(`${size} bytes are no subnet file`);
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new SubnetFileError(path, error);
  }
}

/**
 * Puts `text` in the place of what the file holds. Its folder is made if need be; a file that is
 * there keeps its permissions. Throws SubnetFileError, and then the old file stands as it was.
 */
export async function writeSubnetFile(path: string, text: string): Promise<void> {
  const folder = dirname(path);
  // The dot hides it from who reads all files of a folder.
  const draft = join(folder, `.${basename(path)}${randomBytes(6).toString("hex")}`);
  try {
    const made = await mkdir(folder, { recursive: true });
    if (made !== undefined) await chmod(folder, FOLDER_MODE); // whatever the umask
    await writeDraft(draft, text, await modeOf(path));
    await rename(draft, path);
    await syncFolder(folder);
  } catch (error) {
    await unlink(draft).catch(() => {}); // it is renamed, or never was
    throw new SubnetFileError(path, error);
  }
}

async function modeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).mode & PERMISSIONS;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return FILE_MODE;
    throw error;
  }
}

async function writeDraft(draft: string, text: string, mode: number): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const file: FileHandle = await open(draft, flags, 0o600);
  try {
    await file.writeFile(text);
    await file.chmod(mode); // the mode of `open` is cut down by the umask
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Without this a power cut may bring the old name back. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
