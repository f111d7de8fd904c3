import { afterAll, beforeAll, expect, test } from "vitest";
import { acceptEvents, countedOf, eventually } from "#e2e/servers/delivery-truth.ts";
import { type EngineProcess, startEngineProcess } from "#e2e/servers/engine-process.ts";
import { startTruthBotServer, type TruthBotServer } from "#e2e/servers/truth-bot-server.ts";
import type { Database } from "#lib/db.ts";
import { openLog } from "#lib/log.ts";
import { listWrongClocks } from "#lib/time/clock-readings.ts";
import { poolTime } from "#lib/time/database-time.ts";
import { createPlatformKey } from "#lib/tokens/platform-keys.ts";
import { createChannel, testActor } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { startHousekeeping } from "./worker/chores/housekeeping.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const gapMs = 2_000;

let database: Database & { url: string };
let bot: TruthBotServer;
const engines: EngineProcess[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  bot = await startTruthBotServer();
});
afterAll(async () => {
  await stopEngines();
  await bot.close();
  await database.close();
});

/** An engine on a machine whose wall clock is wrong; its monotonic clock runs on, as a real one does. */
async function startEngine(
  shiftMs: number,
  options: { role?: "worker" | "all"; env?: Record<string, string> } = {},
): Promise<EngineProcess> {
  const shift = `const Real = Date;
    globalThis.Date = class extends Real {
      constructor(...given) { given.length === 0 ? super(Real.now() + ${shiftMs}) : super(...given); }
      static now() { return Real.now() + ${shiftMs}; }
    };`;
  const engine = await startEngineProcess({
    databaseUrl: `${database.url}?application_name=${shiftMs}`,
    role: options.role ?? "worker",
    env: {
      REDELIVERY_SCHEDULE: `${gapMs}ms, ${gapMs}ms`,
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(shift)}`,
      ...options.env,
    },
  });
  engines.push(engine);
  return engine;
}

async function stopEngines(): Promise<void> {
  await Promise.all(engines.splice(0).map((engine) => engine.kill()));
}

/** Notes from now on which engines, by their shifts, have recorded failed attempts. */
async function watchRecorders(): Promise<() => Promise<number>> {
  await database.pool.query(`
    create table recorders (name text primary key);
    create function note_recorder() returns trigger language plpgsql as $$ begin
      insert into recorders values (current_setting('application_name')) on conflict do nothing;
      return new;
    end $$;
    create trigger note_recorder after insert on webhook_attempts for each row execute function note_recorder()`);
  return async () => (await database.pool.query("select from recorders")).rowCount ?? 0;
}

test("with one clock an hour ahead and one an hour behind nothing is sent early, late or twice", async () => {
  const { id: channelId } = await createChannel(database.db, {
    webhookUrl: bot.url,
    useWebhook: true,
    webhookRedelivery: true,
    errorStatisticsAggregation: true,
  });
  bot.decide = (arrival) => (arrival.isRedelivery ? 200 : 500);
  const recorders = await watchRecorders();
  await Promise.all([startEngine(hourMs), startEngine(-hourMs)]);
  let accepted = 0;
  // One quick worker could take everything that comes at once, and then this would show nothing.
  await eventually("both clocks have been at work", async () => {
    await acceptEvents(database, channelId, 8);
    accepted += 8;
    return accepted >= 80 && (await recorders()) === 2;
  });
  await eventually("all are finished", async () => {
    return (await database.db.queuedWebhook.count()) === 0;
  });

  const gaps = new Map<string, number[]>();
  for (const { webhookId, at } of bot.arrivals) {
    gaps.set(webhookId, [...(gaps.get(webhookId) ?? []), at]);
  }
  expect(gaps.size).toBe(accepted);
  for (const [webhookId, [first = 0, second = 0, ...more]] of gaps) {
    expect([webhookId, more]).toEqual([webhookId, []]);
    // The schedule's jitter may shorten a gap by a fifth.
    expect(second - first).toBeGreaterThan(gapMs * 0.8);
  }
  const { log, errors, delivered } = await countedOf(database, channelId);
  expect([errors, delivered]).toEqual([accepted, accepted]);
  expect(new Set(log.map((one) => one.attempts))).toEqual(new Set([2]));
});

test("what one worker holds is not taken over because another's clock says that its lease has ended", async () => {
  const { id: channelId } = await createChannel(database.db, {
    webhookUrl: bot.url,
    useWebhook: true,
  });
  bot.arrivals.length = 0;
  bot.decide = () => null;
  await acceptEvents(database, channelId, 20);
  await eventually("all are on the wire", () => bot.arrivals.length === 20);
  // The claims alone read this table, and nobody here does.
  const looked = async (): Promise<number> => {
    const { rows } = await database.pool.query<{ count: string }>(
      "select seq_scan + coalesce(idx_scan, 0) as count from pg_stat_user_tables where relname = 'ready_channels'",
    );
    return Number(rows[0]?.count);
  };
  const before = await looked();
  await eventually("the workers have looked for work again", async () => {
    return (await looked()) > before + 20;
  });
  expect(bot.arrivals.length).toBe(20);
  for (const arrival of bot.arrivals) arrival.answer(200);
  await eventually("all are finished", async () => {
    return (await database.db.queuedWebhook.count()) === 0;
  });
});

/** The stored times of a channel's webhooks that are not between these two moments of the database. */
async function misdated(channelId: string, from: Date, to: Date): Promise<unknown[]> {
  const { rows } = await database.pool.query(
    `select * from (
       select 'accepted' as what, accepted_at as at from webhooks where channel_id = $1
       union all select 'finished', finished_at from webhooks where channel_id = $1
       union all select 'delivered', started_at from webhooks where channel_id = $1 and started_at is not null
       union all select 'attempted', started_at from webhook_attempts where channel_id = $1
       union all select 'failed', occurred_at from webhook_errors where channel_id = $1
       union all select 'counted', first_at from error_rows where channel_id = $1
       union all select 'window', opened_at from notification_windows where channel_id = $1
       union all select 'window', detected_at from notifications where channel_id = $1
     ) stored where at < $2 or at > $3`,
    [channelId, from, to],
  );
  return rows;
}

const partitions = async (): Promise<unknown[]> =>
  (await database.pool.query("select inhrelid::regclass::text as name from pg_inherits order by 1"))
    .rows;

test("whatever the clocks of API and workers say, all is stored at the database's time and nothing is dropped", async () => {
  await stopEngines();
  const before = await partitions();
  const { id: channelId } = await createChannel(database.db, {
    webhookUrl: bot.url,
    useWebhook: true,
    webhookRedelivery: true,
    errorStatisticsAggregation: true,
  });
  const off = await createChannel(database.db, { useWebhook: false });
  bot.decide = (arrival) => (arrival.isRedelivery ? 200 : 500);
  const { key } = await createPlatformKey(database.db, testActor, { name: "clock" });
  const from = await poolTime(database.pool);
  const shifts = [40, 430, -33];
  const started = await Promise.all(
    shifts.map((days) => startEngine(days * dayMs, { role: "all" })),
  );
  for (const { apiUrl } of started) {
    for (const to of [...Array(10).fill(channelId), off.id]) {
      const answer = await fetch(`${apiUrl}/v1/channels/${to}/webhooks`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        body: JSON.stringify({ events: [{ type: "follow" }] }),
      });
      expect(answer.status).toBe(202);
    }
  }
  await eventually("all are finished", async () => {
    return (await database.db.webhook.count({ where: { channelId } })) === 10 * shifts.length;
  });
  const to = await poolTime(database.pool);
  expect(await misdated(channelId, from, to)).toEqual([]);
  expect(await misdated(off.id, from, to)).toEqual([]);
  await eventually("every engine has told of its clock", async () => {
    return (await listWrongClocks(database.pool)).some(({ offsetMs }) => offsetMs > 429 * dayMs);
  });
  for (const engine of started) {
    await eventually("it says so", () => /"level":50.*this machine's clock is/.test(engine.log()));
  }
  const housekeeping = startHousekeeping({
    databaseUrl: database.url,
    retention: { log: 30, errors: 90, rows: 400, audit: 400, mails: 90 },
    clock: { settle: async () => undefined, isFarOff: () => false },
    log: openLog("test", "silent"),
  });
  await housekeeping.round();
  await housekeeping.stop();
  expect(await partitions()).toEqual(before);
  expect(await database.db.webhook.count({ where: { channelId } })).toBe(10 * shifts.length);
});
