// Runs in a namespace: whoever listens there, until it is ended; or somebody who says a text to a
// listener, as nc does, and leaves.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { ListenerSpec } from "../../../bindings/lab/spec/network.ts";

const ANSWER_MS = 2000;

const [role = "", ...words] = process.argv.slice(2);

if (role === "listen") await listen(JSON.parse(words[0] ?? "[]"));
else if (role === "tcp") await sayByTcp(words);
else if (role === "udp") await sayByUdp(words);
else throw new RangeError(`no role "${role}"`);

async function listen(specs: readonly ListenerSpec[]): Promise<void> {
  for (const { protocol, port, does } of specs) {
    if (protocol === "tcp") {
      const server = createServer((socket) => {
        if (does === "echo") socket.pipe(socket);
        else socket.resume();
      });
      await once(server.listen(port), "listening");
    } else {
      const socket = createSocket("udp4", (data, from) => {
        if (does === "echo") socket.send(data, from.port, from.address);
      });
      socket.bind(port);
      await once(socket, "listening");
    }
  }
  process.stdout.write("listening\n");
}

async function sayByTcp([to = "", port = "", text = ""]: readonly string[]): Promise<void> {
  const socket = connect(Number(port), to);
  socket.resume();
  socket.end(`${text}\n`);
  await once(socket, "close");
}

async function sayByUdp([to = "", port = "", text = ""]: readonly string[]): Promise<void> {
  const socket = createSocket("udp4");
  socket.send(`${text}\n`, Number(port), to);
  await once(socket, "message", { signal: AbortSignal.timeout(ANSWER_MS) });
  socket.close();
}
