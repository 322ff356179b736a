// A place is where packets for a station go: a port, and behind it a remote or NONE. In records and
// entries both stand side by side, port first, so that one u32 is port | remote << 16.
import { portAt, usePort } from "./port";
import { remoteAt, useRemote } from "./remote";
import { NONE } from "./rows";

/** True when the port and the remote, if there is one, are set. */
export function isPlace(node: usize, place: u32): bool {
  const remote = place >> 16;
  if (portAt(node, place & 0xffff) == 0) return false;
  return remote == NONE || remoteAt(node, remote) != 0;
}

/** Counts who names a place. Requires: isPlace. */
export function usePlace(node: usize, place: u32, delta: i32): void {
  usePort(node, place & 0xffff, delta);
  useRemote(node, place >> 16, delta);
}
