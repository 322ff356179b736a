// What a comparison with named peers is made of. A suite is added to registry.ts, and that is all.

/** A program, or a way to do the work in one. */
export interface Contender {
  readonly name: string;
  /**
   * Does the work for one round, some 20 ms of it, and says what it took: nanoseconds an item, or
   * whatever the contest's unit is. Whoever lives in another process keeps time there.
   */
  readonly round: () => number | Promise<number>;
}

/** Who does the same work as heddle. */
export interface Rival extends Contender {
  /** The least ratio that heddle has to reach, and the one that it is after. */
  readonly must?: number;
  readonly aim?: number;
}

/** The same work, done by heddle and by others. */
export interface Contest {
  readonly name: string;
  readonly heddle: Contender;
  readonly rivals: readonly Rival[];
  /** What a round's number counts. Left out: "ns". */
  readonly unit?: string;
  /** True where more is better, as with bits a second. */
  readonly isMoreBetter?: boolean;
  /** Rounds, where the suite's number is too many or too few. */
  readonly rounds?: number;
}

/** Contests that need the same things of a machine. */
export interface Suite {
  /** What the machine lacks, in words for its owner, or undefined. */
  readonly missing: () => string | undefined | Promise<string | undefined>;
  /** Whoever yields a contest has made sure that all its contenders come to the same result. */
  readonly contests: () => AsyncGenerator<Contest>;
}
