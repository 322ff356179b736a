// What can go wrong with the packet filter, and how its programs are run.
import { run } from "../../netns.ts";

/**
 * - `NoProgram`: iptables or nft is not installed.
 * - `BadPrefix`: a network or subnet that is none.
 * - `Closed`: by `close`.
 * - `Refused`: the program said no; the message has its words.
 */
export type FirewallErrorCode = "NoProgram" | "BadPrefix" | "Closed" | "Refused";

export class FirewallError extends Error {
  override readonly name = "FirewallError";
  readonly code: FirewallErrorCode;

  constructor(code: FirewallErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Which Debian package brings a program. */
const PACKAGES: Readonly<Record<string, string>> = {
  iptables: "iptables",
  "iptables-save": "iptables",
  "iptables-restore": "iptables",
  "ip6tables-save": "iptables",
  "ip6tables-restore": "iptables",
  nft: "nftables",
  ip: "iproute2",
};

/** Runs a program of the packet filter; gives what it printed. Throws FirewallError. */
export async function filterTool(
  program: string,
  words: readonly string[],
  input = "",
): Promise<string> {
  try {
    return await run(program, words, input);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT") throw new FirewallError("Refused", message, { cause: error });
    const remedy = `apt-get install ${PACKAGES[program] ?? program}`;
    throw new FirewallError("NoProgram", `the program \`${program}\` is missing: ${remedy}`);
  }
}
