// `etcdctl` of both ages: directories with etcd's v2, flat keys with v3.
import type { StoreSpec } from "../spec/network.ts";
import type { NamespaceView } from "./view.ts";

type Entry = StoreSpec["entries"][number];

/** `etcdctl ls DIRECTORY`: what is directly below. */
export function etcdctlLs(view: NamespaceView, directory = "/"): string {
  const prefix = directory.endsWith("/") ? directory : `${directory}/`;
  const below = entriesOf(view).filter(({ key }) => key.startsWith(prefix));
  if (below.length === 0) return notFound(directory);
  const names = below.map(({ key }) => prefix + (key.slice(prefix.length).split("/")[0] ?? ""));
  return [...new Set(names)].map((name) => `${name}\n`).join("");
}

/** `etcdctl get KEY`: v2 prints the value, v3 key and value; with `--prefix`, of all below. */
export function etcdctlGet(view: NamespaceView, key: string, isPrefix = false): string {
  const found = entriesOf(view).filter((entry) => {
    return isPrefix ? entry.key.startsWith(key) : entry.key === key;
  });
  if (view.world.store?.api === "v3") {
    return found.map((entry) => `${entry.key}\n${entry.value}\n`).join("");
  }
  return found[0] === undefined ? notFound(key) : `${found[0].value}\n`;
}

function entriesOf({ world }: NamespaceView): readonly Entry[] {
  return world.store?.entries ?? [];
}

function notFound(key: string): string {
  return `Error:  100: Key not found (${key})\n`;
}
