// `heddle fuzz`: the suites of fuzz/, which a package carries too.

export interface FuzzCommand {
  readonly seconds: number;
  readonly seed?: number;
  readonly suite?: string;
  readonly path?: number;
  readonly list: boolean;
}

const STATUS_MISUSE = 2;

/** Returns the exit status: 0 when every law held, 1 when not, 2 for what makes no sense. */
export async function fuzzCommand({ path, ...command }: FuzzCommand): Promise<number> {
  try {
    await import("fast-check");
  } catch {
    process.stderr.write("heddle fuzz: fast-check is missing: npm install fast-check@4\n");
    return 1;
  }
  const { Misuse } = await import("../../fuzz/flags.ts");
  const { expectWhole } = await import("../../fuzz/options.ts");
  const { openDesk } = await import("../../fuzz/corpus.ts");
  const { runSession } = await import("../../fuzz/session.ts");
  const { openSuites } = await import("../../fuzz/suites.ts");
  const options = { ...command, ...(path === undefined ? {} : { path: String(path) }) };
  try {
    expectWhole(options);
    return await runSession(await openSuites(), options, openDesk("heddle fuzz"));
  } catch (error) {
    if (!(error instanceof Misuse)) throw error;
    process.stderr.write(`heddle fuzz: ${error.message}\n`);
    return STATUS_MISUSE;
  }
}
