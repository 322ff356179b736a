// What a device says instead of a packet. Descriptors stand in for it whose answers are known: the
// kernel's own, but not of a device, which does not give them when one likes.
import assert from "node:assert/strict";
import { readdirSync, readlinkSync } from "node:fs";
import { test } from "node:test";
import { openCore } from "../../../bindings/core/index.ts";
import { Intake } from "../../../bindings/node/intake.ts";
import { CallError, libc, O_RDWR } from "../../../bindings/node/libc.ts";
import { NativeMemory } from "../../../bindings/node/native.ts";
import { Tally } from "../../../bindings/node/tally.ts";

const LEN_MAX = 1518;

interface Opened {
  readonly intake: Intake;
  readonly tally: Tally;
}

async function open(fd: number): Promise<Opened> {
  const core = await openCore({ memoryBytes: 1 << 20 });
  const node = core.openNode({ seed: 1n, slots: 64, slotStride: 2048, scratch: 1 << 14 });
  const burst = node.openBurst({ capacity: 8, outCapacity: 8, slots: 0 });
  const tally = new Tally();
  const at = node.slot(node.takeSlots(8));
  const native = new NativeMemory(core.memory);
  const options = { fd, hasHeader: true, lenMax: LEN_MAX, port: 0, flags: 0 };
  return { intake: new Intake(native, [at, 8 * 2048], burst, tally, options), tally };
}

/** A descriptor of this process that cannot be read: EINVAL, as Linux has it for all of these. */
function unreadable(): number {
  const found = readdirSync("/proc/self/fd").find((fd) => {
    return linkOf(fd).startsWith("anon_inode:[eventpoll]");
  });
  assert.ok(found, "libuv waits by epoll");
  return Number(found);
}

function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return ""; // the descriptor that the folder was read by
  }
}

test("a packet that the kernel cannot describe is lost alone, and counted", async () => {
  const { intake, tally } = await open(unreadable());
  assert.equal(intake.take(), 0);
  assert.equal(intake.take(), 0);
  assert.deepEqual(tally.errors, { "read EINVAL": 2 });
  assert.equal(tally.deviceIn.packets, 0);
});

test("a device that is gone ends the pump, by name", async () => {
  const fd = libc.open("/dev/null", O_RDWR);
  libc.close(fd);
  const { intake } = await open(fd);
  assert.throws(
    () => intake.take(),
    (error) => error instanceof CallError && error.code === "EBADF",
  );
});
