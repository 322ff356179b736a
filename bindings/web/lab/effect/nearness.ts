// What the pointer is over is lined wherever it shows: a byte, its field, its row, its word. It is
// no part of the state, so nothing is rendered for it.
const NEAR = "data-near";

/** Lines what belongs to what the pointer is over, below `root`. */
export function watchPointer(root: HTMLElement): void {
  root.addEventListener("pointerover", ({ target }) => line(root, pathsOf(target)));
  root.addEventListener("pointerleave", () => line(root, []));
}

function pathsOf(target: EventTarget | null): string[] {
  const owner = target instanceof Element ? target.closest<HTMLElement>("[data-path]") : null;
  return (owner?.dataset.path ?? "").split(" ").filter((path) => path !== "");
}

function line(root: HTMLElement, paths: readonly string[]): void {
  for (const element of root.querySelectorAll(`[${NEAR}]`)) element.removeAttribute(NEAR);
  for (const path of paths) {
    const found = root.querySelectorAll(`[data-path~="${CSS.escape(path)}"]`);
    for (const element of found) element.setAttribute(NEAR, "");
  }
}
