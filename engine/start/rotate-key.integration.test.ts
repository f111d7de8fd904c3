import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmod, chown, mkdir, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { eventually } from "#e2e/servers/delivery-truth.ts";
import { programOf } from "#e2e/servers/programs.ts";
import { revealSecrets } from "#lib/channels/issue-secret.ts";
import { type Database, openDatabase } from "#lib/db.ts";
import { keyRing, sealedPrefix } from "#lib/sealing.ts";
import { startEmbeddedDatabase } from "#prisma/embedded-database.ts";
import { migrate } from "#prisma/migrate.ts";
import { createChannel } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { lockDataDir } from "./data-dir-lock.ts";
import { projectDir } from "./project-dir.ts";
import { type InstallationSecrets, readOrMakeSecrets } from "./secrets.ts";

const steps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of steps.splice(0).reverse()) await step();
});

/** From its source, as `npm run encryption-key:rotate` starts it. */
const fromSource = ["--import", "tsx", "engine/start/rotate-key.ts"];
const program = await programOf('import "#engine/start/rotate-key.ts";');

/** The command as a process, in an environment that holds nothing but `env`. */
function beginRotation(env: Record<string, string>, command: readonly string[] = [program]) {
  const child = spawn(process.execPath, command, {
    cwd: projectDir,
    stdio: ["ignore", "pipe", "pipe"],
    env: { NODE_ENV: "production", PATH: "/usr/bin:/bin", ...env },
  });
  let output = "";
  const listen = (chunk: Buffer) => {
    output += chunk.toString();
  };
  child.stdout.on("data", listen);
  child.stderr.on("data", listen);
  const ended = new Promise<{ exitCode: number | null; output: string }>((settle) => {
    child.once("close", (exitCode) => settle({ exitCode, output }));
  });
  steps.push(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return { ended, kill: () => child.kill("SIGKILL") };
}

const rotate = (env: Record<string, string>, command?: readonly string[]) =>
  beginRotation(env, command).ended;

async function ownDatabase(): Promise<Database & { url: string }> {
  const database = await createTestDatabase();
  steps.push(() => database.close());
  return database;
}

const environment = (url: string, current: Buffer, old: readonly Buffer[]) => ({
  DATABASE_URL: url,
  AUTH_SECRET: randomBytes(32).toString("hex"),
  ENCRYPTION_KEY: current.toString("hex"),
  ENCRYPTION_KEYS_OLD: old.map((key) => key.toString("hex")).join(","),
});

const entries = ({ db }: Database) =>
  db.auditEntry.findMany({
    where: { action: "secrets_resealed" },
    orderBy: { id: "asc" },
    select: { actorKind: true, actorName: true, after: true },
    take: 10,
  });

/** Which channels are sealed with a key, as their number. */
const sealedWith = ({ db }: Database, key: Buffer): Promise<number> =>
  db.channel.count({ where: { sealedSecret: { startsWith: sealedPrefix(key) } } });

test("with the new key and the old one in the environment everything opens with the new one alone afterwards, and the audit log says so", async () => {
  const database = await ownDatabase();
  const [old, current] = [randomBytes(32), randomBytes(32)];
  const channels = await Promise.all(
    [1, 2, 3].map(() => createChannel(database.db, { encryptionKey: old })),
  );
  const env = environment(database.url, current, [old]);

  const first = await rotate(env, fromSource);
  expect(first.output).toContain("Secrets encrypted with the new key: 3.");
  expect(first.output).toContain("Restart every part without ENCRYPTION_KEYS_OLD.");
  expect(first.exitCode).toBe(0);
  for (const { id, secret } of channels) {
    expect((await revealSecrets(database.db, current, id)).current).toBe(secret);
  }
  const actor = { actorKind: "command", actorName: "encryption-key:rotate" };
  expect(await entries(database)).toEqual([{ ...actor, after: { resealed: 3, failed: 0 } }]);

  const again = await rotate(env);
  expect(again.output).toContain("Secrets encrypted with the new key: 0.");
  expect(again.exitCode).toBe(0);
  for (const key of [old, current]) expect(again.output).not.toContain(key.toString("hex"));
});

test("killed half-way, the next run seals the rest", async () => {
  const database = await ownDatabase();
  const { db, pool } = database;
  const [old, current] = [randomBytes(32), randomBytes(32)];
  for (let n = 0; n < 150; n += 1) await createChannel(db, { encryptionKey: old });
  const env = environment(database.url, current, [old]);
  // The last row of its way is held, so it stands still in its second transaction.
  const holder = await pool.connect();
  await holder.query("begin");
  await holder.query("select from channels order by id::text desc limit 1 for update");
  const first = beginRotation(env);
  await eventually("the first hundred are sealed anew", async () => {
    return (await sealedWith(database, current)) === 100;
  });
  first.kill();
  expect((await first.ended).exitCode).toBeNull();
  await holder.query("rollback");
  holder.release();
  expect(await sealedWith(database, current)).toBe(100);

  const second = await rotate(env);
  expect(second.output).toContain("Secrets encrypted with the new key: 50.");
  expect(second.exitCode).toBe(0);
  expect(await sealedWith(database, current)).toBe(150);
});

test("a secret that no key opens is named, is left as it is, and the command fails", async () => {
  const database = await ownDatabase();
  const [old, lost, current] = [randomBytes(32), randomBytes(32), randomBytes(32)];
  const known = await createChannel(database.db, { encryptionKey: old });
  const foreign = await createChannel(database.db, { encryptionKey: lost });

  const { exitCode, output } = await rotate(environment(database.url, current, [old]));
  expect(output).toContain(
    `1 could not be decrypted with any key; left unchanged: channels.sealed_secret.${foreign.id}`,
  );
  expect(output).not.toContain("Restart every part without");
  expect(exitCode).toBe(1);
  const { db } = database;
  expect((await revealSecrets(db, current, known.id)).current).toBe(known.secret);
  expect((await revealSecrets(db, lost, foreign.id)).current).toBe(foreign.secret);
  expect(await entries(database)).toMatchObject([{ after: { resealed: 1, failed: 1 } }]);
});

test("an environment that is not usable is said in one sentence, without a stack", async () => {
  const { exitCode, output } = await rotate({ DATABASE_URL: "postgresql://nobody@127.0.0.1/x" });
  expect(output).toContain("ENCRYPTION_KEY must be set when DATABASE_URL is set");
  expect(output).not.toContain("    at ");
  expect(exitCode).toBe(1);
});

/** A folder as a product leaves it behind: its secrets, and an embedded database that is stopped. */
async function makeDataDir(): Promise<{
  dataDir: string;
  before: InstallationSecrets;
  over: <T>(work: (database: Database) => Promise<T>) => Promise<T>;
}> {
  const home = await mkdtemp(join(tmpdir(), "tocsin-rotate-"));
  steps.push(() => rm(home, { recursive: true, force: true, maxRetries: 10 }));
  await chmod(home, 0o711);
  // As root the database goes to the shelter, and runs under an account that is not the usual one.
  await mkdir(join(home, "closed"), { mode: 0o700 });
  const dataDir = join(home, "closed", "data");
  const over = async <T>(work: (database: Database) => Promise<T>): Promise<T> => {
    const embedded = await startEmbeddedDatabase({
      dataDir,
      port: 0,
      accountName: "nobody",
      shelterDir: join(home, "shelter"),
      settings: ["fsync=off", "shared_buffers=16MB"],
    });
    const database = openDatabase(embedded.url);
    try {
      await migrate(embedded.url);
      return await work(database);
    } finally {
      await database.close();
      await embedded.stop();
    }
  };
  return { dataDir, before: await readOrMakeSecrets(dataDir), over };
}

const keyOf = (secrets: InstallationSecrets): Buffer => Buffer.from(secrets.encryptionKey, "hex");
const readSecrets = async (dataDir: string): Promise<InstallationSecrets> =>
  JSON.parse(await readFile(join(dataDir, "secrets.json"), "utf8"));

test("with the key in the data folder a new one is made there, the secrets open with it, and the old one is gone from the file", async () => {
  const { dataDir, before, over } = await makeDataDir();
  const channel = await over(({ db }) => createChannel(db, { encryptionKey: keyOf(before) }));

  const first = await rotate({ DATA_DIR: dataDir });
  expect(first.output).toContain("Secrets encrypted with the new key: 1.");
  expect(first.output).toContain("The new key is in the data folder: back it up.");
  expect(first.exitCode).toBe(0);
  const after = await readSecrets(dataDir);
  expect(Object.keys(after).sort()).toEqual(["authSecret", "encryptionKey"]);
  expect(after.authSecret).toBe(before.authSecret);
  expect(after.encryptionKey).toMatch(/^[0-9a-f]{64}$/);
  expect(after.encryptionKey).not.toBe(before.encryptionKey);
  await over(async (database) => {
    expect((await revealSecrets(database.db, keyOf(after), channel.id)).current).toBe(
      channel.secret,
    );
    expect(await entries(database)).toMatchObject([{ after: { resealed: 1, failed: 0 } }]);
  });
  // Nothing holds the folder any more, and nothing of the rotation is left in it.
  await (await lockDataDir(dataDir)).release();
  await expect(stat(join(dataDir, "secrets.json.new"))).rejects.toThrow("ENOENT");
  expect((await stat(join(dataDir, "secrets.json"))).mode & 0o777).toBe(0o600);
});

test("while a product runs over the folder the command refuses, says what to do, and changes nothing", async () => {
  const { dataDir, before } = await makeDataDir();
  const lock = await lockDataDir(dataDir);
  steps.push(lock.release);

  const { exitCode, output } = await rotate({ DATA_DIR: dataDir });
  expect(output).toMatch(
    /^Tocsin is already running on .+: stop it first, or set DATA_DIR to another folder.\n$/,
  );
  expect(output).toContain(`${dataDir} (process ${process.pid} on `);
  expect(exitCode).toBe(1);
  expect(await readSecrets(dataDir)).toEqual(before);
  await expect(lockDataDir(dataDir)).rejects.toThrow("is already running on");
});

test("while the command works no product can start over the folder, and killed then, the next run finishes with the same new key", async () => {
  const { dataDir, before, over } = await makeDataDir();
  const channel = await over(async ({ db, pool }) => {
    // The command stands still at its first secret for as long as this takes.
    await pool.query(`
      create function stand_still() returns trigger language plpgsql as $$
        begin perform pg_sleep(3600); return new; end $$;
      create trigger stand_still before update on channels for each row execute function stand_still()`);
    return createChannel(db, { encryptionKey: keyOf(before) });
  });

  const first = beginRotation({ DATA_DIR: dataDir });
  await eventually("both keys stand in the file", async () => {
    return (await readSecrets(dataDir)).oldEncryptionKeys !== undefined;
  });
  await expect(lockDataDir(dataDir)).rejects.toThrow("is already running on");
  first.kill();
  await first.ended;
  const between = await readSecrets(dataDir);
  expect(between.oldEncryptionKeys).toEqual([before.encryptionKey]);
  await over(({ pool }) => pool.query("drop function stand_still cascade"));

  const second = await rotate({ DATA_DIR: dataDir });
  expect(second.output).toContain("The new key is in the data folder");
  expect(second.exitCode).toBe(0);
  const after = await readSecrets(dataDir);
  expect(after).toEqual({ ...before, encryptionKey: between.encryptionKey });
  await over(async ({ db }) => {
    expect((await revealSecrets(db, keyOf(after), channel.id)).current).toBe(channel.secret);
  });
});

test("while a secret in the folder's database opens with no key the old key stays in the file, until the missing one is given", async () => {
  const { dataDir, before, over } = await makeDataDir();
  const lost = randomBytes(32);
  const { known, foreign } = await over(async ({ db }) => ({
    known: await createChannel(db, { encryptionKey: keyOf(before) }),
    foreign: await createChannel(db, { encryptionKey: lost }),
  }));

  const first = await rotate({ DATA_DIR: dataDir });
  expect(first.output).toContain(`left unchanged: channels.sealed_secret.${foreign.id}`);
  expect(first.exitCode).toBe(1);
  const between = await readSecrets(dataDir);
  expect(between.oldEncryptionKeys).toEqual([before.encryptionKey]);
  const both = keyRing(keyOf(between), [keyOf(before)]);
  await over(async ({ db }) => {
    expect((await revealSecrets(db, both, known.id)).current).toBe(known.secret);
  });

  const second = await rotate({
    DATA_DIR: dataDir,
    ENCRYPTION_KEYS_OLD: lost.toString("hex"),
  });
  expect(second.output).toContain("Secrets encrypted with the new key: 1.");
  expect(second.exitCode).toBe(0);
  const after = await readSecrets(dataDir);
  expect(after.oldEncryptionKeys).toBeUndefined();
  await over(async ({ db }) => {
    expect((await revealSecrets(db, keyOf(after), foreign.id)).current).toBe(foreign.secret);
  });
});

test.runIf(process.getuid?.() === 0)(
  "run by root over the folder of an ordinary user, everything in it stays that user's",
  async () => {
    const { dataDir, before, over } = await makeDataDir();
    await over(({ db }) => createChannel(db, { encryptionKey: keyOf(before) }));
    const owner = await stat(join(dataDir, "postgres"));
    await chown(join(dataDir, "secrets.json"), owner.uid, owner.gid);

    expect((await rotate({ DATA_DIR: dataDir })).exitCode).toBe(0);
    expect(owner.uid).not.toBe(0);
    for (const path of ["secrets.json", "postgres", "postgres/PG_VERSION"]) {
      expect([path, (await stat(join(dataDir, path))).uid]).toEqual([path, owner.uid]);
    }
  },
);
