#!/usr/bin/env node
// `heddle-cni`: the program that a container runtime starts, once for each container that comes or
// goes. It finds programs by name in the folders of CNI_PATH, so there goes a link to this one,
// named as the `type` of the network's config:
//   ln -s "$(command -v heddle-cni)" /opt/cni/bin/flannel
// or, where the runtime's PATH has no node, two lines that say where it is:
//   #!/bin/sh
//   exec /usr/local/bin/node /usr/local/bin/heddle-cni
//
// It imports little, since the container waits for it.
import { runCni } from "./run.ts";

process.exitCode = await runCni();
