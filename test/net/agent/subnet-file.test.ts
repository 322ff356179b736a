import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { need } from "../../need.ts";
import { type Namespace, openNamespace } from "../namespace.ts";

const INSIDE = new URL("./subnet-file.inside.js", import.meta.url);
const OLD = "FLANNEL_SUBNET=10.5.72.1/24\n";
const NEW = "FLANNEL_SUBNET=10.5.73.1/24\n";
const needs = need("root", "ip");

// `ip netns exec` has mounts of its own, which end with it.
let place: Namespace;
before(async () => {
  if (!needs.skip) place = await openNamespace("subnet-file");
});
after(() => place?.close());

test(
  "a full disk is an error by name: the old file stays whole, no draft is left",
  needs,
  async () => {
    const names = ["filler", "subnet.env"];
    const outcome = await place.call(INSIDE, "write", OLD, NEW, false);
    assert.deepEqual(outcome, { code: "NoSpace", text: OLD, names });
  },
);

test("so is one that is mounted read-only", needs, async () => {
  const outcome = await place.call(INSIDE, "write", OLD, NEW, true);
  assert.deepEqual(outcome, { code: "ReadOnly", text: OLD, names: ["subnet.env"] });
});
