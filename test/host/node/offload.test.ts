import assert from "node:assert/strict";
import { test } from "node:test";
import { missingOffloads, type PumpOffload } from "../../../bindings/node/offload.ts";

const ALL: PumpOffload = { device: "tcp", deviceTakesUdp: true, segment: true, gro: true };
const CHECKSUMS = "unfinished checksums of the device";
const TCP = "TCP super-packets of the device";

test("what a kernel lacks is said, and nothing of what it has", () => {
  const cases: readonly (readonly [given: Partial<PumpOffload>, said: readonly string[]])[] = [
    [{}, []],
    [{ device: "udp" }, []],
    [{ device: "checksum" }, [TCP]],
    [{ device: "none" }, [CHECKSUMS, TCP]],
    [{ device: undefined }, [CHECKSUMS, TCP]],
    [{ segment: false }, ["UDP_SEGMENT"]],
    [{ gro: false }, ["UDP_GRO"]],
    [{ device: "checksum", segment: false, gro: false }, [TCP, "UDP_SEGMENT", "UDP_GRO"]],
  ];
  for (const [given, said] of cases) assert.deepEqual(missingOffloads({ ...ALL, ...given }), said);
});
