import { chmod, lstat, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type EmbeddedDatabase, startEmbeddedDatabase } from "./embedded-database.ts";
import { administer } from "./throwaway-database.ts";

let home: string;
let started: EmbeddedDatabase[] = [];
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "tocsin-embedded-"));
  await chmod(home, 0o755);
});
afterEach(async () => {
  await Promise.all(started.map((database) => database.stop()));
  started = [];
  await rm(home, { recursive: true, force: true });
});

async function start(dataDir: string, port = 0): Promise<EmbeddedDatabase> {
  const database = await startEmbeddedDatabase({
    dataDir,
    port,
    accountName: "nobody",
    shelterDir: join(home, "shelter"),
    settings: ["fsync=off", "shared_buffers=16MB"],
  });
  started.push(database);
  return database;
}

async function ask(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(text);
  await client.end();
  return rows;
}

const postmasterPid = async (dataDir: string): Promise<number> =>
  Number.parseInt(await readFile(join(dataDir, "postgres/postmaster.pid"), "utf8"), 10);

async function gone(pid: number): Promise<void> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    if (Date.now() > deadline) throw new Error(`process ${pid} is still there`);
    await new Promise((wake) => setTimeout(wake, 20));
  }
}

test("it starts in a folder whose path has spaces, and what was written is there after a stop", async () => {
  const dataDir = join(home, "data with spaces");
  const first = await start(dataDir);
  await administer(first.url, "create table kept as select 42 as answer");
  await first.stop();
  const second = await start(dataDir);
  expect(await ask(second.url, "select answer from kept")).toEqual([{ answer: 42 }]);
});

test("in a folder that only its owner may enter it starts too, and dataDir leads to the data", async () => {
  const closed = join(home, "closed");
  await mkdir(closed, { mode: 0o700 });
  const { url } = await start(join(closed, "data"));
  expect(await ask(url, "select 1 as one")).toEqual([{ one: 1 }]);
  expect(await postmasterPid(join(closed, "data"))).toBeGreaterThan(1);
  const sheltered = (await lstat(join(closed, "data/postgres"))).isSymbolicLink();
  expect(sheltered).toBe(process.getuid?.() === 0);
});

test("a new data folder at the place of a removed one starts empty", async () => {
  const closed = join(home, "closed");
  await mkdir(closed, { mode: 0o700 });
  const dataDir = join(closed, "data");
  const first = await start(dataDir);
  await administer(first.url, "create table kept as select 42 as answer");
  await first.stop();
  await rm(dataDir, { recursive: true });
  const second = await start(dataDir);
  expect(await ask(second.url, "select to_regclass('kept') as found")).toEqual([{ found: null }]);
});

test("a lost password is said at once, with what to do", async () => {
  const dataDir = join(home, "data");
  await (await start(dataDir)).stop();
  await rm(join(dataDir, "postgres-password"));
  await expect(start(dataDir)).rejects.toThrow(/does not know the password .* another DATA_DIR/);
});

test("a taken port is not an error: another is used", async () => {
  const squatter = createServer();
  const port = await new Promise<number>((settle) =>
    squatter.listen(0, "127.0.0.1", () => {
      const address = squatter.address();
      settle(typeof address === "object" && address !== null ? address.port : 0);
    }),
  );
  const { url } = await start(join(home, "data"), port);
  expect(new URL(url).port).not.toBe(String(port));
  squatter.close();
});

test("after a crash it recovers: the stale pid file is no obstacle and nothing committed is lost", async () => {
  const dataDir = join(home, "data");
  const { url } = await start(dataDir);
  await administer(url, "create table kept as select 42 as answer");
  const pid = await postmasterPid(dataDir);
  process.kill(pid, "SIGKILL");
  await gone(pid);
  const again = await start(dataDir);
  expect(await ask(again.url, "select answer from kept")).toEqual([{ answer: 42 }]);
});

test("a pid file whose number now belongs to another program is no obstacle", async () => {
  const dataDir = join(home, "data");
  const first = await start(dataDir);
  await first.stop();
  await writeFile(
    join(dataDir, "postgres/postmaster.pid"),
    `${process.pid}\n${dataDir}/postgres\n`,
  );
  const again = await start(dataDir);
  expect(await ask(again.url, "select 1 as one")).toEqual([{ one: 1 }]);
});

test("a server that a killed run left behind is stopped, and a new one takes over", async () => {
  const dataDir = join(home, "data");
  await start(dataDir);
  const orphan = await postmasterPid(dataDir);
  const { url } = await start(dataDir);
  await gone(orphan);
  expect(await ask(url, "select 1 as one")).toEqual([{ one: 1 }]);
});

test("a data folder that holds something else is left alone, and the error says what to do", async () => {
  const dataDir = join(home, "data");
  await mkdir(join(dataDir, "postgres"), { recursive: true });
  await writeFile(join(dataDir, "postgres/letter.txt"), "dear");
  await expect(start(dataDir)).rejects.toThrow(/move them away or set DATA_DIR/);
  expect(await readFile(join(dataDir, "postgres/letter.txt"), "utf8")).toBe("dear");
});
