import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { signalAll, withDescendants } from "./process-tree.ts";

export type ProductProcess = {
  pid: number;
  consoleUrl: string;
  apiUrl: string;
  /** What it and its parts said so far. */
  words: () => string;
  /** How it ended; null while it runs. */
  ended: Promise<NodeJS.Signals | number | null>;
  /** Process numbers of a part, told by its command line. */
  find: (text: string) => Promise<number[]>;
  databaseUrl: () => Promise<string>;
  signal: (signal: NodeJS.Signals) => void;
  /** Ends it in order; at once after a while. */
  stop: () => Promise<void>;
};

export type ProductStart = {
  dataDir: string;
  port: number;
  enginePort: number;
  env?: Record<string, string>;
  /** A program with its arguments that becomes the start command. */
  within?: readonly string[];
  /** The start command as one file; left out, its source, as users start it. */
  program?: string;
};

const main = join(import.meta.dirname, "..", "..", "engine", "start", "main.ts");
const stopTimeoutMs = 60_000;

/** `npm start`, as a process of its own; not ready yet. */
export function beginProduct({
  dataDir,
  port,
  enginePort,
  env,
  within = [],
  program,
}: ProductStart): ProductProcess {
  const command = program === undefined ? ["--import", "tsx", main] : [program];
  const [first = process.execPath, ...args] = [...within, process.execPath, ...command];
  const child: ChildProcess = spawn(first, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      NODE_ENV: "production",
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      DATA_DIR: dataDir,
      PORT: String(port),
      ENGINE_PORT: String(enginePort),
      ALLOW_TARGETS: "127.0.0.0/8",
      ALLOW_HTTP_TARGETS: "true",
      REDELIVERY_SCHEDULE: "1s, 1s, 1s, 1s, 1s, 1s",
      ...env,
    },
  });
  let words = "";
  for (const output of [child.stdout, child.stderr]) {
    output?.on("data", (chunk: Buffer) => {
      words += chunk.toString();
    });
  }
  const ended = new Promise<NodeJS.Signals | number | null>((settle) =>
    child.once("exit", (code, signal) => settle(signal ?? code)),
  );
  const pid = child.pid ?? 0;
  return {
    pid,
    consoleUrl: `http://127.0.0.1:${port}`,
    apiUrl: `http://127.0.0.1:${enginePort}`,
    words: () => words,
    ended,
    find: async (text) => {
      const all = await withDescendants(pid);
      const commands = await Promise.all(
        all.map((one) => readFile(`/proc/${one}/cmdline`, "utf8").catch(() => "")),
      );
      return all.filter((_, at) => commands[at]?.replaceAll("\0", " ").includes(text));
    },
    databaseUrl: async () =>
      JSON.parse(await readFile(join(dataDir, "runtime.json"), "utf8")).databaseUrl,
    signal: (signal) => {
      child.kill(signal);
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const all = await withDescendants(pid);
      signalAll(all, "SIGCONT");
      child.kill("SIGTERM");
      const late = setTimeout(() => signalAll(all, "SIGKILL"), stopTimeoutMs);
      await ended;
      clearTimeout(late);
    },
  };
}
