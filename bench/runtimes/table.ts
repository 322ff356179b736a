// What runtimes take, a column for each: nanoseconds, and the speed over that of the first one.
import type { Machine } from "../machine.ts";
import type { Result } from "../peers/rounds.ts";

export function runtimesHead({ rivals }: Result, { runtime }: Machine): string[] {
  const [own = ""] = runtime.split(",");
  return ["item", own, ...rivals.map(({ name }) => name)];
}

export function runtimesRow({ name, heddle, rivals }: Result): string[] {
  return [
    name,
    `${heddle.median.toFixed(1)} [${heddle.min.toFixed(1)}..${heddle.max.toFixed(1)}]`,
    // A ratio above 1 says there that the first one is faster.
    ...rivals.map(({ sample, ratio }) => {
      const [speed, least, most] = [ratio.median, ratio.max, ratio.min].map((of) => 1 / of);
      const spread = `[${least?.toFixed(2)}..${most?.toFixed(2)}]`;
      return `${sample.median.toFixed(1)}, ${speed?.toFixed(2)} ${spread}`;
    }),
  ];
}
