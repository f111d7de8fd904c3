import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { type EngineProcess, startEngineProcess } from "#e2e/servers/engine-process.ts";
import { openDatabase } from "#lib/db.ts";
import { createPlatformKey } from "#lib/tokens/platform-keys.ts";
import { migrate } from "#prisma/migrate.ts";
import { administer } from "#prisma/throwaway-database.ts";
import { createUser, testActor } from "#testing/factories.ts";
import { type PlatformClient, platformClient } from "./platform-client.ts";

export type StartOptions = {
  role?: "api" | "worker" | "all";
  env?: Record<string, string>;
  /** Instead of the place's own, such as one behind a proxy. */
  databaseUrl?: string;
  within?: readonly string[];
};

export type ChannelSwitches = {
  webhookUrl: string;
  useWebhook?: boolean;
  webhookRedelivery?: boolean;
  errorStatisticsAggregation?: boolean;
};

/** A migrated database, and the engine processes that a test starts over it. */
export type Place = {
  url: string;
  /** For plain counts where the product has no face for them. */
  pool: pg.Pool;
  start: (options?: StartOptions) => Promise<EngineProcess>;
  /** A client of this API. */
  clientOf: (api: () => EngineProcess) => PlatformClient;
  newKey: () => Promise<string>;
  /** A person with a verified address and an account. */
  newPerson: (email: string) => Promise<void>;
  /** Made by the API: every switch on unless told otherwise. */
  makeChannel: (client: PlatformClient, switches: ChannelSwitches) => Promise<string>;
  close: () => Promise<void>;
};

/** Over the database of a product that runs. */
export const adoptPlace = (url: string): Promise<Place> => placeOver(url, async () => undefined);

/** `url` names a database that is there and empty. */
export async function openPlace(url: string): Promise<Place> {
  await migrate(url);
  return placeOver(url, async () => undefined);
}

/** A database of its own in a cluster, made from a migrated one there. */
export async function copyPlace(clusterUrl: string, template: string): Promise<Place> {
  const name = `place_${randomBytes(6).toString("hex")}`;
  await administer(clusterUrl, `create database ${name} template ${template} strategy file_copy`);
  const drop = () => administer(clusterUrl, `drop database ${name} with (force)`);
  return placeOver(clusterUrl.replace(/\/[^/]*$/, `/${name}`), drop);
}

/** How long a busy machine may take to do what it will do. */
const patienceMs = 120_000;
/** Prisma's code for a transaction that did not begin or end in its time; nothing of it stands. */
const transactionLate = "P2028";

async function placeOver(url: string, drop: () => Promise<void>): Promise<Place> {
  const pool = new pg.Pool({ connectionString: url, max: 4 });
  // The database is taken away on purpose.
  pool.on("error", () => undefined);
  const engines: EngineProcess[] = [];
  const newKey = async (): Promise<string> => {
    const database = openDatabase(url, { connectionsMax: 1 });
    try {
      const make = () => createPlatformKey(database.db, testActor, { name: "proof" });
      return (await untilBegun(make)).key;
    } finally {
      await database.close();
    }
  };
  const key = await newKey();
  const providers = new Map<PlatformClient, Promise<string>>();
  const place: Place = {
    url,
    pool,
    newKey,
    start: async ({ role = "all", env = {}, databaseUrl = url, within = [] } = {}) => {
      const engine = await startEngineProcess({ databaseUrl, role, env, within });
      engines.push(engine);
      return engine;
    },
    clientOf: (api) => platformClient(() => api().apiUrl, key),
    newPerson: async (email) => {
      const database = openDatabase(url, { connectionsMax: 1 });
      await createUser(database.db, { email });
      await database.close();
    },
    makeChannel: async (client, { webhookUrl, ...switches }) => {
      const provider = providers.get(client) ?? makeProvider(client);
      providers.set(client, provider);
      // One that could not be made is no reason against the next.
      provider.catch(() => providers.delete(client));
      const channel = await mustAnswer(client, "POST", "/v1/channels", {
        ...{ providerId: await provider, name: "Proof bot", description: "Made for a test." },
        email: "nobody@example.com",
      });
      await mustAnswer(client, "PATCH", `/v1/channels/${channel.channelId}`, {
        ...{ webhookUrl, useWebhook: true, webhookRedelivery: true },
        ...{ errorStatisticsAggregation: true, ...switches },
      });
      return String(channel.channelId);
    },
    close: async () => {
      for (const engine of engines) engine.signal("SIGCONT");
      await Promise.all(engines.map((engine) => engine.kill()));
      await pool.end();
      await drop();
    },
  };
  return place;
}

/** Runs a transaction again that Prisma gave up on because the machine was too busy to begin or end it in its time. */
async function untilBegun<T>(run: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    try {
      return await run();
    } catch (error) {
      const isLate = error instanceof Error && "code" in error && error.code === transactionLate;
      if (!isLate || performance.now() > deadline) throw error;
    }
  }
}

async function makeProvider(client: PlatformClient): Promise<string> {
  const made = await mustAnswer(client, "POST", "/v1/providers", { name: "Proof" });
  return String(made.providerId);
}

/**
 * For what a test needs before or beside what it is about. Asks again while the answer is 503, as every client is told to: on a
 * busy machine a database that is well can be late. What is made may then be there twice.
 * @throws Error with what was answered last unless it is a success.
 */
export async function mustAnswer(
  client: PlatformClient,
  method: string,
  path: string,
  body?: object,
): Promise<Record<string, unknown>> {
  const deadline = performance.now() + patienceMs;
  let answer = await client.ask(method, path, body);
  while (answer.status === 503 && performance.now() < deadline) {
    await pause(500);
    answer = await client.ask(method, path, body);
  }
  if (answer.status >= 300) {
    throw new Error(`${method} ${path} answered ${answer.status}: ${answer.text}`);
  }
  return answer.text === "" ? {} : answer.json();
}
