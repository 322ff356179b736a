// A log that does not say the same again and again: a warning that comes back within a while is
// counted, and the count is said with the next.
import type { Clock } from "./clock.ts";
import type { Log, LogLevel } from "./log.ts";

const QUIET_MS = 60_000;
const TOPICS_MAX = 1024;

interface Topic {
  saidMs: number;
  unsaid: number;
}

/** What is said at `debug` and `info` passes. The same is: level, words, and fields. */
export function quietLog(log: Log, clock: Clock): Log {
  const topics = new Map<string, Topic>();
  return (level, message, fields = {}) => {
    if (!isLoud(level)) return log(level, message, fields);
    const nowMs = clock.nowMs();
    const key = `${level} ${message} ${printed(fields)}`;
    const topic = topics.get(key);
    if (topic && nowMs - topic.saidMs < QUIET_MS) {
      topic.unsaid += 1;
      return;
    }
    if (topics.size >= TOPICS_MAX) topics.clear();
    topics.set(key, { saidMs: nowMs, unsaid: 0 });
    log(level, message, topic?.unsaid ? { ...fields, before: topic.unsaid } : fields);
  };
}

function isLoud(level: LogLevel): boolean {
  return level === "warn" || level === "error";
}

function printed(fields: Readonly<Record<string, unknown>>): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${value instanceof Object ? Object.values(value) : value}`)
    .join(" ");
}
