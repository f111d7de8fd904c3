import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmod, lstat, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { programOf } from "#e2e/servers/programs.ts";
import {
  type EmbeddedDatabase,
  type EmbeddedDatabaseOptions,
  startEmbeddedDatabase,
} from "./embedded-database.ts";
import { lockFile } from "./file-lock.ts";
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
  await rm(home, { recursive: true, force: true, maxRetries: 10 });
});

const optionsFor = (dataDir: string): EmbeddedDatabaseOptions => ({
  dataDir,
  port: 0,
  accountName: "nobody",
  shelterDir: join(home, "shelter"),
  settings: ["fsync=off", "shared_buffers=16MB"],
});

async function start(
  dataDir: string,
  port = 0,
  further: Partial<EmbeddedDatabaseOptions> = {},
): Promise<EmbeddedDatabase> {
  const database = await startEmbeddedDatabase({ ...optionsFor(dataDir), port, ...further });
  started.push(database);
  return database;
}

/** As in another container: neither processes nor shared memory of the other side are to be seen. */
const elsewhere = ["unshare", "--pid", "--ipc", "--fork", "--kill-child", "--mount-proc"];
const mayUnshare = spawnSync("unshare", [...elsewhere.slice(1), "true"]).status === 0;

/** Starts a server in a container of its own, as far as it can see; resolves with what comes of it. */
async function startElsewhere(dataDir: string): Promise<string> {
  const starter = await programOf(`
    import { startEmbeddedDatabase } from "#prisma/embedded-database.ts";
    const database = await startEmbeddedDatabase(JSON.parse(process.argv[2])).catch((error) => error);
    console.log(database.message ?? "started");
    await database.stop?.();`);
  const [program = "", ...args] = [
    ...elsewhere,
    process.execPath,
    starter,
    JSON.stringify({ ...optionsFor(dataDir), patienceMs: 500 }),
  ];
  const child = spawn(program, args, {
    cwd: join(import.meta.dirname, ".."),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [said] = await once(child.stdout, "data");
  await once(child, "exit");
  return String(said);
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
  await expect(start(dataDir)).rejects.toThrow(/does not accept the password .* another DATA_DIR/);
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

/** `vi.waitFor` gives up after a second unless told otherwise. */
const patience = { timeout: 60_000 };

test("what a killed server's connections still work on ends before the next one starts", async () => {
  const dataDir = join(home, "data");
  const { url } = await start(dataDir);
  await administer(url, "create table kept as select 42 as answer");
  const busy = new pg.Client({ connectionString: url });
  busy.on("error", () => undefined);
  await busy.connect();
  const { rows } = await busy.query<{ pid: number }>("select pg_backend_pid() as pid");
  const backend = rows[0]?.pid ?? 0;
  // Computes for hours, and looks at nothing that would tell of the server's end.
  const lost = busy.query("select count(*) from generate_series(1, 1e12)").catch(String);
  await vi.waitFor(async () => {
    const found = await ask(
      url,
      `select from pg_stat_activity where pid = ${backend} and state = 'active'`,
    );
    expect(found).toHaveLength(1);
  }, patience);
  process.kill(await postmasterPid(dataDir), "SIGKILL");
  const again = await start(dataDir);
  // Empty too where it has ended and nobody has asked how.
  expect(await readFile(`/proc/${backend}/cmdline`, "utf8").catch(() => "")).toBe("");
  expect(await ask(again.url, "select answer from kept")).toEqual([{ answer: 42 }]);
  expect(await lost).toContain("Connection terminated");
});

// Where the machine lets nobody make namespaces, the test after it has to do.
if (mayUnshare) {
  test("a server in another container over the same files is never started beside this one", async () => {
    const dataDir = join(home, "data");
    const { url } = await start(dataDir);
    await administer(url, "create table kept as select 42 as answer");
    for (let tries = 0; tries < 2; tries += 1) {
      expect(await startElsewhere(dataDir)).toMatch(
        /server is still using .*data\/postgres .*another container.*: stop it, then start again/,
      );
    }
    await administer(url, "insert into kept values (43)");
    expect(await ask(url, "select answer from kept")).toEqual([{ answer: 42 }, { answer: 43 }]);
    await started[0]?.stop();
    expect(await startElsewhere(dataDir)).toBe("started\n");
  });
}

test("while somebody unseen holds the cluster nothing of it is touched, and the error says what to do", async () => {
  const dataDir = join(home, "data");
  await (await start(dataDir)).stop();
  const lock = await lockFile(join(dataDir, "postgres.lock"));
  const pidFile = join(dataDir, "postgres/postmaster.pid");
  await writeFile(pidFile, "999999999\n");
  await expect(start(dataDir, 0, { patienceMs: 100 })).rejects.toThrow(
    /not among the processes here.*set DATA_DIR to another folder/,
  );
  expect(await readFile(pidFile, "utf8")).toBe("999999999\n");
  await lock?.close();
  expect(await ask((await start(dataDir)).url, "select 1 as one")).toEqual([{ one: 1 }]);
});

test("a cluster of another major version is left alone, and the error says what to do", async () => {
  const dataDir = join(home, "data");
  await (await start(dataDir)).stop();
  await writeFile(join(dataDir, "postgres/PG_VERSION"), "17\n");
  await expect(start(dataDir)).rejects.toThrow(
    /postgres belongs to PostgreSQL 17, but this version of Tocsin has 18: .*docs\/operations.md/,
  );
  await writeFile(join(dataDir, "postgres/PG_VERSION"), "18\n");
  expect(await ask((await start(dataDir)).url, "select 1 as one")).toEqual([{ one: 1 }]);
});

test("a data folder that holds something else is left alone, and the error says what to do", async () => {
  const dataDir = join(home, "data");
  await mkdir(join(dataDir, "postgres"), { recursive: true });
  await writeFile(join(dataDir, "postgres/letter.txt"), "dear");
  await expect(start(dataDir)).rejects.toThrow(/move them elsewhere or set DATA_DIR/);
  expect(await readFile(join(dataDir, "postgres/letter.txt"), "utf8")).toBe("dear");
});
