import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { administer, startThrowawayDatabase } from "#prisma/throwaway-database.ts";
import { isDatabaseAway } from "./database-away.ts";
import { type Database, openDatabase } from "./db.ts";

/** Every way that the product asks the database. */
const ways: Record<string, (database: Database) => Promise<unknown>> = {
  "a statement": ({ pool }) => pool.query("select 1"),
  "a model": ({ db }) => db.user.findFirst({ select: { id: true } }),
  "raw SQL": ({ db }) => db.$queryRaw`select 1`,
  "a transaction": ({ db }) => db.$transaction((tx) => tx.user.findFirst({ select: { id: true } })),
  "a batch": ({ db }) => db.$transaction([db.user.findFirst({ select: { id: true } })]),
};
const slow: Record<string, (database: Database) => Promise<unknown>> = {
  "a statement": ({ pool }) => pool.query("select pg_sleep(600)"),
  "raw SQL": ({ db }) => db.$queryRaw`select pg_sleep(600)::text`,
  "a transaction": ({ db }) =>
    db.$transaction((tx) => tx.$queryRaw`select pg_sleep(600)::text`, { timeout: 600_000 }),
};

const thrown = (asked: Promise<unknown>): Promise<unknown> =>
  asked.then(
    () => "answered",
    (error: unknown) => error,
  );

async function verdicts(
  asked: Record<string, (database: Database) => Promise<unknown>>,
  database: Database,
): Promise<Record<string, boolean>> {
  const entries = Object.entries(asked).map(async ([name, ask]) => {
    return [name, isDatabaseAway(await thrown(ask(database)))] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

const allAway = (asked: object): Record<string, boolean> =>
  Object.fromEntries(Object.keys(asked).map((name) => [name, true]));

test.each(["SIGINT", "SIGQUIT", "SIGKILL"] as const)(
  "a server that ends by %s is away, whatever asked it and whenever",
  async (signal) => {
    const cluster = await startThrowawayDatabase();
    const database = openDatabase(cluster.url, { connectionsMax: 12 });
    const underWay = verdicts(slow, database);
    for (;;) {
      const { rows } = await database.pool.query(
        "select from pg_stat_activity where wait_event = 'PgSleep'",
      );
      if (rows.length === 3) break;
      await pause(20);
    }
    process.kill(cluster.pid ?? 0, signal);
    await cluster.ended;
    expect(await underWay).toEqual(allAway(slow));
    expect(await verdicts(ways, database)).toEqual(allAway(ways));
    await database.close();
    await cluster.stop();
  },
);

test("a name that nothing is known of is away; what the database refuses is not", async () => {
  const nowhere = openDatabase("postgresql://tocsin:x@nowhere.invalid/tocsin");
  expect(await verdicts(ways, nowhere)).toEqual(allAway(ways));
  const cluster = await startThrowawayDatabase();
  const database = openDatabase(cluster.url);
  await administer(cluster.url, "create table one (id int primary key)");
  const refusals = {
    "a statement": () => database.pool.query("select 1/0"),
    "raw SQL": () => database.db.$queryRaw`select 1/0`,
    "a duplicate": () => database.db.$executeRaw`insert into one values (1), (1)`,
    "a missing table": () => database.db.user.findFirst({ select: { id: true } }),
  };
  for (const [name, ask] of Object.entries(refusals)) {
    expect([name, isDatabaseAway(await thrown(ask()))]).toEqual([name, false]);
  }
  await database.close();
  await cluster.stop();
  await nowhere.close();
});
