// What the demo measures, one question to the network each.
import type { MtuProbeReport, PingReport } from "../lab/index.ts";
import { rounded } from "./compare.ts";
import type { Member } from "./member.ts";
import type { Host, Network } from "./network.ts";
import type { PingOptions } from "./ping.ts";
import type { CaptureReport, DemoHostReport, UnreachableReport } from "./report.ts";

const PING_INTERVAL_MS = 10;
const PING_TIMEOUT_MS = 1000;
/** What ping sends: 20 + 8 + 56. */
const PING_PACKET_LEN = 84;
const PROBE_COUNT = 3;
const ATTEMPT_TIMEOUT_MS = 2000;

export async function pingAcross(from: Host, to: Host, count: number): Promise<PingReport> {
  const source = from.plan.container.address;
  const target = to.plan.container.address;
  await to.container.call("watchEchoes", source);
  const result = await from.container.call("ping", pingOptions(target, count, PING_PACKET_LEN));
  const { ttls } = await to.container.call("endWatch");
  const { sent, received, rttMs } = result;
  const ends = { from: from.plan.container.name, to: to.plan.container.name };
  return { ...ends, sent, received, ttlAtDestination: ttls[0] ?? null, rttMs };
}

export async function probeMtu(network: Network): Promise<MtuProbeReport> {
  const [from, to] = network.hosts;
  const target = to.plan.container.address;
  const ask = (count: number, len: number) =>
    from.container.call("ping", { ...pingOptions(target, count, len), dontFragment: true });
  const { mtu } = network.plan;
  const fits = await ask(PROBE_COUNT, mtu);
  const tooLong = await ask(1, mtu + 1);
  return {
    fits: { len: mtu, isAnswered: fits.received === PROBE_COUNT },
    tooLong: {
      len: mtu + 1,
      isAnswered: tooLong.received > 0,
      saidMtu: tooLong.errors.find((error) => error.mtu > 0)?.mtu ?? null,
    },
  };
}

function pingOptions(target: string, count: number, packetLen: number): PingOptions {
  const dontFragment = false;
  const [intervalMs, timeoutMs] = [PING_INTERVAL_MS, PING_TIMEOUT_MS];
  return { target, count, packetLen, intervalMs, timeoutMs, dontFragment };
}

/** A subnet that nobody has, asked for behind the bridge and on the host itself. */
export async function probeNobody(network: Network): Promise<UnreachableReport[]> {
  const [{ container, member }] = network.hosts;
  const target = network.plan.nobody;
  return [await probeFrom(container, target), await probeFrom(member, target)];
}

async function probeFrom(member: Member, target: string): Promise<UnreachableReport> {
  const attempt = { target, timeoutMs: ATTEMPT_TIMEOUT_MS };
  const tcp = await member.call("tryConnect", attempt);
  const udp = await member.call("tryDatagram", attempt);
  const echo = await member.call("ping", pingOptions(target, 1, PING_PACKET_LEN));
  const said = echo.errors[0];
  return {
    from: member.name,
    target,
    tcpConnect: tcp.code,
    tcpConnectMs: rounded(tcp.afterMs),
    udpSocket: udp.code,
    ping: said?.code ?? "",
    saidBy: said?.from ?? "",
  };
}

export async function hostReport(network: Network, host: Host): Promise<DemoHostReport> {
  const stats = await network.stats(host);
  const { name } = host.plan;
  const { tunnel } = host;
  return {
    name,
    tunnel,
    encapped: stats?.tunnelOut.packets ?? 0,
    decapped: stats?.tunnelIn.packets ?? 0,
    drops: stats?.drops ?? {},
    events: stats?.events ?? {},
    errors: stats?.errors ?? {},
    rssBytes: stats?.rssBytes ?? null,
  };
}

/** A capture that is under way. */
export interface OpenCapture {
  readonly file: string;
  readonly member: Member;
}

const CAPTURE_PACKETS_MAX = 20_000;
const CAPTURE_BYTES_MAX = 32 << 20;

/** Records what the hosts send each other, as host1's device sees it. */
export async function startCapture(network: Network, file: string): Promise<OpenCapture> {
  const limits = { packetsMax: CAPTURE_PACKETS_MAX, bytesMax: CAPTURE_BYTES_MAX };
  return { file, member: await network.capture({ file, ...limits }) };
}

export async function endCapture({ file, member }: OpenCapture): Promise<CaptureReport> {
  return { file, ...(await member.call("endCapture")) };
}
