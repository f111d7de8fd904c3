import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { freePort } from "#e2e/servers/free-port.ts";

const run = promisify(execFile);
const peersDir = join(import.meta.dirname, "..", "..", ".data", "bench-peers");
const versions = {
  bullmq: "6.7.0",
  ioredis: "5.11.1",
  "pg-boss": "10.4.2",
  "graphile-worker": "0.17.3",
  lighthouse: "13.5.0",
};
type Peer = keyof typeof versions;

/**
 * Installs what a bench compares with or measures by where only the benches find it: it is no part of the product. Exact
 * versions, without their install scripts.
 */
export async function installPeers(names: readonly Peer[]): Promise<void> {
  await mkdir(peersDir, { recursive: true });
  await writeFile(
    join(peersDir, "package.json"),
    JSON.stringify({ private: true, type: "module" }),
  );
  if (names.every((name) => existsSync(join(peersDir, "node_modules", name)))) return;
  const wanted = names.map((name) => `${name}@${versions[name]}`);
  await run(
    "npm",
    ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--save-exact", ...wanted],
    { cwd: peersDir },
  );
}

/** Loads a peer from where installPeers put it. The caller names the shape that it uses of it. */
export async function loadPeer<T>(name: Peer): Promise<T> {
  const path = createRequire(join(peersDir, "package.json")).resolve(name);
  return (await import(pathToFileURL(path).href)) as T;
}

export type Redis = { port: number; stop: () => Promise<void> };

/** A Redis server with an append-only file flushed each second; undefined when the machine has none (Debian: redis-server). */
export async function startRedis(): Promise<Redis | undefined> {
  const program = (process.env.PATH ?? "")
    .split(delimiter)
    .map((folder) => join(folder, "redis-server"))
    .find((path) => existsSync(path));
  if (program === undefined) return undefined;
  const dir = await mkdtemp(join(peersDir, "redis-"));
  const port = await freePort();
  const child = spawn(program, [
    ...["--port", String(port), "--bind", "127.0.0.1", "--dir", dir],
    ...[
      "--appendonly",
      "yes",
      "--appendfsync",
      "everysec",
      "--save",
      "",
      "--maxmemory-policy",
      "noeviction",
    ],
  ]);
  await new Promise<void>((settle, refuse) => {
    child.stdout.on("data", (chunk: Buffer) => {
      if (chunk.toString().includes("Ready to accept connections")) settle();
    });
    child.once("exit", () => refuse(new Error("redis-server ended while starting")));
  });
  return {
    port,
    stop: async () => {
      const ended = new Promise((settle) => child.once("exit", settle));
      child.kill("SIGTERM");
      await ended;
      await rm(dir, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}
