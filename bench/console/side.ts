import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { encode } from "next-auth/jwt";
import type { Pool } from "pg";
import type { Build } from "#bench/support/build.ts";
import type { beginConsole } from "#engine/start/product.ts";
import type { rebuildErrorCounts } from "#lib/webhook-errors/rebuild-counts.ts";
import { testEncryptionKey } from "#testing/factories.ts";
import type { Filled } from "./data.ts";

/** A build's console in a process of its own, over a database that its own migrations brought up to date. */
export type Side = { build: Build; origin: string; pid: number; stop: () => Promise<void> };

const run = promisify(execFile);
const tsx = ["--import", "tsx"];
const authSecret = randomBytes(32).toString("hex");
const cookieName = "tocsin.session";

/** Its address does not matter to it: what is written to it comes from here. */
function consoleEnv(databaseUrl: string, port: number): Record<string, string> {
  return {
    DATABASE_URL: databaseUrl,
    AUTH_SECRET: authSecret,
    ENCRYPTION_KEY: testEncryptionKey.toString("hex"),
    PORT: String(port),
    BASE_URL: `http://localhost:${port}`,
    LOG_LEVEL: "error",
    NEXT_TELEMETRY_DISABLED: "1",
    NODE_ENV: "production",
  };
}

export async function migrateBy({ root }: Build, databaseUrl: string): Promise<void> {
  const env = { ...process.env, DATABASE_URL: databaseUrl };
  await run(process.execPath, [...tsx, join("prisma", "migrate-command.ts")], { cwd: root, env });
}

/** Counts minutes and hours of the errors of the last two days as that build does. */
export async function countErrorsBy(build: Build, pool: Pool): Promise<void> {
  const counts = await moduleOf<{ rebuildErrorCounts: typeof rebuildErrorCounts }>(
    build,
    "lib/webhook-errors/rebuild-counts.ts",
  );
  const { rows } = await pool.query<{ from: Date; to: Date }>(
    `select now() - interval '2 days' as from, now() as to`,
  );
  for (const stretch of rows) await counts.rebuildErrorCounts(pool, stretch);
}

/** A module of a build, of the shape that it has in this one. */
const moduleOf = <T>({ root }: Build, path: string): Promise<T> =>
  import(pathToFileURL(join(root, path)).href);

/** `next build`, unless the build has one of exactly its source. */
export async function buildConsole({ root }: Build): Promise<void> {
  const script = `await (await import("./engine/start/build.ts")).buildIfNeeded()`;
  const args = [...tsx, "--input-type=module", "--eval", script];
  await run(process.execPath, args, { cwd: root, maxBuffer: 2 ** 26 });
}

export async function startConsole(build: Build, databaseUrl: string, port: number): Promise<Side> {
  const product = await moduleOf<{ beginConsole: typeof beginConsole }>(
    build,
    "engine/start/product.ts",
  );
  const part = product.beginConsole({
    name: `console of ${build.name}`,
    port,
    env: { ...process.env, ...consoleEnv(databaseUrl, port) },
    say: (line) => console.log(line),
  });
  await part.ready;
  const pid = part.pid();
  if (pid === undefined) throw new Error(`The console of ${build.name} has no process.`);
  return { build, origin: `http://localhost:${port}`, pid, stop: part.stop };
}

/** The cookie that a browser has after signing in: the session id as next-auth seals it. */
export async function cookieOf({ sessionId }: Filled): Promise<string> {
  const token = { sid: sessionId };
  const maxAge = 7 * 86_400;
  const sealed = await encode({ token, secret: authSecret, salt: cookieName, maxAge });
  return `${cookieName}=${sealed}`;
}
