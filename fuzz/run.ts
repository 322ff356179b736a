// `npm run fuzz`. Exits 1 when a law is broken, when the canary sings or when a suite stays below
// its least number of cases, 2 for a command line that makes no sense.
import { openDesk } from "./corpus.ts";
import { Misuse } from "./flags.ts";
import { parseOptions, USAGE } from "./options.ts";
import { runSession } from "./session.ts";
import { openSuites } from "./suites.ts";

const STATUS_MISUSE = 2;

async function main(): Promise<number> {
  try {
    const options = parseOptions(process.argv.slice(2));
    return await runSession(await openSuites(), options, openDesk("npm run fuzz --"));
  } catch (error) {
    if (!(error instanceof Misuse)) throw error;
    console.error(`fuzz: ${error.message}\n${USAGE}`);
    return STATUS_MISUSE;
  }
}

process.exitCode = await main();
