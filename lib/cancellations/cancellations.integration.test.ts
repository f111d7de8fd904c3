import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { deleteChannel } from "#lib/channels/commands.ts";
import { setChannelDisabled } from "#lib/channels/disable.ts";
import { turnSwitch } from "#lib/channels/switch.ts";
import type { Database } from "#lib/db.ts";
import { type ClaimedWebhook, type Lane, lanes } from "#lib/queue/claim.ts";
import { endUnsent } from "#lib/queue/end-unsent.ts";
import { newWebhookId } from "#lib/webhooks/webhook-id.ts";
import { createErrors, makeError } from "#testing/error-factory.ts";
import { createChannel, testActor } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { acceptSome, claimSome, failAll } from "#testing/test-webhooks.ts";
import { findCancellation } from "./find.ts";
import { reopenCancellations } from "./reopen.ts";
import { stepCancellation } from "./step.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.pool.query(
    "truncate webhook_queue, ready_channels, webhooks, webhook_attempts, webhook_errors, set_aside_webhooks, cancellations",
  );
});

const on = {
  webhookUrl: "https://bot.example.com/webhook",
  useWebhook: true,
  webhookRedelivery: true,
};

const accept = (channelId: string, count: number) => acceptSome(database.pool, channelId, count);
const claim = (lane: Lane = lanes.first) =>
  claimSome(database.pool, { lane, share: (channelIds) => channelIds.map(() => 100) });
const fail = (webhooks: readonly ClaimedWebhook[]) => failAll(database.pool, webhooks);

/** Where the channel's webhooks are: the queue, and the log by state. */
async function whereabouts(channelId: string): Promise<Record<string, number>> {
  const { rows } = await database.pool.query<{ place: string; n: number }>(
    `select 'waiting' as place, count(*)::int as n from webhook_queue where channel_id = $1 having count(*) > 0
     union all select state::text, count(*)::int from webhooks where channel_id = $1 group by state`,
    [channelId],
  );
  return Object.fromEntries(rows.map((row) => [row.place, row.n]));
}

const sum = (counts: Record<string, number>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);

const small = { rows: 100, bytes: 1_000_000 };

/** Steps until nothing is due, and the counts of every moment in between agree. Returns the steps that ended something. */
async function stepAll(channelId: string, bounds = small): Promise<number> {
  const total = sum(await whereabouts(channelId));
  let steps = 0;
  for (;;) {
    const report = await stepCancellation(database.pool, bounds);
    if (report === null) return steps;
    if (report.endedCount > 0) steps += 1;
    expect(sum(await whereabouts(channelId))).toBe(total);
  }
}

const off = (channelId: string, name: "useWebhook" | "webhookRedelivery" = "useWebhook") =>
  turnSwitch(database.db, testActor, channelId, name, false);
const onAgain = (channelId: string, name: "useWebhook" | "webhookRedelivery" = "useWebhook") =>
  turnSwitch(database.db, testActor, channelId, name, true);

test("Use webhook off ends a little at once, hands out nothing from then on, and the rest ends in steps", async () => {
  const { id } = await createChannel(database.db, on);
  await accept(id, 450);
  expect(await off(id)).toEqual({ endedCount: 100, isEndingMore: true });
  expect(await claim()).toEqual([]);
  expect(await whereabouts(id)).toEqual({ waiting: 350, not_sent: 100 });
  await stepCancellation(database.pool, small);
  expect(await findCancellation(database.db, id)).toEqual({ endedCount: 200, expectedCount: 450 });
  expect(await stepAll(id)).toBe(3);
  expect(await whereabouts(id)).toEqual({ not_sent: 450 });
  expect(await findCancellation(database.db, id)).toBeNull();
});

test("on again, what waited ends all the same, and what comes then is handed out before that has ended", async () => {
  const { id } = await createChannel(database.db, on);
  await accept(id, 250);
  await off(id);
  await onAgain(id);
  const fresh = await accept(id, 3);
  const held = await claim();
  expect(held.map((one) => one.id).sort()).toEqual(fresh.sort());
  await stepAll(id);
  expect(await whereabouts(id)).toEqual({ waiting: 3, not_sent: 250 });
});

test("Webhook redelivery off and on cancels the redeliveries that waited, not first attempts nor later redeliveries", async () => {
  const { id } = await createChannel(database.db, on);
  await accept(id, 300);
  const early = [...(await claim()), ...(await claim())];
  expect(early).toHaveLength(200);
  await fail(early);
  await off(id, "webhookRedelivery");
  await onAgain(id, "webhookRedelivery");
  const late = await claim();
  expect(late).toHaveLength(100);
  expect(new Set((await fail(late)).values())).toEqual(new Set(["redelivered"]));
  await stepAll(id);
  expect(await whereabouts(id)).toEqual({ waiting: 100, cancelled: 200 });
  await database.pool.query(
    "with q as (update webhook_queue set due_at = now() - interval '1 s') update ready_channels set due_at = now() - interval '1 s'",
  );
  expect(await claim(lanes.redelivery)).toHaveLength(100);
});

test("what is in hand when it goes off and on again is recorded, and not sent once more", async () => {
  const { id } = await createChannel(database.db, on);
  await accept(id, 5);
  const held = await claim();
  await off(id);
  await onAgain(id);
  expect(await stepAll(id)).toBe(0);
  expect([...(await fail(held)).values()]).toEqual(Array(5).fill("cancelled"));
  expect(await whereabouts(id)).toEqual({ cancelled: 5 });
});

test("what a dead worker held ends once its lease is over", async () => {
  const { id } = await createChannel(database.db, on);
  await accept(id, 5);
  await claim();
  await off(id);
  await database.pool.query("update cancellations set started_at = now() - interval '2 minutes'");
  await stepAll(id);
  expect(await whereabouts(id)).toEqual({ waiting: 5 });
  expect(await database.db.cancellation.count()).toBe(1);
  await database.pool.query("update webhook_queue set lease_until = now() - interval '1 s'");
  await database.pool.query("update cancellations set next_step_at = now() - interval '1 s'");
  await stepAll(id);
  expect(await whereabouts(id)).toEqual({ cancelled: 5 });
});

test("a step that a crash cuts off leaves everything as it was, and the next worker goes on", async () => {
  const { id } = await createChannel(database.db, on);
  await accept(id, 400);
  await off(id);
  await stepCancellation(database.pool, small);
  const before = await whereabouts(id);
  await database.pool.query(`
    create function refuse_log() returns trigger language plpgsql as 'begin raise exception ''no more''; end';
    create trigger refuse_log before insert on webhooks for each row execute function refuse_log()`);
  await expect(stepCancellation(database.pool, small)).rejects.toThrow("no more");
  expect(await whereabouts(id)).toEqual(before);
  await database.pool.query("drop function refuse_log cascade");
  await stepAll(id);
  expect(await whereabouts(id)).toEqual({ not_sent: 400 });
});

test("a step is bounded by the size of bodies too, and always ends at least one", async () => {
  const { id } = await createChannel(database.db, on);
  await accept(id, 104);
  await database.pool.query("update webhook_queue set body = repeat('x', 200000)");
  await off(id);
  const { waiting } = await whereabouts(id);
  expect(await stepAll(id, { rows: 100, bytes: 1 })).toBe(waiting);
});

test("of two workers one steps a cancellation at a time, and together they end everything once", async () => {
  const { id } = await createChannel(database.db, on);
  await accept(id, 600);
  await off(id);
  await Promise.all([stepAll(id), stepAll(id), stepAll(id)]);
  expect(await whereabouts(id)).toEqual({ not_sent: 600 });
});

test("a deleted channel is gone at once; what waited ends and its counts go in steps", async () => {
  const { id, name } = await createChannel(database.db, {
    ...on,
    errorStatisticsAggregation: true,
  });
  const daysAgo = (days: number) =>
    makeError({ occurredAt: new Date(Date.now() - days * 86_400_000) });
  await createErrors(database.pool, id, [daysAgo(0), daysAgo(3), daysAgo(20)]);
  await database.db.answeredErrorHour.create({
    data: { channelId: id, hour: new Date("2026-10-01T00:00Z"), answers: [1] },
  });
  await accept(id, 300);
  await deleteChannel(database.db, testActor, id, name);
  expect(await database.db.channel.count({ where: { id } })).toBe(0);
  expect(await claim()).toEqual([]);
  await stepAll(id);
  expect(await whereabouts(id)).toEqual({ not_sent: 300 });
  expect(await database.db.errorRow.count({ where: { channelId: id } })).toBe(0);
  expect(await database.db.errorHour.count({ where: { channelId: id } })).toBe(0);
  expect(await database.db.answeredErrorHour.count({ where: { channelId: id } })).toBe(0);
});

test("an operator's disabling takes effect at once, too, and tells the audit log that more is being ended", async () => {
  const { id } = await createChannel(database.db, on);
  await accept(id, 150);
  await setChannelDisabled(database.db, testActor, id, true);
  expect(await claim()).toEqual([]);
  await stepAll(id);
  expect(await whereabouts(id)).toEqual({ not_sent: 150 });
});

test("a cancellation goes a minute after everything has ended, not before", async () => {
  const { id } = await createChannel(database.db, on);
  await accept(id, 150);
  await off(id);
  await stepAll(id);
  expect(await database.db.cancellation.count()).toBe(1);
  await database.pool.query(
    "update cancellations set started_at = now() - interval '2 minutes', next_step_at = now() - interval '1 s'",
  );
  await stepAll(id);
  expect(await database.db.cancellation.count()).toBe(0);
});

test("what was queued under an older epoch when no cancellation was left is found and ended", async () => {
  const stale = await createChannel(database.db, on);
  const untouched = await createChannel(database.db, on);
  await accept(stale.id, 2);
  await accept(untouched.id, 2);
  await database.pool.query("update channels set first_epoch = first_epoch + 1 where id = $1", [
    stale.id,
  ]);
  await database.pool.query(
    "insert into webhook_queue (id, channel_id, lane, due_at, event_count, body) values ($1, 'nobody', 1, now(), 1, '{}')",
    [newWebhookId(new Date())],
  );
  await reopenCancellations(database.pool);
  expect(await database.db.cancellation.count()).toBe(2);
  await stepAll(stale.id);
  expect(await whereabouts(stale.id)).toEqual({ not_sent: 2 });
  expect(await whereabouts("nobody")).toEqual({ not_sent: 1 });
  expect(await whereabouts(untouched.id)).toEqual({ waiting: 2 });
});

test("however the switch is pressed while intake and claims run, each webhook ends once, and nothing cancelled is handed out later", async () => {
  const { id } = await createChannel(database.db, on);
  const accepted: string[] = [];
  let presses = 0;
  /** What claims brought that began after so many presses. */
  const handedOut: { id: string; presses: number }[] = [];
  let isOver = false;
  const takeIn = async () => {
    while (!isOver) accepted.push(...(await accept(id, 20)));
  };
  const send = async () => {
    while (!isOver) {
      const pressesBefore = presses;
      const claimed = await claim();
      handedOut.push(...claimed.map((one) => ({ id: one.id, presses: pressesBefore })));
      const [sent, unsent] = [true, false].map((used) =>
        claimed.filter((one) => one.useWebhook === used),
      );
      // As a worker does: what was claimed while the switch was off is not sent.
      await endUnsent(database.pool, unsent ?? []);
      await fail(sent ?? []);
    }
  };
  const end = async () => {
    while (!isOver) await stepCancellation(database.pool, small);
  };
  const running = Promise.all([takeIn(), takeIn(), send(), send(), end()]);
  const cancelled = new Map<string, number>();
  for (; presses < 15; ) {
    await off(id);
    const { rows } = await database.pool.query<{ id: string }>(
      `select q.id from webhook_queue q join channels c on c.id = q.channel_id
        where c.id = $1 and q.lane = 0 and q.lease is null and q.epoch < c.first_epoch`,
      [id],
    );
    presses += 1;
    for (const row of rows) cancelled.set(row.id, presses);
    await onAgain(id);
    accepted.push(...(await accept(id, 1)));
  }
  isOver = true;
  await running;
  const late = handedOut.filter((one) => one.presses >= (cancelled.get(one.id) ?? 99));
  expect(late).toEqual([]);
  await off(id);
  await database.pool.query(
    "update webhook_queue set lease_until = now() - interval '1 s' where lease is not null",
  );
  await database.pool.query("update cancellations set next_step_at = now() - interval '1 s'");
  await stepAll(id);
  expect((await whereabouts(id)).waiting).toBeUndefined();
  const ended = await database.db.webhook.findMany({ where: { channelId: id } });
  expect(ended.map((row) => row.id).sort()).toEqual(accepted.sort());
});
