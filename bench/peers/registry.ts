// All suites of `npm run bench:peers`, in the order of running.
import { checksums } from "./checksum.ts";
import type { Suite } from "./contest.ts";
import { fdb } from "./fdb.ts";
import { tunnel } from "./tunnel/suite.ts";

export const SUITES: Readonly<Record<string, Suite>> = {
  checksum: checksums,
  fdb,
  tunnel: tunnel(true),
  wire: tunnel(false),
};
