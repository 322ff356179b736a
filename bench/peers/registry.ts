// All suites of `npm run bench:peers`, in the order of running.
import { checksums } from "./checksum.ts";
import type { Suite } from "./contest.ts";
import { decoding } from "./decode.ts";
import { fdb } from "./fdb.ts";
import { goDecoding, goRoutes } from "./go-peers.ts";
import { jsDecoding, jsRoutes } from "./js-peers.ts";
import { routes } from "./route.ts";
import { tunnel } from "./tunnel/suite.ts";
import { vxlan } from "./vxlan.ts";

export const SUITES: Readonly<Record<string, Suite>> = {
  checksum: checksums,
  fdb,
  vxlan,
  route: routes,
  "route-go": goRoutes,
  "route-js": jsRoutes,
  decode: decoding,
  "decode-go": goDecoding,
  "decode-js": jsDecoding,
  tunnel: tunnel(true),
  wire: tunnel(false),
};
