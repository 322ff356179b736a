// `heddle doctor`: gathers what the store and the host say, and tells what is wrong between them.
import { existsSync } from "node:fs";
import { diagnose, type Facts, pathsOf } from "../../agent/doctor/index.ts";
import { type Store, StoreError } from "../../agent/index.ts";
import { LeaseRules, openCore } from "../../core/index.ts";
import { systemClock } from "../agent/clock.ts";
import { openStore } from "../agent/open-store.ts";
import type { StoreSettings } from "../agent/settings.ts";
import { NetworkError } from "../netns.ts";
import { gatherHost } from "./host.ts";
import { probePath } from "./probe.ts";
import { type DoctorReport, reportText } from "./report.ts";
import { gatherStore } from "./store.ts";

export interface DoctorCommand {
  readonly store: StoreSettings;
  readonly subnetFile: string;
  /** Of an agent of heddle's, should one run. */
  readonly socket: string;
  readonly publicIp: string | null;
  readonly iface: string | null;
  /** To how many peers packets may be sent. */
  readonly probedPeers: number;
  readonly printsJson: boolean;
}

/** Returns the exit status: 1 when something is wrong, or could not be looked at. */
export async function doctorCommand(command: DoctorCommand): Promise<number> {
  try {
    const report = await examineHost(command);
    const text = command.printsJson ? `${JSON.stringify(report, null, 2)}\n` : reportText(report);
    process.stdout.write(text);
    return report.isWell ? 0 : 1;
  } catch (error) {
    if (!isExpected(error)) throw error;
    process.stderr.write(`heddle doctor: ${error.message}\n`);
    return 1;
  }
}

function isExpected(error: unknown): error is Error {
  return [StoreError, NetworkError, RangeError].some((kind) => error instanceof kind);
}

/** Opens a store that is there: to look for one is not to make one. */
async function openExisting(settings: StoreSettings): Promise<Store> {
  const { kind, path } = settings;
  if (kind === "file" && !existsSync(path)) {
    throw new StoreError("Unavailable", `${path}: there is no store`);
  }
  return openStore(settings, systemClock, () => {});
}

/** Looks at everything, and says what is wrong. Throws StoreError and NetworkError. */
export async function examineHost(command: DoctorCommand): Promise<DoctorReport> {
  const rules = new LeaseRules(await openCore());
  const store = await openExisting(command.store);
  try {
    const { publicIp, iface, subnetFile, socket } = command;
    const [host, found] = await Promise.all([
      gatherHost(subnetFile, socket),
      gatherStore(store, command.store),
    ]);
    const facts = { host, store: found, publicIp, iface };
    const paths = await probe(facts, rules, command.probedPeers);
    const findings = diagnose({ ...facts, host: { ...host, paths } }, rules);
    return { isWell: findings.every(({ isWrong }) => !isWrong), findings };
  } finally {
    await store.close();
  }
}

async function probe(
  facts: Facts,
  rules: LeaseRules,
  peerCount: number,
): Promise<Facts["host"]["paths"]> {
  const paths = pathsOf(facts, rules).slice(0, peerCount);
  const probed = await Promise.all(paths.map(({ remote, len }) => probePath(remote, len)));
  return probed.filter((path) => path !== null);
}
