import type { ChildProcess } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { connectionsOfProduct } from "#lib/database-uses.ts";
import { openDatabase } from "#lib/db.ts";
import { type Env, EnvError, parseEnv } from "#lib/env.ts";
import { requireSealingKey } from "#lib/sealed-with.ts";
import { type EmbeddedDatabaseOptions, embeddedConnectionsMax } from "#prisma/embedded-database.ts";
import { migrate } from "#prisma/migrate.ts";
import { buildIfNeeded } from "./build.ts";
import { childEnv } from "./child-env.ts";
import { lockDataDir, runtimeFile } from "./data-dir-lock.ts";
import { type DatabasePartOptions, runDatabase } from "./database-part.ts";
import { engineCommand } from "./engine-command.ts";
import { type Part, type PartOptions, runPart } from "./part.ts";
import { projectDir } from "./project-dir.ts";
import { type InstallationSecrets, readOrMakeSecrets } from "./secrets.ts";

export type ProductOptions = {
  /** Values of the environment, as lib/env.ts reads them. */
  source: Record<string, string | undefined>;
  say: (line: string) => void;
  /** Told each line that a part writes; without it they go where the start command's own go. */
  hear?: (line: string) => void;
  /** `next dev` instead of a build. */
  dev?: boolean;
  /** Aborted when the start is to be given up: what has begun is stopped in order. */
  signal?: AbortSignal;
  /** Where the embedded database lies when its account cannot reach the data folder, and that account. */
  embedded?: Pick<EmbeddedDatabaseOptions, "accountName" | "shelterDir">;
};

export type Product = {
  consoleUrl: string;
  apiUrl: string;
  databaseUrl: string;
  encryptionKey: Buffer;
  parts: readonly Part[];
  /** Resolves, with words for the operator, when the product cannot go on: the embedded database stays down. */
  failed: Promise<string>;
  /** Console and API first, then the workers, then the database. */
  stop: () => Promise<void>;
};

/**
 * Starts the whole product: build if there is none for this source, embedded database if none is given, migrations,
 * engine and console. What was started is stopped again when a later step fails, or when it is to be given up.
 * @throws EnvError for a wrong environment; Error saying what could not be started and what to do.
 */
export async function startProduct(options: ProductOptions): Promise<Product> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const step of stops.splice(0).reverse()) await step();
  };
  const { signal = new AbortController().signal, say } = options;
  signal.addEventListener("abort", () => say("Stopping"), { once: true });
  try {
    const product = await start({ ...options, signal }, stops, stop);
    signal.throwIfAborted();
    return product;
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(
  {
    source,
    say,
    hear,
    dev = false,
    embedded = {},
    signal,
  }: ProductOptions & { signal: AbortSignal },
  stops: (() => Promise<void>)[],
  stop: () => Promise<void>,
): Promise<Product> {
  const given = parseEnv(source);
  if (given.databaseUrl === undefined) {
    const lock = await lockDataDir(given.dataDir);
    stops.push(lock.release);
  }
  await Promise.all([
    refuseTakenPort("PORT", given.port),
    refuseTakenPort("ENGINE_PORT", given.enginePort),
  ]);
  const [database, secrets] = await settled([
    given.databaseUrl === undefined
      ? startDatabase(
          { dataDir: given.dataDir, settings: [roomFor(given.workers)], say, signal, ...embedded },
          stops,
        )
      : { url: given.databaseUrl, failed: new Promise<string>(() => undefined) },
    given.databaseUrl === undefined ? readOrMakeSecrets(given.dataDir) : undefined,
    dev ? undefined : announceBuild(say, signal),
  ]);
  signal.throwIfAborted();
  const filled = {
    ...source,
    DATABASE_URL: database.url,
    AUTH_SECRET: given.authSecret ?? secrets?.authSecret,
    ENCRYPTION_KEY: given.encryptionKey?.toString("hex") ?? secrets?.encryptionKey,
    ENCRYPTION_KEYS_OLD: olderKeys(given, secrets),
  };
  const env = parseEnv(filled);
  // Given up, it ends with this process: what it was at is rolled back.
  await unlessAborted(migrate(database.url, { say }), signal);
  if (env.encryptionKey === undefined) throw new EnvError(["ENCRYPTION_KEY must be set"]);
  await requireKey(database.url, env.encryptionKey, env.lostKeyNames);
  const speech = hear === undefined ? { say } : { say, hear };
  const parts = beginParts({ filled, dev, speech, workers: env.workers, port: env.port });
  stops.push(async () => {
    // The console and the API stop first, so that nothing new comes in while the workers finish.
    await Promise.all(
      parts.filter(({ name }) => !name.startsWith("worker")).map((part) => part.stop()),
    );
    await Promise.all(parts.map((part) => part.stop()));
  });
  await unlessAborted(Promise.all(parts.map((part) => part.ready)), signal);
  return {
    consoleUrl: env.baseUrl,
    apiUrl: `http://localhost:${env.enginePort}`,
    databaseUrl: database.url,
    encryptionKey: env.encryptionKey,
    parts,
    failed: database.failed,
    stop,
  };
}

/** As Promise.all, but a failure waits for the others: what they begin is to be known when all is stopped. */
async function settled<T extends readonly unknown[]>(begun: readonly [...T]) {
  await Promise.allSettled(begun);
  return Promise.all(begun);
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  work.catch(() => undefined);
  signal.throwIfAborted();
  return Promise.race([
    work,
    new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    }),
  ]);
}

async function requireKey(url: string, key: Buffer, lost: readonly string[]): Promise<void> {
  const { pool, close } = openDatabase(url, { connectionsMax: 1, name: "tocsin start" });
  try {
    await requireSealingKey(pool, key, lost);
  } finally {
    await close();
  }
}

/** Those of the environment, and those of a rotation that is under way in the data folder. */
function olderKeys(env: Env, secrets: InstallationSecrets | undefined): string {
  const given = env.oldEncryptionKeys.map((key) => key.toString("hex"));
  return [...given, ...(secrets?.oldEncryptionKeys ?? [])].join(",");
}

async function announceBuild(say: (line: string) => void, signal: AbortSignal): Promise<void> {
  const slow = setTimeout(
    () => say("Building the console (about a minute, only after the source has changed)"),
    500,
  );
  try {
    await buildIfNeeded(signal);
  } finally {
    clearTimeout(slow);
  }
}

async function startDatabase(
  options: DatabasePartOptions,
  stops: (() => Promise<void>)[],
): Promise<{ url: string; failed: Promise<string> }> {
  const database = await runDatabase(options);
  const path = join(options.dataDir, runtimeFile);
  stops.push(async () => {
    await rm(path, { force: true });
    await database.stop();
  });
  const runtime = JSON.stringify({ databaseUrl: database.url });
  await writeFile(path, runtime, { mode: 0o600 });
  return database;
}

function beginParts(options: {
  filled: Record<string, string | undefined>;
  dev: boolean;
  speech: Pick<PartOptions, "say" | "hear">;
  workers: number;
  port: number;
}): Part[] {
  const { speech, dev, port } = options;
  const env = childEnv({ ...options.filled, NODE_ENV: dev ? "development" : "production" });
  const engine = (name: string, role: string): Part =>
    runPart({
      name,
      args: [...engineCommand, "--role", role],
      env,
      ...speech,
      ready: (child) => new Promise((settle) => child.once("message", () => settle())),
    });
  return [
    engine("api", "api"),
    ...Array.from({ length: options.workers }, (_, index) =>
      engine(`worker ${index + 1}`, "worker"),
    ),
    beginConsole({ name: "console", port, env, dev, ...speech }),
  ];
}

/** A console by itself, over the database that `env` names. */
export function beginConsole(
  options: { port: number; dev?: boolean } & Pick<PartOptions, "name" | "env" | "say" | "hear">,
): Part {
  const { port, dev = false, ...part } = options;
  const next = join(projectDir, "node_modules/next/dist/bin/next");
  const before = [
    "exit-with-parent.mjs",
    "tell-peer-address.mjs",
    "answer-unavailable.mjs",
    "limit-connections.mjs",
    "answer-first.mjs",
  ].flatMap((file) => ["--import", join(projectDir, "engine/start", file)]);
  return runPart({
    ...part,
    args: [...before, next, dev ? "dev" : "start", "--port", String(port)],
    ready: (child) => answers(`http://127.0.0.1:${port}/healthz`, child),
  });
}

/** Asks until it answers, or `child` has ended. */
async function answers(url: string, child: ChildProcess): Promise<void> {
  while (child.exitCode === null && child.signalCode === null) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok === true) return;
    await pause(100);
  }
  throw new Error("it has ended");
}

/** Parts of an earlier run that was killed need a moment to go; after that a taken port is an error. */
async function refuseTakenPort(name: string, port: number): Promise<void> {
  for (let tries = 0; tries < 12; tries += 1) {
    if (await isFree(port)) return;
    await pause(250);
  }
  throw new EnvError([`${name} must be a free port: ${port} is in use.`]);
}

function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  return new Promise((settle) => {
    probe.once("error", () => settle(false));
    probe.listen(port, "0.0.0.0", () => probe.close(() => settle(true)));
  });
}

/** The embedded database's own limit is enough for five workers; with more of them it has to follow. */
const roomFor = (workers: number): string =>
  `max_connections=${Math.max(embeddedConnectionsMax, connectionsOfProduct(workers))}`;
