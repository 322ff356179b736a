// The core has no heap. Each hook below is compiled only if some code asks for it, and then it
// is a compile error. Look for a `new`, an array literal or a string being built.

// @ts-ignore: decorator
@global @unsafe
export function __new(size: usize, id: u32): usize {
  ERROR("the core has no heap");
  return 0;
}

// @ts-ignore: decorator
@global @unsafe
export function __renew(ptr: usize, size: usize): usize {
  ERROR("the core has no heap");
  return 0;
}

// @ts-ignore: decorator
@global @unsafe
export function __link(from: usize, to: usize, many: bool): void {
  ERROR("the core has no heap");
}

// @ts-ignore: decorator
@global @unsafe
export function __alloc(size: usize): usize {
  ERROR("the core has no heap");
  return 0;
}
