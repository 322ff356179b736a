// What the kernel leaves to a pump, or does for it: super-packets at the device, rows of datagrams
// at the socket. Each is used where the kernel has it, and done without where it has not.
import type { DeviceOffload } from "./device.ts";

export interface PumpOffload {
  /** What the device leaves to the core; undefined: nothing, packets come as a wire has them. */
  readonly device: DeviceOffload | undefined;
  /** The device takes super-packets of UDP, whatever it gives. */
  readonly deviceTakesUdp: boolean;
  /** One call sends many datagrams of one flow (UDP_SEGMENT). */
  readonly segment: boolean;
  /** One message brings many datagrams of one flow (UDP_GRO). */
  readonly gro: boolean;
}

/** What this kernel lacks, in words; empty where it has all. */
export function missingOffloads({ device, segment, gro }: PumpOffload): string[] {
  const missing: string[] = [];
  if (device === undefined || device === "none") missing.push("unfinished checksums of the device");
  if (device !== "tcp" && device !== "udp") missing.push("TCP super-packets of the device");
  if (!segment) missing.push("UDP_SEGMENT");
  if (!gro) missing.push("UDP_GRO");
  return missing;
}
