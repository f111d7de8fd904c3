import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { freePort } from "#e2e/servers/free-port.ts";
import { testEncryptionKey } from "#testing/factories.ts";
import { type Build, thisBuild } from "./build.ts";

export type BenchEngine = { apiUrl: string; stop: () => Promise<void> };

/** The engine's two parts as processes of their own over the database at `url`, as the product runs them. */
export async function startEngine(url: string): Promise<BenchEngine> {
  const enginePort = await freePort();
  const parts = await Promise.all(
    (["api", "worker"] as const).map((role) => startPart({ url, role, enginePort })),
  );
  return {
    apiUrl: `http://127.0.0.1:${enginePort}`,
    stop: async () => {
      await Promise.all(parts.map((part) => part.stop()));
    },
  };
}

export type EnginePart = { pid: number; stop: () => Promise<void> };

/** One part of the engine, of the build that is asked for. */
export async function startPart(options: {
  url: string;
  role: "api" | "worker";
  enginePort: number;
  build?: Build;
  /** Further settings. */
  env?: Readonly<Record<string, string>>;
}): Promise<EnginePart> {
  const { role, build = thisBuild } = options;
  const main = join(build.root, "engine", "main.ts");
  const child = spawn(process.execPath, ["--import", "tsx", main, "--role", role], {
    cwd: build.root,
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    env: { ...engineEnv(options.url, options.enginePort), ...options.env },
  });
  await new Promise<void>((settle, refuse) => {
    child.once("message", () => settle());
    child.once("exit", (code, signal) => refuse(new Error(`the ${role} ended: ${code ?? signal}`)));
  });
  if (child.pid === undefined) throw new Error(`the ${role} has no process`);
  return { pid: child.pid, stop: () => end(child) };
}

/** The environment of the engine and of its command-line tools. */
export function engineEnv(url: string, enginePort: number): NodeJS.ProcessEnv {
  return {
    ...process.env,
    DATABASE_URL: url,
    AUTH_SECRET: randomBytes(32).toString("hex"),
    ENCRYPTION_KEY: testEncryptionKey.toString("hex"),
    ENGINE_PORT: String(enginePort),
    ALLOW_TARGETS: "127.0.0.0/8",
    ALLOW_HTTP_TARGETS: "true",
    LOG_LEVEL: "error",
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((settle) => child.once("exit", settle));
  child.kill("SIGTERM");
  await ended;
}
