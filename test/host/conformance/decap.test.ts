// Decapsulation as Linux does it, and as the RFCs have it. test/net/decap.test.ts asks the kernel
// of this machine the same.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hexOf } from "../../model/packet.ts";
import { innerAfter, outerFrame, type Row, rfcVerdict, STATION, TABLE } from "../path/rows.ts";
import { openVtep } from "../path/vtep.ts";
import { MODES, type Mode } from "./rows.ts";

const FLAGS = { linux: ["learn", "ecn", "linuxMode"], rfc: ["learn", "ecn"] } as const;
const LEARNED_ROW = "outer source any (spoofed): delivered and learned";

async function check(mode: Mode, row: Row): Promise<void> {
  const vtep = await openVtep(FLAGS[mode]);
  const { verdict, bytes } = vtep.decapFrame(outerFrame(row.changes));
  const expected = mode === "linux" ? row.verdict : rfcVerdict(row);
  assert.equal(verdict, expected);
  const isDelivered = expected === "consumed";
  assert.equal(bytes && hexOf(bytes), isDelivered ? hexOf(innerAfter(row.changes)) : undefined);
  const src = row.changes.outer?.src;
  if (isDelivered && src !== undefined) assert.equal(vtep.whereIs(STATION), src);
}

for (const mode of MODES) {
  for (const [quote, rows] of Object.entries(TABLE)) {
    describe(`decapsulation, ${mode} mode: ${quote}`, () => {
      for (const row of rows) it(row.name, () => check(mode, row));
    });
  }
}

describe(`decapsulation: ${LEARNED_ROW}`, () => {
  it("is a row that says from where", () => {
    assert.ok(TABLE[LEARNED_ROW].every(({ changes }) => changes.outer?.src !== undefined));
  });
});
