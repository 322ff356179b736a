// Hears of changes to a file by inotify. It is a help and no more: where there is none, or none is
// left, somebody looks from time to time.
import { type FSWatcher, watch } from "node:fs";
import { basename, dirname } from "node:path";

export class Notice {
  readonly #path: string;
  readonly #onChange: () => void;
  #watcher: FSWatcher | null = null;

  constructor(path: string, onChange: () => void) {
    this.#path = path;
    this.#onChange = onChange;
  }

  /** Listens, unless it does. It watches the folder, since the file is replaced at times. */
  listen(): void {
    if (this.#watcher !== null) return;
    const name = basename(this.#path);
    try {
      const watcher = watch(dirname(this.#path), { persistent: false }, (_, which) => {
        if (which === null || which === name) this.#onChange();
      });
      watcher.on("error", () => this.close());
      this.#watcher = watcher;
    } catch {
      this.#watcher = null;
    }
  }

  close(): void {
    this.#watcher?.close();
    this.#watcher = null;
  }
}
