import assert from "node:assert/strict";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readSubnetFile, writeSubnetFile } from "../../../../bindings/node/agent/subnet-file.ts";

const TEXT = "FLANNEL_NETWORK=10.5.0.0/16\nFLANNEL_SUBNET=10.5.72.1/24\n";

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "heddle-subnet-"));
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const modeOf = (path: string): number => statSync(path).mode & 0o7777;

test("folder and file are made for everybody to read, whatever the umask", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "flannel", "subnet.env");
    const umask = process.umask(0o077);
    try {
      await writeSubnetFile(path, TEXT);
    } finally {
      process.umask(umask);
    }
    assert.equal(readFileSync(path, "utf8"), TEXT);
    assert.deepEqual([modeOf(join(folder, "flannel")), modeOf(path)], [0o755, 0o644]);
    assert.deepEqual(readdirSync(join(folder, "flannel")), ["subnet.env"]);
  });
});

test("a file that is there is replaced and keeps its permissions", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "subnet.env");
    writeFileSync(path, "old and much longer than what comes after it\n".repeat(9));
    chmodSync(path, 0o640);
    const { ino } = statSync(path);
    await writeSubnetFile(path, TEXT);
    assert.equal(readFileSync(path, "utf8"), TEXT);
    assert.equal(modeOf(path), 0o640);
    assert.notEqual(statSync(path).ino, ino);
  });
});

test("who reads meanwhile sees one text or the other, whole", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "subnet.env");
    const texts = ["a", "b"].map((letter) => `${letter.repeat(4000)}\n`);
    await writeSubnetFile(path, texts[0] ?? "");
    let isWriting = true;
    const writing = (async () => {
      for (let i = 0; i < 40; i++) await writeSubnetFile(path, texts[i % 2] ?? "");
      isWriting = false;
    })();
    let reads = 0;
    for (; isWriting; reads++) assert.ok(texts.includes((await readSubnetFile(path)) ?? ""));
    await writing;
    assert.ok(reads > 0);
  });
});

test("what cannot be written leaves nothing, and says where", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "subnet.env");
    mkdirSync(join(path, "in-the-way"), { recursive: true });
    await assert.rejects(writeSubnetFile(path, TEXT), {
      name: "SubnetFileError",
      code: "Failed",
      path,
    });
    assert.deepEqual(readdirSync(folder), ["subnet.env"]);
    writeFileSync(join(folder, "file"), "");
    await assert.rejects(writeSubnetFile(join(folder, "file", "subnet.env"), TEXT), {
      message: /EEXIST|ENOTDIR/,
    });
  });
});

test("no file reads as null; one that is far too long, or a folder, as an error", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "subnet.env");
    assert.equal(await readSubnetFile(path), null);
    writeFileSync(path, "x".repeat((1 << 16) + 1));
    await assert.rejects(readSubnetFile(path), { code: "Failed", message: /65537 bytes/ });
    await assert.rejects(readSubnetFile(folder), { message: /EISDIR/ });
  });
});
