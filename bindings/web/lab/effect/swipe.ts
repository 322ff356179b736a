// A finger drawn across the drawing or the hops moves the packet: to the left, on.
const SWIPED = "hl-stage, hl-map, hl-hops ol:not(.scrolling)";
const FAR = 40;
/** How much wider than high. */
const FLAT = 2;

/** `step` hears by how many hops. */
export function watchSwipe(root: HTMLElement, step: (by: number) => void): void {
  let from: PointerEvent | null = null;
  root.addEventListener("pointerdown", (event) => {
    const isSwiped = event.target instanceof Element && event.target.closest(SWIPED) !== null;
    from = event.pointerType === "touch" && event.isPrimary && isSwiped ? event : null;
  });
  root.addEventListener("pointercancel", () => {
    from = null;
  });
  root.addEventListener("pointerup", (event) => {
    if (from === null || event.pointerId !== from.pointerId) return;
    const [x, y] = [event.clientX - from.clientX, event.clientY - from.clientY];
    from = null;
    if (Math.abs(x) >= FAR && Math.abs(x) > FLAT * Math.abs(y)) step(x < 0 ? 1 : -1);
  });
}
