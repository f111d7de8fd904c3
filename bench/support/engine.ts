import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { testEncryptionKey } from "#prisma/factories.ts";

export type BenchEngine = { apiUrl: string; stop: () => Promise<void> };

/** The engine's two parts as processes of their own over the database at `url`, as the product runs them. */
export async function startEngine(url: string): Promise<BenchEngine> {
  const probe = createServer();
  await new Promise<void>((settle) => probe.listen(0, "127.0.0.1", settle));
  const { port } = probe.address() as AddressInfo;
  await new Promise((settle) => probe.close(settle));
  const parts = await Promise.all([begin("api"), begin("worker")]);
  return {
    apiUrl: `http://127.0.0.1:${port}`,
    stop: async () => {
      await Promise.all(parts.map(end));
    },
  };

  async function begin(role: string): Promise<ChildProcess> {
    const main = join(import.meta.dirname, "..", "..", "engine", "main.ts");
    const child = spawn(process.execPath, ["--import", "tsx", main, "--role", role], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      env: {
        ...process.env,
        DATABASE_URL: url,
        AUTH_SECRET: randomBytes(32).toString("hex"),
        ENCRYPTION_KEY: testEncryptionKey.toString("hex"),
        ENGINE_PORT: String(port),
        ALLOW_TARGETS: "127.0.0.0/8",
        ALLOW_HTTP_TARGETS: "true",
        LOG_LEVEL: "error",
      },
    });
    await new Promise<void>((settle, refuse) => {
      child.once("message", () => settle());
      child.once("exit", (code, signal) =>
        refuse(new Error(`the ${role} ended: ${code ?? signal}`)),
      );
    });
    return child;
  }
}

async function end(child: ChildProcess): Promise<void> {
  const ended = new Promise((settle) => child.once("exit", settle));
  child.kill("SIGTERM");
  await ended;
}
