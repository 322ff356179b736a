// Where the agent's words go: standard error, a line each, for people or as JSON.
import { writeSync } from "node:fs";
import pino from "pino";
import type { Log, LogLevel } from "../../agent/log.ts";

export interface LogOptions {
  readonly isJson: boolean;
  /** As klog's -v: from 4 on, what helps to find faults is said too. */
  readonly verbosity: number;
}

const DEBUG_VERBOSITY = 4;
const STDERR = 2;

export function openLog({ isJson, verbosity }: LogOptions): Log {
  const level: LogLevel = verbosity >= DEBUG_VERBOSITY ? "debug" : "info";
  const format = { level: (label: string) => ({ level: label }) };
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  const write = (line: string): void => print(isJson ? line : textOf(line));
  const logger = pino({ ...options, formatters: format }, { write });
  return (at, message, fields = {}) => logger[at](plainOf(fields), message);
}

/** Revisions are bigints, and errors are more than they show. */
function plainOf(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(fields).map(([name, value]) => [name, plain(value)]);
  return Object.fromEntries(entries);
}

function plain(value: unknown): unknown {
  if (value instanceof Error) return value.message;
  return typeof value === "bigint" ? String(value) : value;
}

/** "2026-11-21T10:00:00.000Z warn  Message subnet=10.5.1.0/24". */
function textOf(line: string): string {
  const { time, level, msg, ...fields } = JSON.parse(line);
  const words = Object.entries(fields).map(([name, value]) => `${name}=${wordOf(value)}`);
  return `${[time, String(level).padEnd(5), msg, ...words].join(" ")}\n`;
}

function wordOf(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return /^[\w.:/@+-]+$/.test(text) ? text : JSON.stringify(text);
}

/** Whoever read it has gone, or the disk is full: that must not end an agent. */
function print(line: string): void {
  try {
    writeSync(STDERR, line);
  } catch {
    // nobody can be told
  }
}
