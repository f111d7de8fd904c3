import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { type DatabaseProxy, startDatabaseProxy } from "#e2e/servers/database-proxy.ts";
import { isDatabaseAway, isDatabaseBusy } from "#lib/database-away.ts";
import { type Database, inTransaction, openDatabase } from "#lib/db.ts";
import { createTestDatabase } from "#testing/test-database.ts";

let database: Database & { url: string };
let proxy: DatabaseProxy;
let bounded: Database;
const deadline = { timeout: 60_000, interval: 20 };

beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(async () => {
  proxy = await startDatabaseProxy(database.url);
});
afterEach(async () => {
  for (const release of held) await release();
  await bounded.close();
  await proxy.close();
});
afterAll(() => database.close());

function open(limits: Parameters<typeof openDatabase>[1]): void {
  bounded = openDatabase(proxy.url, { name: "tocsin test bounded", ...limits });
}

/** Locks to let go of, whatever comes of a test. */
const held = new Set<() => Promise<void>>();

async function lockChannels(): Promise<() => Promise<void>> {
  const holder = await database.pool.connect();
  await holder.query("begin");
  await holder.query("lock table channels in access exclusive mode");
  const release = async (): Promise<void> => {
    if (!held.delete(release)) return;
    await holder.query("rollback");
    holder.release();
  };
  held.add(release);
  return release;
}

const caught = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "nothing was thrown",
    (error: unknown) => error,
  );

test("a network that is gone without a word fails what waits, and the connection is not used again", async () => {
  open({ connectionsMax: 1, silenceMs: 300, acquireMs: 2_000 });
  expect((await bounded.pool.query("select 1 as n")).rows).toEqual([{ n: 1 }]);
  proxy.cut();
  const statement = await caught(bounded.pool.query("select 1"));
  expect([statement, isDatabaseAway(statement)]).toEqual([expect.any(Error), true]);
  const connecting = await caught(bounded.pool.query("select 1"));
  expect([connecting, isDatabaseAway(connecting)]).toEqual([expect.any(Error), true]);
  proxy.mend();
  await vi.waitFor(async () => {
    expect((await bounded.pool.query("select 2 as n")).rows).toEqual([{ n: 2 }]);
  }, deadline);
});

test("in the middle of a transaction too, by either way to the database", async () => {
  open({ connectionsMax: 1, silenceMs: 300, acquireMs: 2_000 });
  const cutWithin = (ask: () => Promise<unknown>) => {
    proxy.cut();
    return ask();
  };
  const plain = await caught(
    inTransaction(bounded.pool, (client) => cutWithin(() => client.query("select 1"))),
  );
  expect(isDatabaseAway(plain)).toBe(true);
  proxy.mend();
  const prisma = await caught(
    bounded.db.$transaction(async (tx) => {
      await tx.$queryRaw`select 1`;
      await cutWithin(() => tx.$queryRaw`select 1`);
    }),
  );
  expect(isDatabaseAway(prisma) || isDatabaseBusy(prisma)).toBe(true);
  proxy.mend();
  await vi.waitFor(async () => {
    expect((await bounded.pool.query("select 2 as n")).rows).toEqual([{ n: 2 }]);
  }, deadline);
});

test("a pause between statements is no silence", async () => {
  open({ connectionsMax: 1, silenceMs: 100 });
  const pidOf = async () =>
    (await bounded.pool.query<{ pid: number }>("select pg_backend_pid() as pid")).rows[0]?.pid;
  const before = await pidOf();
  await new Promise((wake) => setTimeout(wake, 400));
  expect(await pidOf()).toBe(before);
});

test("waiting for a lock, and working for long, end by the database; it says that nothing was done", async () => {
  open({ lockMs: 100, statementMs: 5_000 });
  const release = await lockChannels();
  const asked = [
    bounded.pool.query("select from channels"),
    bounded.db.channel.findMany({ take: 1, select: { id: true } }),
    bounded.db.$queryRaw`select id from channels`,
    bounded.db.$transaction((tx) => tx.channel.findMany({ take: 1, select: { id: true } }), {
      timeout: 30_000,
    }),
  ];
  const errors = await Promise.all(asked.map(caught));
  expect(errors.map(isDatabaseBusy)).toEqual([true, true, true, true]);
  await release();
  await bounded.close();
  open({ statementMs: 100 });
  expect(isDatabaseBusy(await caught(bounded.db.$queryRaw`select pg_sleep(60)::text`))).toBe(true);
});

test("what nobody waits for any more ends in the database, also where it waits for a lock", async () => {
  open({});
  const release = await lockChannels();
  const asked = caught(bounded.pool.query("select from channels"));
  const countWaiting = async (): Promise<number> => {
    const { rows } = await database.pool.query<{ n: number }>(
      `select count(*)::int as n from pg_stat_activity
        where datname = current_database() and application_name = 'tocsin test bounded' and wait_event_type = 'Lock'`,
    );
    return rows[0]?.n ?? 0;
  };
  await vi.waitFor(async () => expect(await countWaiting()).toBe(1), deadline);
  await proxy.close();
  await asked;
  await vi.waitFor(async () => expect(await countWaiting()).toBe(0), deadline);
  await release();
  proxy = await startDatabaseProxy(database.url);
});
