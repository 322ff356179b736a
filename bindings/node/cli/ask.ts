// `heddle status` and its kin: what a running agent says of itself.
import type { Command } from "commander";
import type { DropsDocument, StatusDocument, SubnetDocument } from "../agent/answers.ts";
import { AskError, ask } from "../agent/control-client.ts";
import { SOCKET_FLAG, STORE_FLAGS } from "../agent/flags.ts";
import type { HeldNeighbor, HeldRoute, HeldStation } from "../agent/held.ts";
import { socketOf } from "../agent/settings.ts";
import { addFlags } from "./flags.ts";
import { tableOf } from "./table.ts";

interface AskCommand {
  readonly socket: string;
  readonly etcdPrefix: string;
  readonly json: boolean;
}

interface Question {
  readonly name: string;
  readonly description: string;
  print(answer: unknown): string;
}

const QUESTIONS: readonly Question[] = [
  {
    name: "status",
    description: "how the agent of this host is",
    print: (answer) => statusText(answer as StatusDocument),
  },
  {
    name: "subnets",
    description: "the nodes of the network, and whether there is a way to them",
    print: (answer) => subnetsText(answer as SubnetDocument[]),
  },
  {
    name: "routes",
    description: "the overlay's routes, the kernel's and the core's",
    print: (answer) => routesText(answer as HeldRoute[]),
  },
  {
    name: "fdb",
    description: "behind which host each tunnel's MAC is",
    print: (answer) =>
      tableOf(
        ["MAC", "HOST", "KIND"],
        (answer as HeldStation[]).map(({ mac, host, isPermanent }) => {
          return [mac, host ?? "-", isPermanent ? "permanent" : "learned"];
        }),
      ),
  },
  {
    name: "neighbors",
    description: "the neighbors behind the tunnel's device",
    print: (answer) =>
      tableOf(
        ["ADDRESS", "MAC", "DEVICE"],
        (answer as HeldNeighbor[]).map(({ address, mac, dev }) => [address, mac ?? "-", dev]),
      ),
  },
  {
    name: "drops",
    description: "packets moved, dropped and lost, and why",
    print: (answer) => dropsText(answer as DropsDocument),
  },
];

export function addQuestions(program: Command): void {
  for (const question of QUESTIONS) {
    const command = program
      .command(question.name)
      .description(question.description)
      .option("--json", "print one JSON document and nothing else", false);
    addSocketFlags(command).action(async (options: AskCommand) => {
      process.exitCode = await answerTo(question, options);
    });
  }
}

/** Which agent is asked. */
export function addSocketFlags(command: Command): Command {
  const prefix = STORE_FLAGS.filter(({ name }) => name === "etcd-prefix");
  return addFlags(command, [...prefix, SOCKET_FLAG], process.env);
}

async function answerTo(question: Question, options: AskCommand): Promise<number> {
  try {
    const socket = options.socket || socketOf(options.etcdPrefix);
    const answer = await ask(socket, `/${question.name}`);
    const text = options.json ? `${JSON.stringify(answer, null, 2)}\n` : question.print(answer);
    process.stdout.write(text);
    return 0;
  } catch (error) {
    if (!(error instanceof AskError)) throw error;
    process.stderr.write(`heddle ${question.name}: ${error.message}\n`);
    return 1;
  }
}

function statusText(status: StatusDocument): string {
  const { device, lease, network, peers } = status;
  const ready = status.isReady ? "ready" : "not ready";
  const rows: [string, string][] = [
    ["agent", `${status.phase}, ${ready}, pid ${status.pid}, up ${status.upS} s`],
    ["store", `${status.store} ${status.prefix}`],
    [
      "network",
      network ? `${network.name}, ${network.backend}, by ${network.external}` : "none yet",
    ],
    ["lease", lease ? `${lease.subnet}, ${expiryText(lease.expiresInS)}` : "none yet"],
    ["datapath", status.datapath],
    ["device", device ? `${device.name}, MTU ${device.mtu}, ${device.mac ?? "no MAC"}` : "none"],
    [
      "peers",
      Object.entries(peers)
        .map(([state, count]) => `${count} ${state}`)
        .join(", "),
    ],
    ["encrypted", "no"],
  ];
  return rows.map(([name, text]) => `${name.padEnd(10)}${text}\n`).join("");
}

function expiryText(expiresInS: number | null): string {
  return expiresInS === null ? "reserved, without an end" : `ends in ${expiresInS} s`;
}

function subnetsText(subnets: readonly SubnetDocument[]): string {
  const rows = subnets.map(({ subnet, publicIp, backend, state, reason }) => {
    return [subnet, publicIp, backend || "-", reason === "" ? state : `${state}: ${reason}`];
  });
  return tableOf(["SUBNET", "HOST", "BACKEND", "STATE"], rows);
}

function routesText(routes: readonly HeldRoute[]): string {
  const rows = routes.map(({ dst, via, dev, table, type }) => {
    return [dst, via ?? "-", dev ?? "-", type === "unicast" ? table : `${table} ${type}`];
  });
  return tableOf(["SUBNET", "VIA", "DEVICE", "TABLE"], rows);
}

function dropsText(drops: DropsDocument): string {
  if (!drops) return "the kernel moves the packets, and counts them: ip -s link\n";
  const flows = (["deviceIn", "deviceOut", "tunnelIn", "tunnelOut"] as const).map((name) => {
    return [name, `${drops[name].packets}`, `${drops[name].bytes} bytes`];
  });
  const counts = [drops.drops, drops.errors, drops.events].flatMap((named, at) =>
    Object.entries(named).map(([name, count]) => {
      return [name, `${count}`, ["dropped", "lost", "noticed"][at] ?? ""];
    }),
  );
  return tableOf(["WHAT", "PACKETS", ""], [...flows, ...counts]);
}
