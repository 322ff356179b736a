// What a tool says when it does not do what it was told: its own words, as people know them from
// their terminals and find them by a search.

/** A command that its tool, or the kernel behind it, refuses. The message is what is printed. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly exitCode: number;

  constructor(words: string, exitCode: number) {
    super(words);
    this.exitCode = exitCode;
  }
}

/** iproute2 had to end before it understood. */
export function incomplete(): Refusal {
  return new Refusal('Command line is not complete. Try option "help"', 255);
}

/** A word that could only be `name`, which was there already. */
export function garbage(name: string, word: string): Refusal {
  return new Refusal(`Error: either "${name}" is duplicate, or "${word}" is a garbage.`, 255);
}

/** A word that cannot be what its place asks for. */
export function wrong(word: string, why: string): Refusal {
  return new Refusal(`Error: argument "${word}" is wrong: ${why}`, 255);
}

export function noDevice(name: string): Refusal {
  return new Refusal(`Cannot find device "${name}"`, 1);
}

/** The kernel's words where it sends some. */
export function kernelSays(words: string): Refusal {
  return new Refusal(`Error: ${words}.`, 2);
}

/** The kernel's number where it sends no words: "File exists". */
export function kernelAnswers(words: string): Refusal {
  return new Refusal(`RTNETLINK answers: ${words}`, 2);
}

/** True on a real machine, and beyond what the lab is for. */
export function notInLab(what: string): Refusal {
  return new Refusal(`heddle lab: ${what} is not part of the lab.`, 255);
}
