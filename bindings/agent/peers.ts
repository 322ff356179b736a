// What has become of each peer: what its lease implies, what stands of that, when the next try is.
// Plain state, without a clock of its own and without effects: who carries plans out asks it what
// is due, and tells it how that went.
import type { Dice } from "./clock.ts";
import type { PeerAnswer, PeerPlan } from "./plan.ts";

/** A peer as others may see it. */
export interface PeerReport {
  readonly subnet: string;
  /** null where its lease was refused, or is gone. */
  readonly plan: PeerPlan | null;
  /**
   * - `programmed`: all its entries stand.
   * - `pending`: they were not tried yet, or failed, and are tried again.
   * - `refused`: its lease implies none; only another lease changes that.
   */
  readonly state: "programmed" | "pending" | "refused";
  /** Why there is no way, or not all of it; "" where there is. */
  readonly reason: string;
  /** Failures one after the other. */
  readonly failureCount: number;
}

/** What is to be done now. */
export interface Due {
  readonly puts: readonly PeerPlan[];
  /** What stands of peers that are gone or refused. */
  readonly removals: readonly PeerPlan[];
}

interface Peer {
  readonly subnet: string;
  /** null: there is no lease any more, and what stands is to go. */
  answer: PeerAnswer | null;
  standing: PeerPlan | null;
  isDone: boolean;
  /** What went wrong the last time. */
  failure: string;
  failureCount: number;
  retryAtMs: number;
  /** How long the wait is that ends at `retryAtMs`. */
  waitMs: number;
}

const FIRST_WAIT_MS = 100;
const WAIT_MS_MAX = 30_000;

/** Every peer: what its lease implies, what stands of it, and when it is tried again. */
export class Peers {
  readonly #dice: Dice;
  readonly #peers = new Map<string, Peer>();

  constructor(dice: Dice) {
    this.#dice = dice;
  }

  /** What all leases imply now. Whose is not among them is gone. Gives what is new or different. */
  want(answers: readonly PeerAnswer[], nowMs: number): PeerAnswer[] {
    const gone = new Set(this.#peers.keys());
    const changed = answers.filter((answer) => {
      gone.delete(answer.subnet);
      const peer = this.#peers.get(answer.subnet);
      if (peer !== undefined && isSame(peer.answer, answer)) return false;
      this.#begin(answer.subnet, answer, nowMs);
      return true;
    });
    for (const subnet of gone) {
      const peer = this.#peers.get(subnet);
      if (peer?.standing === null) this.#peers.delete(subnet);
      else if (peer?.answer !== null) this.#begin(subnet, null, nowMs);
    }
    return changed;
  }

  /** Everybody who is done, and everybody whose time has come. */
  all(nowMs: number): Due {
    return this.#select((peer) => peer.isDone || isDue(peer, nowMs));
  }

  /** Only those whose time has come. */
  due(nowMs: number): Due {
    return this.#select((peer) => !peer.isDone && isDue(peer, nowMs));
  }

  /** When the next one's time comes; Infinity when nobody waits. */
  nextMs(): number {
    const waiting = [...this.#peers.values()].filter(({ isDone }) => !isDone);
    return waiting.reduce((next, { retryAtMs }) => Math.min(next, retryAtMs), Infinity);
  }

  /** What is wanted, whether it stands or not. */
  wanted(): PeerPlan[] {
    return [...this.#peers.values()].flatMap((peer) => planOf(peer) ?? []);
  }

  /** What was put for a peer last, if anything. */
  standing(subnet: string): PeerPlan | null {
    return this.#peers.get(subnet)?.standing ?? null;
  }

  /** All that is wanted of the peer stands, and nothing else of it. */
  succeed(subnet: string): void {
    const peer = this.#peers.get(subnet);
    if (peer?.answer === null) this.#peers.delete(subnet);
    else if (peer !== undefined) {
      Object.assign(peer, { ...DONE, standing: planOf(peer) });
    }
  }

  /** Something failed; `left` is what may be left of the peer. */
  fail(subnet: string, failure: { reason: string; left: PeerPlan | null }, nowMs: number): void {
    const peer = this.#peers.get(subnet);
    if (peer === undefined) return;
    const longest = Math.min(FIRST_WAIT_MS * 2 ** peer.failureCount, WAIT_MS_MAX);
    // Half of it, and chance: who failed at one time need not come back at one time.
    const waitMs = longest * (0.5 + 0.5 * (this.#dice() / 2 ** 32));
    const failureCount = peer.failureCount + 1;
    const retryAtMs = nowMs + waitMs;
    Object.assign(peer, { isDone: false, failure: failure.reason, standing: failure.left });
    Object.assign(peer, { failureCount, waitMs, retryAtMs });
  }

  /** What has become of each peer. */
  reports(): PeerReport[] {
    return [...this.#peers.values()].map(reportOf);
  }

  #begin(subnet: string, answer: PeerAnswer | null, nowMs: number): void {
    const standing = this.standing(subnet);
    const peer: Peer = { subnet, answer, standing, ...DONE, retryAtMs: nowMs };
    peer.isDone = planOf(peer) === null && standing === null;
    this.#peers.set(subnet, peer);
  }

  #select(isMeant: (peer: Peer) => boolean): Due {
    const meant = [...this.#peers.values()].filter(isMeant);
    return {
      puts: meant.flatMap((peer) => planOf(peer) ?? []),
      removals: meant.flatMap((peer) => (planOf(peer) === null && peer.standing) || []),
    };
  }
}

const DONE = { isDone: true, failure: "", failureCount: 0, retryAtMs: 0, waitMs: 0 };

function planOf({ answer }: Peer): PeerPlan | null {
  return answer === null || "reason" in answer ? null : answer;
}

function isSame(a: PeerAnswer | null, b: PeerAnswer): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

/** Who is nearly due comes along: a thousand that fail are not a thousand runs. */
function isDue({ retryAtMs, waitMs }: Peer, nowMs: number): boolean {
  return retryAtMs - waitMs / 4 <= nowMs;
}

function reportOf(peer: Peer): PeerReport {
  const { subnet, answer, isDone, failure, failureCount } = peer;
  const plan = planOf(peer);
  if (!isDone) return { subnet, plan, state: "pending", reason: failure, failureCount };
  if (answer !== null && "reason" in answer) {
    return { subnet, plan, state: "refused", reason: answer.reason, failureCount };
  }
  return { subnet, plan, state: "programmed", reason: "", failureCount };
}
