// A regular expression as Go's users write one: its flags stand in front of it, "(?i)^eth".
const INLINE_FLAGS = /^\(\?([ims]+)\)/;

/** Throws SyntaxError where it is none. */
export function parsePattern(text: string): RegExp {
  const flags = INLINE_FLAGS.exec(text)?.[1] ?? "";
  return new RegExp(text.replace(INLINE_FLAGS, ""), flags);
}
