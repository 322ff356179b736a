// Where the core keeps what C reads of a node, from the node's address: assembly/base/node.ts.

/** The header of a table, which begins with the address of what it holds. */
export const tableAt = { FDB: 384, REMOTE: 640, PORT: 768, DOMAIN: 896 } as const;

/** The map of addresses behind the header of the remotes. */
export const REMOTE_MAP_AT: number = tableAt.REMOTE + 64;

/** The identification of the latest outer header. */
export const ipIdAt = 60;
