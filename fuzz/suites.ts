// Every suite there is, in the order in which they run.
import { openAddress } from "./address.fuzz.ts";
import { openArguments } from "./arguments.fuzz.ts";
import { openBridge } from "./bridge.fuzz.ts";
import { openCanary } from "./canary.fuzz.ts";
import { openCapture } from "./capture.fuzz.ts";
import { openChecksum } from "./checksum.fuzz.ts";
import { openConfig } from "./config.fuzz.ts";
import { openDecode } from "./decode.fuzz.ts";
import { openFdb } from "./fdb.fuzz.ts";
import type { Suite } from "./law.ts";
import { openLease } from "./lease.fuzz.ts";
import { openLeaseText } from "./lease-text.fuzz.ts";
import { openManager } from "./manager.fuzz.ts";
import { openNat } from "./nat.fuzz.ts";
import { openOffload } from "./offload.fuzz.ts";
import { openPath } from "./path.fuzz.ts";
import { openReconcile } from "./reconcile.fuzz.ts";
import { openRecord } from "./record.fuzz.ts";
import { openRoute } from "./route.fuzz.ts";
import { openRouter } from "./router.fuzz.ts";
import { openStore } from "./store.fuzz.ts";
import { openTables } from "./tables.fuzz.ts";
import { openTunnel } from "./tunnel.fuzz.ts";

export async function openSuites(): Promise<Suite[]> {
  return Promise.all([
    openAddress(),
    openChecksum(),
    openFdb(),
    openRecord(),
    openRoute(),
    openLease(),
    openManager(),
    openTables(),
    openPath(),
    openOffload(),
    openBridge(),
    openRouter(),
    openNat(),
    openTunnel(),
    openDecode(),
    openArguments(),
    openCapture(),
    openConfig(),
    openLeaseText(),
    openReconcile(),
    openStore(),
    openCanary(),
  ]);
}
