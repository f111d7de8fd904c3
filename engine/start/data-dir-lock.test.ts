import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DataDirTaken, lockDataDir } from "./data-dir-lock.ts";
import { projectDir } from "./project-dir.ts";

let dataDir: string;
const holders: ChildProcess[] = [];
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "tocsin-lock-"));
});
afterEach(async () => {
  await Promise.all(holders.splice(0).map(end));
  await rm(dataDir, { recursive: true, force: true, maxRetries: 10 });
});

const hold = `
  import { DataDirTaken, lockDataDir } from "#engine/start/data-dir-lock.ts";
  await lockDataDir(process.argv[1]);
  console.log("held");
  setInterval(() => undefined, 1_000);`;

/** Another process that holds the folder; `before` is what it is begun through. */
async function startHolder(before: readonly string[] = []): Promise<ChildProcess> {
  const [program = "", ...args] = [
    ...before,
    process.execPath,
    ...["--import", "tsx", "--input-type=module", "--eval", hold, dataDir],
  ];
  const child = spawn(program, args, { cwd: projectDir, stdio: ["ignore", "pipe", "inherit"] });
  holders.push(child);
  const said = await Promise.race([once(child.stdout, "data").then(String), once(child, "exit")]);
  expect(String(said)).toContain("held");
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

/** Where we may, in a namespace of processes of its own, as another container is. */
const elsewhere = ["unshare", "--pid", "--ipc", "--fork", "--kill-child", "--mount-proc"];
const mayUnshare = spawnSync("unshare", [...elsewhere.slice(1), "true"]).status === 0;

test("a second start over the same folder is refused, naming the first, since when, and what to do", async () => {
  const lock = await lockDataDir(dataDir);
  const refused = lockDataDir(dataDir);
  await expect(refused).rejects.toThrow(DataDirTaken);
  await expect(refused).rejects.toThrow(
    `Tocsin is already running on ${dataDir} (process ${process.pid} on ${hostname()}, since ${new Date().getFullYear()}-`,
  );
  await expect(refused).rejects.toThrow("stop it first, or set DATA_DIR to another folder");
  await lock.release();
  await (await lockDataDir(dataDir)).release();
});

test("a first that lives in another container, where its number means nothing here, keeps the folder", async () => {
  const holder = await startHolder(mayUnshare ? elsewhere : []);
  if (!mayUnshare) {
    const gone = spawn(process.execPath, ["-e", ""]);
    await once(gone, "exit");
    await writeFile(join(dataDir, "tocsin.lock"), JSON.stringify({ pid: gone.pid }));
  }
  const before = await stat(join(dataDir, "tocsin.lock"));
  // A refused start takes nothing of the first's: the next is refused too.
  for (let tries = 0; tries < 3; tries += 1) {
    await expect(lockDataDir(dataDir)).rejects.toThrow(`Tocsin is already running on ${dataDir}`);
  }
  expect((await stat(join(dataDir, "tocsin.lock"))).ino).toBe(before.ino);
  await end(holder);
  // Through `unshare` its end takes the holder along a moment later.
  await (await vi.waitFor(() => lockDataDir(dataDir), { timeout: 30_000 })).release();
});

test("the folder of a first that was killed is free at once", async () => {
  await end(await startHolder());
  await (await lockDataDir(dataDir)).release();
});

test("what a lock file says does not count: empty, cut short or with a living number it is taken over", async () => {
  for (const text of ["", '{"pid":', JSON.stringify({ pid: process.pid, startedAt: "1" })]) {
    await writeFile(join(dataDir, "tocsin.lock"), text);
    await (await lockDataDir(dataDir)).release();
  }
  expect(await readFile(join(dataDir, "tocsin.lock"), "utf8")).toBe("");
});
