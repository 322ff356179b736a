// Two peers of a weave network, by the names that they have in it: six bytes, as a MAC.

export interface WeaveLink {
  /** "7a:00:00:00:00:02": who sends. */
  readonly sender: string;
  readonly target: string;
  /** Where they are on the underlay. */
  readonly local: string;
  readonly remote: string;
}

/** TCP for control, UDP for sleeve; fastdp has the next one. */
export const WEAVE_PORT = 6783;
export const FASTDP_PORT: number = WEAVE_PORT + 1;
