import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { testEncryptionKey } from "#testing/factories.ts";
import { freePort } from "./free-port.ts";
import { engineProgram } from "./programs.ts";

export type EngineProcess = {
  pid: number;
  apiUrl: string;
  /** What it wrote to its log so far, one JSON object a line. */
  log: () => string;
  signal: (signal: NodeJS.Signals) => void;
  /** SIGKILL, and gone when it resolves. */
  kill: () => Promise<void>;
  /** That it ends by itself is no surprise from now on. */
  expectEnd: () => void;
  /** What ended it, once it has ended. */
  ended: Promise<NodeJS.Signals | number | null>;
};

/**
 * A real engine process over a test's database, ready when it resolves. `env` overrides its environment; `within` is a
 * program with its arguments that becomes the engine, such as one that gives it a view of its own on the machine.
 */
export async function startEngineProcess(options: {
  databaseUrl: string;
  role: "api" | "worker" | "all";
  env?: Record<string, string>;
  within?: readonly string[];
}): Promise<EngineProcess> {
  const port = await freePort();
  const command = [process.execPath, await engineProgram(), "--role", options.role];
  const [program = process.execPath, ...args] = [...(options.within ?? []), ...command];
  const child = spawn(program, args, {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    env: {
      NODE_ENV: "production",
      PATH: "/usr/bin:/bin",
      DATABASE_URL: options.databaseUrl,
      AUTH_SECRET: randomBytes(32).toString("hex"),
      ENCRYPTION_KEY: testEncryptionKey.toString("hex"),
      ENGINE_PORT: String(port),
      ALLOW_TARGETS: "127.0.0.0/8",
      ALLOW_HTTP_TARGETS: "true",
      REDELIVERY_SCHEDULE: "200ms, 200ms, 200ms, 200ms, 200ms, 200ms",
      LOG_LEVEL: "info",
      ...options.env,
    },
  });
  let log = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    log += chunk.toString();
  });
  // Before it is ready the start itself fails with these words.
  let isExpected = true;
  const ended = new Promise<NodeJS.Signals | number | null>((settle) => {
    child.once("exit", (code, signal) => {
      // A test then sees refused connections only: these are the words that say why.
      if (!isExpected)
        console.error(`the engine stopped unexpectedly (${signal ?? code}):\n${log}`);
      settle(signal ?? code);
    });
  });
  await Promise.race([
    new Promise<void>((settle) => child.once("message", () => settle())),
    ended.then((how) => {
      throw new Error(`the engine stopped while starting (${how}):\n${log}`);
    }),
  ]);
  isExpected = false;
  return {
    pid: pidOf(child),
    apiUrl: `http://127.0.0.1:${port}`,
    log: () => log,
    signal: (signal) => {
      isExpected = true;
      child.kill(signal);
    },
    kill: async () => {
      isExpected = true;
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
      await ended;
    },
    expectEnd: () => {
      isExpected = true;
    },
    ended,
  };
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error("the engine was not started");
  return child.pid;
}
