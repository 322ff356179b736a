// Why a CNI call failed, by the numbers of the CNI specification 1.1, "Error".

export const CniCode = {
  /** The config's cniVersion is none of ours. */
  IncompatibleVersion: 1,
  /** There is nothing of the container here: nothing to clean up either. */
  UnknownContainer: 3,
  /** A variable of the environment is missing or wrong. */
  BadEnvironment: 4,
  /** A file could not be read or written. */
  Io: 5,
  /** The config is no JSON. */
  Undecodable: 6,
  /** The config is JSON, and is wrong. */
  BadConfig: 7,
  /** Not yet: the agent has not written its subnet file. */
  TryAgain: 11,
  /** STATUS: no container can be added now. */
  NotAvailable: 50,
  /** Ours: nobody has thought of it. */
  Internal: 100,
  /** Ours: the plugin that does the work ended without a word of CNI. */
  DelegateFailed: 101,
  /** Ours: there is no such plugin. */
  NoDelegate: 102,
} as const;

/** A failure as the runtime reads it. */
export class CniError extends Error {
  override readonly name = "CniError";
  readonly code: number;
  readonly details: string;

  constructor(code: number, message: string, details = "") {
    super(message);
    this.code = code;
    this.details = details;
  }
}

/** What went wrong with a file, as CNI says it. */
export function ioError(path: string, cause: unknown): CniError {
  return new CniError(CniCode.Io, path, cause instanceof Error ? cause.message : String(cause));
}
