// The findings for people.
import type { Finding } from "../../agent/doctor/index.ts";

/** The JSON document of `heddle doctor --json`. */
export interface DoctorReport {
  /** Nothing is wrong; there may be risks. */
  readonly isWell: boolean;
  /** In the order in which they are to be mended. */
  readonly findings: readonly Finding[];
}

export function reportText({ findings }: DoctorReport): string {
  const lines = findings.flatMap(({ code, isWrong, message, commands }) => [
    `${isWrong ? "wrong" : "risk "}  ${code}: ${message}`,
    ...commands.map((command) => `       ${command}`),
  ]);
  const wrong = findings.filter(({ isWrong }) => isWrong).length;
  const risks = findings.length - wrong;
  const ending = `${wrong || "nothing"} wrong, ${risks || "no"} ${risks === 1 ? "risk" : "risks"}`;
  return [...lines, ending, ""].join("\n");
}
