// Each fault many times in a row, and a table of what came of it:
//
//   HEDDLE_FAULT_ROUNDS=10 npm run faults -- [PART OF A NAME]
//
// HEDDLE_LONG=1 keeps etcd away for minutes, where it is seconds else.
import { FAULTS, type Fault } from "./faults.ts";
import { World } from "./world.ts";

const ROUNDS_DEFAULT = 10;

interface Row {
  readonly name: string;
  readonly passed: number;
  readonly rounds: number;
  readonly longestS: number;
}

async function inARow({ name, run }: Fault, rounds: number): Promise<Row> {
  let [passed, longestS] = [0, 0];
  let world = await World.open("rounds");
  try {
    for (let round = 0; round < rounds; round++) {
      try {
        await world.settle();
        const began = performance.now();
        await run(world);
        longestS = Math.max(longestS, (performance.now() - began) / 1000);
        passed++;
      } catch (error) {
        console.log(`${name}, round ${round + 1}: ${error instanceof Error ? error.stack : error}`);
        await world.close();
        world = await World.open("rounds");
      }
    }
  } finally {
    await world.close();
  }
  return { name, passed, rounds, longestS };
}

const rounds = Number(process.env.HEDDLE_FAULT_ROUNDS ?? ROUNDS_DEFAULT);
const part = process.argv[2] ?? "";
const rows: Row[] = [];
for (const fault of FAULTS.filter(({ name }) => name.includes(part))) {
  const row = await inARow(fault, rounds);
  rows.push(row);
  console.log(`${row.passed}/${row.rounds}  ${row.longestS.toFixed(1)} s  ${row.name}`);
}
console.log("\npassed  longest  fault");
for (const { name, passed, rounds, longestS } of rows) {
  const longest = `${longestS.toFixed(1)} s`;
  console.log(`${`${passed}/${rounds}`.padEnd(8)}${longest.padEnd(9)}${name}`);
}
process.exit(rows.every(({ passed, rounds }) => passed === rounds) ? 0 : 1);
