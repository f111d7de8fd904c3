import { spawn } from "node:child_process";
import {
  chmod,
  cp,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { acceptEvents, countedOf, endLeases, eventually } from "#e2e/servers/delivery-truth.ts";
import { startEngineProcess } from "#e2e/servers/engine-process.ts";
import { programOf } from "#e2e/servers/programs.ts";
import { startTruthBotServer, type TruthBotServer } from "#e2e/servers/truth-bot-server.ts";
import { type Database, openDatabase } from "#lib/db.ts";
import { keyName } from "#lib/sealing.ts";
import { archiveName, manifestName, writeBaseBackup } from "#prisma/base-backup.ts";
import { type EmbeddedDatabaseOptions, startEmbeddedDatabase } from "#prisma/embedded-database.ts";
import { migrate } from "#prisma/migrate.ts";
import { readBaseBackup } from "#prisma/read-base-backup.ts";
import { type RestoredCluster, requireRoom } from "#prisma/restore-cluster.ts";
import { administer } from "#prisma/throwaway-database.ts";
import { createChannel, testEncryptionKey } from "#testing/factories.ts";
import { checkBackup, restoreBackup, takeBackup } from "./backup.ts";
import { type DataDirLock, lockDataDir, runtimeFile } from "./data-dir-lock.ts";
import { type DatabasePart, runDatabase } from "./database-part.ts";

const keyNames = [keyName(testEncryptionKey)];
let home: string;
let options: EmbeddedDatabaseOptions;
let to: string;
const ends: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "tocsin-backup-"));
  await chmod(home, 0o711);
  to = join(home, "backups");
  options = {
    dataDir: join(home, "data"),
    port: 0,
    accountName: "nobody",
    shelterDir: join(home, "shelter"),
    settings: ["shared_buffers=32MB"],
  };
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  await rm(home, { recursive: true, force: true, maxRetries: 10 });
});

/** What of a product matters to a backup: the folder is taken, the database runs, and the tools are told where. */
async function startDatabase(): Promise<{
  lock: DataDirLock;
  part: DatabasePart;
  stop: () => Promise<void>;
}> {
  const lock = await lockDataDir(options.dataDir);
  const part = await runDatabase({ ...options, say: () => undefined });
  const runtime = JSON.stringify({ databaseUrl: part.url });
  await writeFile(join(options.dataDir, runtimeFile), runtime);
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= part.stop().then(lock.release);
    return stopped;
  };
  ends.push(stop);
  return { lock, part, stop };
}

/** A cluster with one table, stopped, and a backup of it. */
async function makeBackup(): Promise<string> {
  const { part, stop } = await startDatabase();
  await administer(part.url, "create table kept as select 42 as answer");
  const { folder } = await takeBackup({ ...options, to, keyNames });
  await stop();
  return folder;
}

async function ask(url: string, text: string): Promise<unknown[]> {
  const database = openDatabase(url, { connectionsMax: 1 });
  try {
    return (await database.pool.query(text)).rows;
  } finally {
    await database.close();
  }
}

const answerOf = ({ database }: RestoredCluster): Promise<unknown[]> =>
  ask(database.url, "select answer from kept");

async function openBot(): Promise<TruthBotServer> {
  const bot = await startTruthBotServer();
  ends.push(bot.close);
  let requests = 0;
  bot.decide = () => (++requests % 5 === 0 ? 500 : 200);
  return bot;
}

/** Accepts webhooks until it is stopped; `accepted` are those that are durable. */
function startIntake(database: Database, channelId: string) {
  const accepted: string[] = [];
  let running = true;
  const done = (async () => {
    while (running) accepted.push(...(await acceptEvents(database, channelId, 5)));
  })();
  const stop = (): Promise<void> => {
    running = false;
    return done;
  };
  ends.push(stop);
  return { accepted, stop };
}

async function idsIn(database: Database): Promise<Set<string>> {
  const { rows } = await database.pool.query<{ id: string }>(
    "select id from webhook_queue union select id from webhooks",
  );
  return new Set(rows.map(({ id }) => id));
}

test("a backup taken while webhooks come, fail and are redelivered restores all that was accepted before it, with figures that agree", async () => {
  const { part, stop } = await startDatabase();
  await migrate(part.url);
  const database = openDatabase(part.url);
  ends.push(database.close);
  const bot = await openBot();
  const { id: channelId } = await createChannel(database.db, {
    webhookUrl: bot.url,
    useWebhook: true,
    webhookRedelivery: true,
    errorStatisticsAggregation: true,
  });
  const engine = await startEngineProcess({ databaseUrl: part.url, role: "worker" });
  ends.push(engine.kill);
  const intake = startIntake(database, channelId);
  const countErrors = (): Promise<number> => database.db.webhookError.count();
  await eventually("there are errors", async () => (await countErrors()) > 20);

  const before = { accepted: [...intake.accepted], errors: await countErrors() };
  const { folder, filesCount } = await takeBackup({ ...options, to, keyNames });
  const after = { acceptedCount: intake.accepted.length, errors: await countErrors() };
  await eventually("more is accepted", () => intake.accepted.length > after.acceptedCount + 20);
  await intake.stop();
  await engine.kill();
  await database.close();
  await stop();
  // Everything but the backup is lost.
  await rm(options.dataDir, { recursive: true });
  expect(filesCount).toBeGreaterThan(900);

  await restoreBackup({ ...options, from: folder, keyNames }, async (restored) => {
    expect(restored.before).toBeNull();
    const again = openDatabase(restored.database.url);
    try {
      const found = await idsIn(again);
      expect(before.accepted.filter((id) => !found.has(id))).toEqual([]);
      // Each figure is told alike everywhere it is kept.
      const { errors } = await countedOf(again, channelId);
      expect(errors).toBeGreaterThanOrEqual(before.errors);
      expect(errors).toBeLessThanOrEqual(after.errors);

      bot.decide = () => 200;
      await endLeases(again);
      const second = await startEngineProcess({
        databaseUrl: restored.database.url,
        role: "worker",
      });
      ends.push(second.kill);
      await eventually("what waited is delivered", async () => {
        return (await again.db.queuedWebhook.count()) === 0;
      });
      await second.kill();
      const counted = await countedOf(again, channelId);
      expect(counted.delivered).toBe(found.size);
    } finally {
      await again.close();
    }
  });
  // The password of the backup is in its place, and the next start knows it.
  const next = await startEmbeddedDatabase(options);
  ends.push(next.stop);
  expect(await ask(next.url, "select 1 as one")).toEqual([{ one: 1 }]);
});

test("a stopped product is backed up too; a restore keeps the database of before, and needs the product stopped", async () => {
  const folder = await makeBackup();
  const stopped = await takeBackup({ ...options, to: join(home, "others"), keyNames });
  expect((await readBaseBackup(stopped.folder)).filesCount).toBe(stopped.filesCount);

  const { part, stop } = await startDatabase();
  await administer(part.url, "update kept set answer = 43");
  const restore = (): Promise<string | null> =>
    restoreBackup({ ...options, from: folder, keyNames }, async (restored) => {
      expect(await answerOf(restored)).toEqual([{ answer: 42 }]);
      return restored.before;
    });
  await expect(restore()).rejects.toThrow(/Tocsin is already running on .*: stop it first/);
  expect(await ask(part.url, "select answer from kept")).toEqual([{ answer: 43 }]);
  await stop();

  const kept = await restore();
  expect(await readFile(join(kept ?? "", "PG_VERSION"), "utf8")).toBe("18\n");
  const names = await readdir(options.dataDir);
  expect(names.filter((name) => name.includes("restoring"))).toEqual([]);
});

test("keys are named, not kept: without the right one a restore is refused, or done by a person who says so", async () => {
  const folder = await makeBackup();
  expect((await readdir(folder)).sort()).toEqual([
    manifestName,
    archiveName,
    "postgres-password",
    "tocsin.json",
  ]);
  for (const name of ["", ...(await readdir(folder))]) {
    expect([name, (await stat(join(folder, name))).mode & 0o077]).toEqual([name, 0]);
  }
  const about = JSON.parse(await readFile(join(folder, "tocsin.json"), "utf8"));
  expect(about).toMatchObject({ format: 1, postgres: "18", keyNames });
  for (const atHand of [[], ["0123abcd"]]) {
    await expect(
      restoreBackup({ ...options, from: folder, keyNames: atHand }, answerOf),
    ).rejects.toThrow(new RegExp(`ENCRYPTION_KEY named ${keyNames[0]}.*--without-key`));
  }
  const restored = await restoreBackup({ ...options, from: folder, keyNames: null }, answerOf);
  expect(restored).toEqual([{ answer: 42 }]);
  about.postgres = "17";
  await writeFile(join(folder, "tocsin.json"), JSON.stringify(about));
  await expect(restoreBackup({ ...options, from: folder, keyNames }, answerOf)).rejects.toThrow(
    "The backup was taken from PostgreSQL 17, but this version of Tocsin has 18",
  );
  await expect(restoreBackup({ ...options, from: home, keyNames }, answerOf)).rejects.toThrow(
    "is not a backup",
  );
});

/** Overwrites one byte in the middle. */
async function spoil(path: string): Promise<void> {
  const file = await open(path, "r+");
  const { size } = await file.stat();
  const at = Math.floor(size / 2);
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, at);
  await file.write(Buffer.from([(buffer[0] ?? 0) ^ 0xff]), 0, 1, at);
  await file.close();
}

async function repack(folder: string, change: (bytes: Buffer) => void): Promise<void> {
  const bytes = gunzipSync(await readFile(join(folder, archiveName)));
  change(bytes);
  await writeFile(join(folder, archiveName), gzipSync(bytes, { level: 1 }));
}

const damages: Record<string, (folder: string) => Promise<void>> = {
  "a changed byte": (folder) => spoil(join(folder, archiveName)),
  "another byte, well packed": (folder) =>
    repack(folder, (bytes) => {
      const body = bytes.indexOf("base/1/PG_VERSION") + 512;
      bytes[body] = (bytes[body] ?? 0) ^ 1;
    }),
  "a missing file": (folder) =>
    repack(
      folder,
      (bytes) => void bytes.write("base/1/PG_VERSIOX", bytes.indexOf("base/1/PG_VERSION")),
    ),
  "missing WAL": (folder) =>
    repack(folder, (bytes) => void bytes.write("pg_wal/X", bytes.indexOf("pg_wal/0"))),
  "a missing end": async (folder) => {
    const { size } = await stat(join(folder, archiveName));
    await truncate(join(folder, archiveName), size - 4_000);
  },
  "an empty archive": (folder) => truncate(join(folder, archiveName)),
  "a list that says otherwise": async (folder) => {
    const text = await readFile(join(folder, manifestName), "utf8");
    await writeFile(join(folder, manifestName), text.replace('"Size": 8192', '"Size": 8193'));
  },
  "a list of other bytes": (folder) => spoil(join(folder, manifestName)),
  "no list": (folder) => rm(join(folder, manifestName)),
  "no archive": (folder) => rm(join(folder, archiveName)),
  "no password": (folder) => rm(join(folder, "postgres-password")),
  "an empty password": (folder) => truncate(join(folder, "postgres-password")),
  "half of what it says of itself": (folder) => truncate(join(folder, "tocsin.json"), 20),
  "nothing that it says of itself": (folder) => writeFile(join(folder, "tocsin.json"), "{}"),
};

test("a damaged backup is told by its check, and a restore of it changes nothing", async () => {
  const folder = await makeBackup();
  for (const [what, damage] of Object.entries(damages)) {
    const copy = join(home, "copy");
    await cp(folder, copy, { recursive: true });
    await damage(copy);
    const checked = await checkBackup(copy).then(
      () => "whole",
      (error: Error) => error.message,
    );
    expect([what, checked]).toEqual([what, expect.stringMatching(/^The backup is damaged \(/)]);
    await expect(restoreBackup({ ...options, from: copy, keyNames }, answerOf)).rejects.toThrow(
      "The backup is damaged (",
    );
    await rm(copy, { recursive: true });
  }
  const names = await readdir(options.dataDir);
  expect(names.filter((name) => /restoring|before/.test(name))).toEqual([]);
  const still = await startEmbeddedDatabase(options);
  ends.push(still.stop);
  expect(await ask(still.url, "select answer from kept")).toEqual([{ answer: 42 }]);
});

test("backups that are begun at the same moment are two, and both are whole", async () => {
  await startDatabase();
  const taken = await Promise.all([1, 2, 3].map(() => takeBackup({ ...options, to, keyNames })));
  const folders = taken.map(({ folder }) => folder);
  expect(new Set(folders).size).toBe(3);
  for (const folder of folders) await checkBackup(folder);
  expect((await readdir(to)).filter((name) => name.includes("partial"))).toEqual([]);
});

test("a backup keeps the log that it needs, however many checkpoints come while it is written", async () => {
  const { part } = await startDatabase();
  await mkdir(to);
  let isDone = false;
  const backup = writeBaseBackup(part.url, to, 1).finally(() => {
    isDone = true;
  });
  const checkpoints = (async () => {
    while (!isDone) {
      await administer(part.url, "create table if not exists busy as select 1 as one");
      await administer(part.url, "insert into busy select 1");
      await administer(part.url, "select pg_switch_wal()");
      await administer(part.url, "checkpoint");
    }
  })();
  await Promise.all([backup, checkpoints]);
  expect((await readBaseBackup(to)).filesCount).toBeGreaterThan(900);
});

/** Sends the process the signal right after its nth change among a folder's entries. */
const signalAfter = (change: number, signal: NodeJS.Signals): string[] => [
  "--import",
  `data:text/javascript,${encodeURIComponent(`
  import { promises } from "node:fs";
  import { syncBuiltinESMExports } from "node:module";
  let changes = 0;
  for (const name of ["rename", "writeFile", "rm"]) {
    const real = promises[name];
    promises[name] = async (...given) => {
      const result = await real(...given);
      if (++changes === ${change}) process.kill(process.pid, "${signal}");
      return result;
    };
  }
  syncBuiltinESMExports();`)}`,
];

test("a backup that is ended by Ctrl-C leaves nothing", async () => {
  await startDatabase();
  const program = await programOf(`
    import { takeBackup } from "#engine/start/backup.ts";
    await takeBackup(JSON.parse(process.argv[2]));`);
  const given = JSON.stringify({ ...options, to, keyNames });
  const args = [...signalAfter(1, "SIGINT"), program, given];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
  const ended = new Promise((settle) => child.once("exit", (_, signal) => settle(signal)));
  expect(await ended).toBe("SIGINT");
  expect(await readdir(to)).toEqual([]);
});

/** Restores in a process of its own; how it ended. */
async function restoreKilled(from: string, change: number): Promise<NodeJS.Signals | number> {
  const program = await programOf(`
    import { restoreBackup } from "#engine/start/backup.ts";
    await restoreBackup(JSON.parse(process.argv[2]), async () => undefined);`);
  const given = JSON.stringify({ ...options, from, keyNames });
  const args = [...signalAfter(change, "SIGKILL"), program, given];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
  return new Promise((settle) => child.once("exit", (code, signal) => settle(signal ?? code ?? 1)));
}

test("a restore that is killed at any of its steps leaves a database that starts: the one of before, or the restored one", async () => {
  const folder = await makeBackup();
  // Another installation, with another password.
  options = { ...options, dataDir: join(home, "other") };
  const { part, stop } = await startDatabase();
  await administer(part.url, "create table kept as select 43 as answer");
  await stop();
  const found: unknown[] = [];
  // As many as it takes until nothing is left to be cut off.
  for (let change = 1, how: unknown = "SIGKILL"; how === "SIGKILL"; change += 1) {
    how = await restoreKilled(folder, change);
    const next = await startEmbeddedDatabase(options);
    const [row] = (await ask(next.url, "select answer from kept")) as { answer: number }[];
    await next.stop();
    found.push(row?.answer);
    if (row?.answer === 42) break;
    expect([change, how, row]).toEqual([change, "SIGKILL", { answer: 43 }]);
  }
  expect(found.length).toBeGreaterThan(4);
  expect(found.at(-1)).toBe(42);
  await restoreBackup({ ...options, from: folder, keyNames }, answerOf);
  const names = await readdir(options.dataDir);
  expect(names.filter((name) => /restor/.test(name))).toEqual([]);
});

test("a restored cluster that does not start gives way to the one of before", async () => {
  const folder = await makeBackup();
  const restore = restoreBackup(
    { ...options, from: folder, keyNames, settings: ["shared_buffers=nonsense"] },
    answerOf,
  );
  await expect(restore).rejects.toThrow("stopped while starting");
  const still = await startEmbeddedDatabase(options);
  ends.push(still.stop);
  expect(await ask(still.url, "select answer from kept")).toEqual([{ answer: 42 }]);
});

test("where there is no room nothing is begun, and where there is no database that is said", async () => {
  await expect(requireRoom(home, 2 ** 60, "backup")).rejects.toThrow(
    /There is not enough space in .*: the backup may take 1099511627776 MB, 256 MB are reserved for PostgreSQL, and \d+ MB are free/,
  );
  await mkdir(options.dataDir);
  await expect(takeBackup({ ...options, to, keyNames })).rejects.toThrow(
    "There is no embedded database in",
  );
});

test("a disk that takes its bytes one write at a time makes a backup slow, not stuck", async () => {
  const { part } = await startDatabase();
  await mkdir(to);
  await writeBaseBackup(part.url, to, 1);
  expect((await readBaseBackup(to)).filesCount).toBeGreaterThan(900);
});
