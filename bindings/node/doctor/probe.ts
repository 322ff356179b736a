// How long packets fare on the way to a peer, by pings: short ones first, then such as are as long
// as the tunnel's longest and that nobody may divide, then such as may be divided.
import type { PathFact } from "../../agent/doctor/index.ts";
import { attempt } from "../netns.ts";

const ICMP_LEN = 28; // IPv4 20, ICMP 8
const SHORT_LEN = 84;
const LEN_MIN = 576; // what every host takes (RFC 791)
const STEPS_MAX = 11; // of halving
const TRIES = 2; // one packet may be lost without a reason

/** Null where there is no `ping`, or it may not be used. */
export async function probePath(remote: string, len: number): Promise<PathFact | null> {
  const short = await ping(remote, SHORT_LEN, "dont");
  if (short === null) return null;
  const fact = { remote, len };
  if (!short.isAnswered) return { ...fact, fate: "silent", mtu: null };
  const whole = await ping(remote, len, "do");
  if (whole?.isAnswered) return { ...fact, fate: "whole", mtu: len };
  const divided = await ping(remote, len, "dont");
  const fate = divided?.isAnswered ? "divided" : "lost";
  return { ...fact, fate, mtu: whole?.mtu ?? (await longest(remote, len)) };
}

/** The longest packet that arrives whole, where no router says which that is. */
async function longest(remote: string, len: number): Promise<number | null> {
  let [fits, isTooLong] = [LEN_MIN, len];
  if (!(await ping(remote, fits, "do"))?.isAnswered) return null;
  for (let step = 0; step < STEPS_MAX && isTooLong - fits > 1; step++) {
    const middle = Math.floor((fits + isTooLong) / 2);
    if ((await ping(remote, middle, "do", 1))?.isAnswered) fits = middle;
    else isTooLong = middle;
  }
  return fits;
}

interface Answer {
  readonly isAnswered: boolean;
  /** What a router, or this host's own kernel, said that fits. */
  readonly mtu: number | null;
}

async function ping(
  remote: string,
  len: number,
  divide: "do" | "dont",
  tries: number = TRIES,
): Promise<Answer | null> {
  let mtu: number | null = null;
  for (let tried = 0; tried < tries; tried++) {
    const words = ["-n", "-c", "1", "-W", "1", "-M", divide, "-s", String(len - ICMP_LEN), remote];
    const said = await attempt("ping", words).catch(() => null);
    if (said === null || (said.status === 2 && !/too long/.test(said.complaint))) return null;
    if (said.status === 0) return { isAnswered: true, mtu: null };
    const named = /mtu ?= ?(\d+)/.exec(`${said.printed}${said.complaint}`)?.[1];
    mtu = named === undefined ? mtu : Number(named);
  }
  return { isAnswered: false, mtu };
}
