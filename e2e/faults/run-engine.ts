import { spawn } from "node:child_process";
import { engineProgram } from "#e2e/servers/programs.ts";

/** One that starts, though it should not, is ended after this; a busy machine takes long to come to a refusal. */
const patienceMs = 120_000;

/** Of an engine that would start, were there a database. */
const complete = {
  NODE_ENV: "production",
  PATH: "/usr/bin:/bin",
  DATABASE_URL: "postgresql://tocsin@127.0.0.1:9/tocsin",
  AUTH_SECRET: "0".repeat(64),
  ENCRYPTION_KEY: "07".repeat(32),
} as const;

/** Starts an engine with these settings, and says how it ended ("running" when it did not) and what it said. */
export async function runEngine(
  env: Record<string, string>,
): Promise<{ ended: number | string; words: string }> {
  const child = spawn(process.execPath, [await engineProgram(), "--role", "worker"], {
    env: { ...complete, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let words = "";
  const listen = (chunk: Buffer): void => {
    words += chunk.toString();
  };
  child.stdout.on("data", listen);
  child.stderr.on("data", listen);
  let isLate = false;
  const late = setTimeout(() => {
    isLate = true;
    child.kill("SIGKILL");
  }, patienceMs);
  const ended = await new Promise<number | string>((settle) =>
    child.once("exit", (code, signal) => settle(signal ?? code ?? "")),
  );
  clearTimeout(late);
  return { ended: isLate ? "running" : ended, words };
}
