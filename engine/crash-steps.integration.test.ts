import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { acceptEvents, countedOf, endLeases, eventually } from "#e2e/servers/delivery-truth.ts";
import { type EngineProcess, startEngineProcess } from "#e2e/servers/engine-process.ts";
import { startTcpServer } from "#e2e/servers/tcp-server.ts";
import { startTruthBotServer, type TruthBotServer } from "#e2e/servers/truth-bot-server.ts";
import type { Database } from "#lib/db.ts";
import { createChannel } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";

// SIGKILL at each step of a delivery. The step is held open from outside: by the bot server, or by a lock in the
// database that the engine runs into. No code of the product takes part.

let database: Database & { url: string };
let bot: TruthBotServer;
let engines: EngineProcess[] = [];
/** Locks to let go of, whatever comes of a test. */
const held = new Set<() => Promise<void>>();

/** Advisory locks that the triggers below wait for while a test holds them. */
const holds = { "within the statement": 101, "at the commit": 102 } as const;

beforeAll(async () => {
  database = await createTestDatabase();
  bot = await startTruthBotServer();
  await database.pool.query(`
    create function hold() returns trigger language plpgsql as $$
      begin perform pg_advisory_xact_lock_shared(tg_argv[0]::bigint); return coalesce(new, old); end $$;
    create trigger hold_within before insert on webhooks for each row
      execute function hold(${holds["within the statement"]});
    create trigger hold_within before insert on error_rows for each row
      execute function hold(${holds["within the statement"]});
    create constraint trigger hold_commit after delete on webhook_queue deferrable initially deferred for each row
      execute function hold(${holds["at the commit"]});
    create constraint trigger hold_commit_update after update on webhook_queue deferrable initially deferred for each row
      when (old.lease is not null and new.lease is null) execute function hold(${holds["at the commit"]});`);
});
afterAll(async () => {
  await bot.close();
  await database.close();
});
beforeEach(() => {
  bot.arrivals.length = 0;
  bot.decide = () => 200;
});
afterEach(async () => {
  for (const release of held) await release();
  await killAll();
  await database.pool.query("truncate webhook_queue, ready_channels, webhooks, webhook_attempts");
});

async function startWorker(env: Record<string, string> = {}): Promise<void> {
  engines.push(await startEngineProcess({ databaseUrl: database.url, role: "worker", env }));
}

/** One that has delivered before, so that nothing is slow for the first time. */
async function startWarmWorker(): Promise<void> {
  await acceptEvents(database, await newChannel());
  await startWorker();
  await eventually("the worker is warm", queueIsEmpty);
  bot.arrivals.length = 0;
}

async function killAll(): Promise<void> {
  await Promise.all(engines.map((engine) => engine.kill()));
  engines = [];
}

const newChannel = async (webhookUrl = bot.url): Promise<string> =>
  (
    await createChannel(database.db, {
      webhookUrl,
      useWebhook: true,
      webhookRedelivery: true,
      errorStatisticsAggregation: true,
    })
  ).id;

/** Kills the engine at the moment when a request arrives: it waits no longer than 2 s for an answer. */
function killAtArrival(): Promise<void> {
  return new Promise((settle, refuse) => {
    bot.decide = () => {
      killAll().then(settle, refuse);
      return null;
    };
  });
}

/** Takes a lock that lasts until the returned function is called. */
async function hold(statement: string): Promise<() => Promise<void>> {
  const client = await database.pool.connect();
  await client.query("begin");
  await client.query(statement);
  const release = async (): Promise<void> => {
    if (!held.delete(release)) return;
    await client.query("rollback");
    client.release();
  };
  held.add(release);
  return release;
}

const engineBackends = `from pg_stat_activity
                          where datname = current_database() and application_name like 'tocsin engine%'`;

/** A claim, a recording or a commit waits for a lock; housekeeping, which may wait for one too, does not count. */
const engineWaits = async (): Promise<boolean> =>
  (
    await database.pool.query(
      `select ${engineBackends} and wait_event_type = 'Lock' and query ~ '^\\s*(with|commit|call)'`,
    )
  ).rowCount !== 0;

const engineIsGone = async (): Promise<boolean> =>
  (await database.pool.query(`select ${engineBackends}`)).rowCount === 0;

const inHand = (): Promise<number> =>
  database.db.queuedWebhook.count({ where: { lease: { not: null } } });

const queueIsEmpty = async (): Promise<boolean> => (await database.db.queuedWebhook.count()) === 0;

/** A worker that comes after the dead one's leases have ended delivers what is left. */
async function succeed(): Promise<void> {
  await eventually("the dead engine's connections are gone", engineIsGone);
  await endLeases(database);
  await startWorker();
  await eventually("the queue is empty", queueIsEmpty);
}

const flags = (webhookId?: string): boolean[] =>
  bot.arrivals
    .filter((one) => webhookId === undefined || one.webhookId === webhookId)
    .map((one) => one.isRedelivery);

test("killed before the claim: the next worker sends it, as the first attempt", async () => {
  const channelId = await newChannel();
  await acceptEvents(database, channelId);
  const release = await hold("select from ready_channels for update");
  await startWorker();
  await eventually(
    "the worker has looked for work",
    async () =>
      (
        await database.pool.query(
          `select ${engineBackends} and state = 'idle' and query ~ 'from claim_turns\\('`,
        )
      ).rowCount !== 0,
  );
  await killAll();
  await release();
  await succeed();
  expect(flags()).toEqual([false]);
  expect(await countedOf(database, channelId)).toEqual({
    log: [{ state: "delivered", attempts: 1 }],
    errors: 0,
    delivered: 1,
  });
});

test("killed in the middle of the claim: the claim never happened", async () => {
  const channelId = await newChannel();
  await acceptEvents(database, channelId);
  const release = await hold("lock table webhook_queue in exclusive mode");
  await startWorker();
  await eventually("the claim waits for the lock", engineWaits);
  await killAll();
  // The database sees that nobody waits for it any more.
  await eventually("the claim is given up", engineIsGone);
  await release();
  await succeed();
  expect(flags()).toEqual([false]);
  expect((await countedOf(database, channelId)).log).toEqual([{ state: "delivered", attempts: 1 }]);
});

test("killed after the claim: what was in hand and not begun comes as a redelivery, since nobody can know", async () => {
  const channelId = await newChannel();
  const accepted = await acceptEvents(database, channelId, 2);
  const killed = killAtArrival();
  await startWorker({ SLOTS: "1" });
  await killed;
  expect([bot.arrivals.length, await inHand()]).toEqual([1, 2]);
  const begun = bot.arrivals[0]?.webhookId;
  const waiting = accepted.find((id) => id !== begun);
  bot.decide = () => 200;
  await succeed();
  expect([flags(begun), flags(waiting)]).toEqual([[false, true], [true]]);
  expect(await countedOf(database, channelId)).toMatchObject({ errors: 0, delivered: 2 });
});

test("killed while connected, before the request: nothing is lost, and it comes as a redelivery", async () => {
  // A TLS port that never says a word: connected, and no request can have been written.
  let killed: Promise<void> | undefined;
  const silent = await startTcpServer(() => {
    killed = killAll();
  });
  const channelId = await newChannel(`https://127.0.0.1:${silent.port}/webhook`);
  await acceptEvents(database, channelId);
  await startWorker();
  await eventually("it is connected", () => killed !== undefined);
  await killed;
  await silent.close();
  await database.db.channel.update({ where: { id: channelId }, data: { webhookUrl: bot.url } });
  await succeed();
  expect(flags()).toEqual([true]);
  expect(await countedOf(database, channelId)).toEqual({
    log: [{ state: "delivered", attempts: 2 }],
    errors: 0,
    delivered: 1,
  });
});

test("killed when the request was sent: it is sent again, marked, and counted once", async () => {
  const channelId = await newChannel();
  await startWarmWorker();
  const killed = killAtArrival();
  await acceptEvents(database, channelId);
  await killed;
  bot.decide = () => 200;
  await succeed();
  expect(flags()).toEqual([false, true]);
  expect(await countedOf(database, channelId)).toEqual({
    log: [{ state: "delivered", attempts: 2 }],
    errors: 0,
    delivered: 1,
  });
});

const steps = ["before the statement", "within the statement", "at the commit"] as const;
type Step = (typeof steps)[number];

const holdAt = (step: Step): Promise<() => Promise<void>> =>
  step === "before the statement"
    ? hold("lock table webhooks in share mode")
    : hold(`select pg_advisory_xact_lock(${holds[step]})`);

/** What the database does with what a dead worker had begun: it finds the connection gone, or it had all it needed. */
const aftermaths = ["rolls it back", "goes on alone"] as const;

const cases = steps.flatMap((step) =>
  [200, 500].flatMap((answer) => aftermaths.map((aftermath) => ({ step, answer, aftermath }))),
);

test.each(cases)(
  "killed after the answer $answer, recording held $step, and the database $aftermath: counted once",
  async ({ step, answer, aftermath }) => {
    const channelId = await newChannel();
    bot.decide = () => (bot.arrivals.length === 1 ? answer : 200);
    const release = await holdAt(step);
    await acceptEvents(database, channelId);
    await startWorker();
    await eventually("recording waits for the lock", engineWaits);
    await killAll();
    if (aftermath === "rolls it back") {
      await database.pool.query(`select pg_terminate_backend(pid) ${engineBackends}`);
      await eventually("the connection is gone", engineIsGone);
    }
    await release();
    await succeed();
    // Of a delivered webhook the statement is the transaction; of a failed one the worker itself commits at the end.
    const isRecorded =
      aftermath === "goes on alone" && (answer === 200 || step === "at the commit");
    const isSentOnce = answer === 200 && isRecorded;
    expect(flags()).toEqual(isSentOnce ? [false] : [false, true]);
    expect(await countedOf(database, channelId)).toEqual({
      log: [{ state: "delivered", attempts: isSentOnce ? 1 : 2 }],
      errors: answer === 500 && isRecorded ? 1 : 0,
      delivered: 1,
    });
  },
);
