import type { TcpAction } from "../../scenario.ts";
import {
  printBroken,
  printConnected,
  printNcCommand,
  printNoConnection,
  printUnknownName,
} from "../nc.ts";
import type { Userland } from "../userland.ts";
import { Connection } from "./connection.ts";

/** Connects, says its text, and prints what comes until the other end closes. */
export function startTcp(userland: Userland, action: TcpAction): void {
  const { stack } = userland;
  const { flavour } = stack;
  let heard = "";
  const end = (text: string, exitCode: number): void =>
    stack.print(printNcCommand(flavour, action), text, exitCode);
  const remoteAddress = userland.resolve(action.to);
  if (remoteAddress === null) {
    end(printUnknownName(flavour, action), 1);
    return;
  }
  const address = stack.sourceFor(remoteAddress);
  if (address === null) {
    end(printNoConnection(flavour, action, remoteAddress, "net-unreachable"), 1);
    return;
  }
  let isOpen = false;
  const port = action.sourcePort ?? userland.drawPort();
  const ends = { address, port, remoteAddress, remotePort: action.port };
  const decoder = new TextDecoder();
  const connection = new Connection(userland, "nc", ends, {
    opened: () => {
      isOpen = true;
      heard += printConnected(flavour, action);
      connection.write(new TextEncoder().encode(`${action.text}\n`));
      connection.close();
    },
    received: (data) => {
      heard += decoder.decode(data, { stream: true });
    },
    finished: () => {},
    ended: (why) => {
      if (why === null) end(heard, 0);
      else if (isOpen) end(heard + printBroken(why), 1);
      else end(printNoConnection(flavour, action, remoteAddress, why), 1);
    },
  });
  connection.open();
}
