// Command lines of the programs beside the product: flags by name, and what makes no sense.
import { type ParseArgsConfig, parseArgs } from "node:util";

type Options = NonNullable<ParseArgsConfig["options"]>;
type Values<Given extends Options> = ReturnType<
  typeof parseArgs<{ args: string[]; options: Given }>
>["values"];

/** A command line that makes no sense. */
export class Misuse extends Error {}

/** The values of `options`, in the form of Node's parseArgs, in `args`. Throws Misuse. */
export function flagsOf<const Given extends Options>(
  args: readonly string[],
  options: Given,
): Values<Given> {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    if (error instanceof TypeError) throw new Misuse(error.message);
    throw error;
  }
}
