// What an agent has made on this host, in a file beside its socket: for the one that cleans up,
// whether the agent still lives or was killed.
import { readFile, unlink } from "node:fs/promises";
import { writeSubnetFile } from "./subnet-file.ts";

/** Written before the things are made: what is in it may be there, and what is not is not. */
export interface Inventory {
  readonly version: 1;
  readonly device: string | null;
  /** The underlay's. */
  readonly external: string;
  readonly network: string;
  /** Null: a lease was not had yet. */
  readonly subnet: string | null;
  readonly publicIp: string;
  readonly subnetFile: string;
}

const VERSION = 1;

export function inventoryPath(socket: string): string {
  return `${socket}.json`;
}

export async function writeInventory(socket: string, inventory: Inventory): Promise<void> {
  const text = `${JSON.stringify(inventory, null, 2)}\n`;
  await writeSubnetFile(inventoryPath(socket), text);
}

/** Null where nothing was made. Throws what keeps the file from being read. */
export async function readInventory(socket: string): Promise<Inventory | null> {
  const path = inventoryPath(socket);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
  const found = parse(text);
  if (found?.version === VERSION) return found as Inventory;
  throw new Error(`${path}: written by another version of heddle, or by nobody's`);
}

export async function removeInventory(socket: string): Promise<void> {
  await unlink(inventoryPath(socket)).catch(() => {}); // it is not there
}

function parse(text: string): Partial<Inventory> | null {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
