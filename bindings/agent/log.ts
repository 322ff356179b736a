// What the agent says, as words and fields; where it goes is the host's. The words are flannel's
// where flannel has some, so that what looks for them finds them.

export type LogLevel = "debug" | "info" | "warn" | "error";

export type Log = (
  level: LogLevel,
  message: string,
  fields?: Readonly<Record<string, unknown>>,
) => void;
