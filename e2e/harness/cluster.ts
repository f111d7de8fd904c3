import { chmod, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePort } from "#e2e/servers/free-port.ts";
import { type EmbeddedDatabase, startEmbeddedDatabase } from "#prisma/embedded-database.ts";
import { signalAll, withDescendants } from "./process-tree.ts";

/** A PostgreSQL as an installation has it, durable, that can be hurt. It always comes back at the same address. */
export type Cluster = {
  url: string;
  /** Fast shutdown. */
  stop: () => Promise<void>;
  /** SIGKILL to its first process, as the kernel does when memory runs out. */
  kill: () => Promise<void>;
  /** SIGKILL to all its processes at once: none has a moment to write anything. */
  killAll: () => Promise<void>;
  /** Starts it again; what a killed one left behind may need a moment to go. */
  start: () => Promise<void>;
  /** SIGSTOP or SIGCONT to all its processes. */
  signal: (signal: NodeJS.Signals) => Promise<void>;
  /** Stops it and leaves nothing behind. */
  remove: () => Promise<void>;
};

export async function startCluster(
  options: { home?: string; settings?: readonly string[] } = {},
): Promise<Cluster> {
  const home = options.home ?? (await makeHome());
  const port = await freePort();
  const begin = (): Promise<EmbeddedDatabase> =>
    startEmbeddedDatabase({
      dataDir: join(home, "data"),
      shelterDir: join(home, "shelter"),
      accountName: "nobody",
      port,
      settings: ["shared_buffers=64MB", ...(options.settings ?? [])],
    });
  await mkdir(join(home, "data"), { recursive: true });
  await chmod(join(home, "data"), 0o711);
  let server = await begin();
  const pid = async (): Promise<number> => {
    const file = await readFile(join(home, "data/postgres/postmaster.pid"), "utf8");
    return Number.parseInt(file, 10);
  };
  return {
    url: server.url,
    stop: () => server.stop(),
    kill: async () => {
      process.kill(await pid(), "SIGKILL");
      await server.ended;
    },
    killAll: async () => {
      signalAll(await withDescendants(await pid()), "SIGKILL");
      await server.ended;
    },
    start: async () => {
      const deadline = performance.now() + 120_000;
      for (;;) {
        try {
          server = await begin();
          return;
        } catch (error) {
          if (performance.now() > deadline) throw error;
          await pause(200);
        }
      }
    },
    signal: async (signal) => signalAll(await withDescendants(await pid()), signal),
    remove: async () => {
      await server.stop();
      await rm(home, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

/** Outside the repository, where PostgreSQL's account can pass through. */
async function makeHome(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), "tocsin-cluster-"));
  await chmod(home, 0o711);
  return home;
}
