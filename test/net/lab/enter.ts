// Sockets of other namespaces in this process: a socket belongs to the namespace where its thread
// stood when it was made, and stays there. Nothing may wait meanwhile, or somebody else's socket
// would come from there as well.
import koffi from "koffi";
import { libc, must } from "../../../bindings/node/libc.ts";

const setns = koffi.load(null).func("int setns(int fd, int kind)");
const CLONE_NEWNET = 0x40000000;

/** Calls `act` with this thread in a namespace, and comes back; what it begins may end later. */
export function within<T>(namespace: string, act: () => T): T {
  const home = openNet("/proc/thread-self/ns/net");
  const away = openNet(`/run/netns/${namespace}`);
  try {
    must(setns(away, CLONE_NEWNET), `setns ${namespace}`);
    return act();
  } finally {
    must(setns(home, CLONE_NEWNET), "setns home");
    libc.close(away);
    libc.close(home);
  }
}

function openNet(path: string): number {
  return must(libc.open(path, 0), `open ${path}`);
}
