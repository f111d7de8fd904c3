import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockDataDir } from "./data-dir-lock.ts";

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "tocsin-lock-"));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

test("a second start over the same folder is refused, naming the first and what to do", async () => {
  const lock = await lockDataDir(dataDir);
  await expect(lockDataDir(dataDir)).rejects.toThrow(
    `Tocsin already runs over ${dataDir} (process ${process.pid}): stop it first, or set DATA_DIR`,
  );
  await lock.release();
  await (await lockDataDir(dataDir)).release();
});

test("the lock of a process that has died is taken over", async () => {
  const child = spawn(process.execPath, ["-e", ""]);
  await new Promise((settle) => child.once("exit", settle));
  await writeFile(join(dataDir, "tocsin.lock"), JSON.stringify({ pid: child.pid, startedAt: "1" }));
  await (await lockDataDir(dataDir)).release();
});

test("a lock whose number belongs to another process by now is taken over", async () => {
  await writeFile(
    join(dataDir, "tocsin.lock"),
    JSON.stringify({ pid: process.pid, startedAt: "1" }),
  );
  await (await lockDataDir(dataDir)).release();
});

test("an empty lock file, left by a crash while it was written, is taken over", async () => {
  await writeFile(join(dataDir, "tocsin.lock"), "");
  await (await lockDataDir(dataDir)).release();
});
