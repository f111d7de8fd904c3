import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test("a throwaway database ends with the process that asked for it, also when that is killed", async () => {
  const script = `
    const { startThrowawayDatabase } = await import(${JSON.stringify(join(import.meta.dirname, "throwaway-database.ts"))});
    const database = await startThrowawayDatabase();
    const { default: pg } = await import("pg");
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const { rows } = await client.query("show data_directory");
    process.send({ pid: database.pid, folder: rows[0].data_directory });
    setInterval(() => undefined, 1_000);`;
  const args = ["--import", "tsx", "--input-type=module", "-e", script];
  const child = spawn(process.execPath, args, {
    cwd: join(import.meta.dirname, ".."),
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const [{ pid, folder }] = (await once(child, "message")) as [{ pid: number; folder: string }];
  expect([isAlive(pid), existsSync(folder)]).toEqual([true, true]);
  child.kill("SIGKILL");
  await expect
    .poll(() => [isAlive(pid), existsSync(folder)], { timeout: 120_000 })
    .toEqual([false, false]);
});
