// What `etcdctl del` and `etcdctl put` do, for machines that have etcd and no etcdctl: a program of
// that name in a folder of its own, which speaks to etcd's JSON gateway.
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const PROGRAM = `#!${process.execPath}
const words = process.argv.slice(2);
const endpoints = words.find((word) => word.startsWith("--endpoints=")).slice(12).split(",");
const [verb, ...operands] = words.filter((word) => !word.startsWith("--"));
const [key, value] = operands.map((word) => Buffer.from(word).toString("base64"));
const [path, body] = verb === "del" ? ["deleterange", { key }] : ["put", { key, value }];
const request = { method: "POST", body: JSON.stringify(body) };
fetch(endpoints[0] + "/v3/kv/" + path, request).then((response) => {
  process.exitCode = response.ok ? 0 : 1;
});
`;

/** The PATH with an etcdctl in it: the machine's own, where it has one. */
export function pathWithEtcdctl(folder: string): string {
  const path = process.env.PATH ?? "";
  if (spawnSync("etcdctl", ["version"]).status === 0) return path;
  const bin = join(folder, "bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "etcdctl"), PROGRAM);
  chmodSync(join(bin, "etcdctl"), 0o755);
  return `${bin}:${path}`;
}
