import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { poolTime } from "#lib/time/database-time.ts";
import { createErrors, makeError } from "#testing/error-factory.ts";
import { createChannel } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { projectDir } from "./project-dir.ts";

/** As `npm run errors:rebuild` starts it. */
function rebuild(url: string, ...args: string[]): Promise<{ code: unknown; output: string }> {
  const command = ["--import", "tsx", "engine/start/rebuild-error-counts.ts", ...args];
  const env = {
    NODE_ENV: "production" as const,
    PATH: "/usr/bin:/bin",
    DATABASE_URL: url,
    AUTH_SECRET: randomBytes(32).toString("hex"),
    ENCRYPTION_KEY: randomBytes(32).toString("hex"),
  };
  return new Promise((settle) => {
    execFile(process.execPath, command, { cwd: projectDir, env }, (error, stdout, stderr) =>
      settle({ code: error?.code ?? 0, output: stdout + stderr }),
    );
  });
}

test("counts that differ are named, and fixed when that is asked for", async () => {
  const database = await createTestDatabase();
  try {
    const { id } = await createChannel(database.db);
    const now = await poolTime(database.pool);
    await createErrors(database.pool, id, [makeError({ occurredAt: now })]);
    await database.pool.query("delete from error_rows");
    const found = await rebuild(database.url);
    expect(found.output).toContain(`differs  channel ${id}: 1 rows missing`);
    expect(found.code).toBe(1);
    expect((await rebuild(database.url, "--apply")).output).toContain("fixed");
    expect(await rebuild(database.url)).toMatchObject({ code: 0 });
  } finally {
    await database.close();
  }
});
