import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type DatabaseProxy, startDatabaseProxy } from "#e2e/servers/database-proxy.ts";
import { acceptEvents, eventually } from "#e2e/servers/delivery-truth.ts";
import { type EngineProcess, startEngineProcess } from "#e2e/servers/engine-process.ts";
import { startTruthBotServer, type TruthBotServer } from "#e2e/servers/truth-bot-server.ts";
import { commandActor } from "#lib/audit/actor.ts";
import { type Database, openDatabase } from "#lib/db.ts";
import { createTroubleTeller, listTroubles } from "#lib/intake/told-trouble.ts";
import { acceptWebhooks } from "#lib/queue/accept.ts";
import { decideSetAside } from "#lib/queue/decide-set-aside.ts";
import { startRedeliveryJob } from "#lib/redeliveries/jobs.ts";
import { redeliverWebhooks } from "#lib/redeliveries/redeliver.ts";
import { stepRedeliveryJob } from "#lib/redeliveries/step-job.ts";
import { createPlatformKey } from "#lib/tokens/platform-keys.ts";
import { acceptedAtOf } from "#lib/webhooks/webhook-id.ts";
import { createChannel } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";

// An engine whose machine is frozen, or whose network is gone, in the middle of what it does in the database. Others must
// not notice: whatever intake needs is held by no transaction that waits for the frozen one.

let database: Database & { url: string };
/** Waits for locks a little longer than intake does, and not until PostgreSQL ends a transaction whose process is frozen. */
let impatient: Database;
let bot: TruthBotServer;
let proxy: DatabaseProxy;
let engine: EngineProcess | undefined;

beforeAll(async () => {
  database = await createTestDatabase();
  impatient = openDatabase(database.url, { lockMs: 3_000 });
  bot = await startTruthBotServer();
});
beforeEach(async () => {
  proxy = await startDatabaseProxy(database.url);
  await database.pool.query("truncate webhook_queue, ready_channels");
});
afterEach(async () => {
  await engine?.kill();
  engine = undefined;
  await proxy.close();
});
afterAll(async () => {
  await bot.close();
  await impatient.close();
  await database.close();
});

const newChannel = async (): Promise<string> =>
  (await createChannel(database.db, { webhookUrl: bot.url, useWebhook: true })).id;

test.each(["claim_turns", "claim_take", "claim_bodies"])(
  "a worker that is frozen in the middle of a claim, at %s, holds up no intake",
  async (step) => {
    const channelId = await newChannel();
    engine = await startEngineProcess({ databaseUrl: proxy.url, role: "worker" });
    const worker = engine;
    bot.decide = () => 200;
    // It has prepared its statements, whose names are all that is sent from now on.
    await acceptEvents(database, channelId);
    await eventually("it delivers", queueIsEmpty);
    const frozen = proxy.freezeAt(step).then(() => worker.signal("SIGSTOP"));
    await acceptEvents(database, channelId, 3);
    await frozen;
    await acceptEvents(impatient, channelId, 3);
    // Nothing is lost: what it holds comes back when its leases end.
    await engine.kill();
    await proxy.close();
    proxy = await startDatabaseProxy(database.url);
    await database.pool.query(
      "update webhook_queue set lease_until = now() - interval '1 second' where lease is not null",
    );
    await database.pool.query(
      "update ready_channels set due_at = least(due_at, now() - interval '1 second')",
    );
    engine = await startEngineProcess({ databaseUrl: database.url, role: "worker" });
    await eventually("the next worker delivers all of it", queueIsEmpty);
  },
);

test("an API that is frozen in the middle of an intake with keys holds up no other's", async () => {
  const channelId = await newChannel();
  const key = await createPlatformKey(database.db, commandActor("test"), { name: "platform" });
  engine = await startEngineProcess({ databaseUrl: proxy.url, role: "api" });
  const api = engine;
  const post = (idempotencyKey: string) =>
    fetch(`${api.apiUrl}/v1/channels/${channelId}/webhooks`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${key.key}`,
        "content-type": "application/json",
        "idempotency-key": idempotencyKey,
      },
      body: '{"events":[{"type":"follow"}]}',
    });
  expect((await post("first")).status).toBe(202);
  const frozen = proxy.freezeAt("accept_store").then(() => api.signal("SIGSTOP"));
  post("second").catch(() => undefined);
  await frozen;
  const request = { channelId, events: ['{"type":"follow"}'], idempotencyKey: "second" };
  const [accepted] = await acceptWebhooks(impatient.pool, [request]);
  expect(accepted).toMatchObject({ eventCount: 1 });
  expect(await database.db.queuedWebhook.count()).toBe(2);
});

/** The console, seen from the database: what it was asked has been done, and its answer is not taken. */
const consoleRests = (name: string) =>
  eventually("the statement has been carried out", async () => {
    const { rows } = await database.pool.query<{ state: string }>(
      "select state from pg_stat_activity where application_name = $1 and query like '%set_aside_webhooks%'",
      [name],
    );
    return rows.length > 0 && rows.every(({ state }) => state !== "active");
  });

test("a console that is frozen while it releases a stuck webhook holds up no intake, and it is released", async () => {
  const channelId = await newChannel();
  await acceptEvents(database, channelId);
  const [aside] = await database.db.$queryRaw<{ id: string }[]>`
    insert into set_aside_webhooks (id, channel_id, lane, attempt, failures, unrecorded_count, event_count, body)
    values (gen_random_uuid(), ${channelId}, 0, 5, 0, 5, 1, '{}') returning id::text as id`;
  const id = aside?.id ?? "";
  const console = openDatabase(proxy.url, { name: "frozen console" });
  const frozen = proxy.freezeAt("delete from set_aside_webhooks");
  const decided = decideSetAside(console.db, commandActor("test"), id, "release").catch(() => null);
  await frozen;
  await consoleRests("frozen console");
  await acceptEvents(impatient, channelId, 3);
  expect(await database.db.queuedWebhook.count({ where: { id } })).toBe(1);
  expect(await database.db.auditEntry.count({ where: { targetId: id, channelId } })).toBe(1);
  await proxy.close();
  await decided;
  await console.close();
  proxy = await startDatabaseProxy(database.url);
});

test("a worker that is frozen in a step of a redelivery job holds no turn, and the step is done", async () => {
  const { channelId, id } = await failedWebhook();
  await startRedeliveryJob(database.db, commandActor("test"), {
    question: { ...wholeLog, channelId },
    ratePerSecond: 10,
    expectedCount: null,
  });
  const worker = openDatabase(proxy.url, { name: "frozen worker" });
  const frozen = proxy.freezeAt("superseded_deliveries");
  const stepped = stepRedeliveryJob(worker.db).catch(() => null);
  await frozen;
  await eventually(
    "the webhook waits for its redelivery",
    async () => (await database.db.queuedWebhook.count({ where: { id, lane: 1 } })) === 1,
  );
  await holdTurn(channelId);
  await proxy.close();
  await stepped;
  await worker.close();
  proxy = await startDatabaseProxy(database.url);
});

test("a console that is frozen while it redelivers by hand holds no turn: it is taken last", async () => {
  const { channelId, id } = await failedWebhook();
  const console = openDatabase(proxy.url, { name: "frozen console" });
  const frozen = proxy.freezeAt("insert into audit_entries");
  const redelivered = redeliverWebhooks(console.db, commandActor("test"), channelId, [id]).catch(
    () => null,
  );
  await frozen;
  await holdTurn(channelId);
  await proxy.close();
  await redelivered;
  await console.close();
  proxy = await startDatabaseProxy(database.url);
});

test("what an API tells of its intake ends soon after it was frozen, and is told again when it goes on", async () => {
  const frozen = openDatabase(proxy.url);
  const teller = createTroubleTeller(frozen.pool, { silenceMs: 1_000 });
  await teller.tell(["queue_long"]);
  const told = () => listTroubles(database.pool);
  expect(await told()).toEqual(["queue_long"]);
  proxy.cut();
  await eventually("it is told no more", async () => (await told()).length === 0);
  proxy.mend();
  await eventually("it is told again", async () => {
    await teller.tell(["queue_long"]).catch(() => undefined);
    return (await told()).length === 1;
  });
  await teller.tell([]);
  await eventually("it is taken back", async () => (await told()).length === 0);
  await frozen.close();
});

/** Of a channel with a redelivery that waits already, so that its turn is a row that others can wait for. */
async function failedWebhook(): Promise<{ channelId: string; id: string }> {
  const channelId = await newChannel();
  const [id = ""] = await acceptEvents(database, channelId);
  await database.db.$executeRaw`
    with done as (delete from webhook_queue where id = ${id}::uuid returning *)
    insert into webhooks (accepted_at, id, channel_id, state, attempts, event_count, finished_at, body)
    select ${acceptedAtOf(id)}, id, channel_id, 'failed', 1, event_count, now(), body from done`;
  await database.db.$executeRaw`
    insert into ready_channels (lane, channel_id, due_at) values (1, ${channelId}, now() + interval '1 hour')`;
  return { channelId, id };
}

const holdTurn = (channelId: string) =>
  impatient.pool.query("select from ready_channels where lane = 1 and channel_id = $1 for update", [
    channelId,
  ]);

const wholeLog = {
  from: new Date(Date.now() - 3_600_000),
  to: new Date(Date.now() + 3_600_000),
  states: null,
  eventType: null,
  eventId: null,
  doubtful: false,
};

const queueIsEmpty = async (): Promise<boolean> => (await database.db.queuedWebhook.count()) === 0;
