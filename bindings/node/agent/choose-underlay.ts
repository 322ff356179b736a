// The underlay that the flags choose, and the moment when it is another one.
import { Bell } from "../../agent/bell.ts";
import type { External } from "../../agent/index.ts";
import type { AgentContext } from "./context.ts";
import { chooseInterface } from "./interface.ts";

/** An address that comes and goes within this time is none that others are told of. */
const CALM_MS = 2000;
const LOOK_MS = 10_000;
/** Routes that come and go by the second, as a bridge's do, are not a look each. */
const GAP_MS = 500;

/** Throws HeddleError where no interface fits. */
export async function chooseUnderlay(context: AgentContext): Promise<External> {
  const { log, netcfg, settings } = context;
  const external = await chooseInterface(netcfg, settings);
  const { address, name, publicIp } = external;
  log("info", `Using interface with name ${name} and address ${address}`);
  if (publicIp === address) {
    log("info", `Defaulting external address to interface address (${address})`);
  } else log("info", `Using ${publicIp} as external address`);
  return external;
}

/**
 * Waits until the flags choose another underlay than `before`, and gives it. One that is away for a
 * while is waited for: nobody could be told of it.
 */
export async function underlayChange(
  context: AgentContext,
  before: External,
  signal: AbortSignal,
): Promise<External> {
  const { clock, log, netcfg, settings } = context;
  const bell = new Bell(clock);
  let hasNews = false;
  netcfg.monitor(() => {
    hasNews = true;
    bell.ring();
  }, signal);
  for (;;) {
    if (!hasNews) await bell.wait(signal, clock.nowMs() + LOOK_MS);
    await clock.sleep(GAP_MS, signal);
    hasNews = false;
    const now = await chooseInterface(netcfg, settings).catch((error) => {
      log("warn", "the underlay is away", { reason: error.message });
      return before;
    });
    if (isSame(now, before)) continue;
    await clock.sleep(CALM_MS, signal);
    const still = await chooseInterface(netcfg, settings).catch(() => before);
    if (!isSame(still, now)) continue;
    log("warn", "the underlay has changed", { before, now });
    return now;
  }
}

function isSame(a: External, b: External): boolean {
  const isSameDevice = a.name === b.name && a.index === b.index && a.mtu === b.mtu;
  return isSameDevice && a.address === b.address && a.publicIp === b.publicIp;
}
