// An echo over UDP and TCP, for containers.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, connect as open } from "node:net";

const ANSWER_MS = 20_000;

/** Answers what comes to `port` with the same. */
export async function serve(port: number): Promise<void> {
  const udp = createSocket("udp4");
  udp.on("message", (message, { address, port: from }) => udp.send(message, from, address));
  udp.bind(port);
  await once(udp, "listening");
  const tcp = createServer((socket) => {
    socket.on("error", () => {});
    socket.pipe(socket);
  });
  tcp.listen(port, "0.0.0.0");
  await once(tcp, "listening");
}

/** What comes back over UDP; lost datagrams are an error. */
export async function askUdp(address: string, port: number, text: string): Promise<string> {
  const socket = createSocket("udp4");
  try {
    socket.send(text, port, address);
    const signal = AbortSignal.timeout(ANSWER_MS);
    const [message] = await once(socket, "message", { signal });
    return String(message);
  } finally {
    socket.close();
  }
}

/** Sends `len` bytes over TCP and counts what comes back; the error's code where it fails. */
export async function askTcp(address: string, port: number, len: number): Promise<number | string> {
  const socket = open({ host: address, port });
  socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error("no answer")));
  let received = 0;
  socket.on("data", (chunk) => {
    received += chunk.length;
    if (received === len) socket.end();
  });
  try {
    await once(socket, "connect");
    socket.write(Buffer.alloc(len, 0x5a));
    await once(socket, "close");
    return received;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  } finally {
    socket.destroy();
  }
}

/** Sends a datagram that nobody is to answer. */
export async function sendUdp(address: string, port: number): Promise<void> {
  const socket = createSocket("udp4");
  await new Promise((resolve) => socket.send("x", port, address, resolve));
  socket.close();
}
