// What stands under keys, in the order of their UTF-8, which is that of their code points. Strings
// compare by UTF-16 units, and there surrogates come before U+E000 to U+FFFF.

export class KeyIndex<T> {
  readonly #values = new Map<string, T>();
  readonly #keys: string[] = [];

  get(key: string): T | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: T): void {
    if (!this.#values.has(key)) this.#keys.splice(this.#placeOf(key), 0, key);
    this.#values.set(key, value);
  }

  delete(key: string): void {
    if (this.#values.delete(key)) this.#keys.splice(this.#placeOf(key), 1);
  }

  /** All whose keys begin with `prefix`. */
  under(prefix: string): T[] {
    const found: T[] = [];
    for (let at = this.#placeOf(prefix); at < this.#keys.length; at++) {
      const key = this.#keys[at] as string;
      if (!key.startsWith(prefix)) break;
      found.push(this.#values.get(key) as T);
    }
    return found;
  }

  // Where the key is, or would be.
  #placeOf(key: string): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareKeys(this.#keys[middle] as string, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Below zero when `a` comes first. */
export function compareKeys(a: string, b: string): number {
  const len = Math.min(a.length, b.length);
  for (let at = 0; at < len; at++) {
    const difference = rankOf(a.charCodeAt(at)) - rankOf(b.charCodeAt(at));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

// Moves the surrogates behind all else.
function rankOf(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
