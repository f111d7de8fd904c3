import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { type ClaimedWebhook, type Lane, lanes } from "#lib/queue/claim.ts";
import { redeliverWebhooks } from "#lib/redeliveries/redeliver.ts";
import { createChannel, testActor } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { acceptSome, claimSome, failAll } from "#testing/test-webhooks.ts";
import { checkErrorCounts } from "./check-counts.ts";
import { listSingleErrors } from "./list-singles.ts";
import type { ErrorQuestion } from "./question.ts";
import { rebuildErrorCounts } from "./rebuild-counts.ts";
import { summariseErrors } from "./summarise.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const createOn = () =>
  createChannel(database.db, {
    webhookUrl: "https://bot.example.com/webhook",
    useWebhook: true,
    webhookRedelivery: false,
    errorStatisticsAggregation: true,
  });

const accept = (channelId: string, count: number) => acceptSome(database.pool, channelId, count);
const claim = (lane: Lane) =>
  claimSome(database.pool, {
    ...{ lane, doubtfulMax: 100 },
    share: (channelIds) => channelIds.map(() => 100),
  });
const fail = (webhooks: readonly ClaimedWebhook[]) => failAll(database.pool, webhooks);

/** Their worker dies: what it held may be claimed again. */
async function leasesEnd(): Promise<void> {
  await database.pool.query(
    "update webhook_queue set lease_until = now() - interval '1 s' where lease is not null",
  );
  await database.pool.query("update ready_channels set due_at = now() - interval '1 s'");
}

function lastHour(channelId: string): ErrorQuestion {
  const minute = Math.floor(Date.now() / 60_000) * 60_000;
  return {
    channelId,
    from: new Date(minute - 3_600_000),
    to: new Date(minute + 120_000),
    reason: null,
    detail: null,
    status: null,
    attempt: null,
  };
}

const summary = (question: ErrorQuestion) => summariseErrors(database.db, question);

test("a webhook whose first attempt a crash cut off is affected all the same, by its first recorded failure", async () => {
  const { id } = await createOn();
  await accept(id, 5);
  expect(await claim(lanes.first)).toHaveLength(5);
  await leasesEnd();
  const again = await claim(lanes.first);
  expect(again.map((one) => one.attempt)).toEqual([2, 2, 2, 2, 2]);
  await fail(again);
  const asked = lastHour(id);
  expect(await summary(asked)).toMatchObject({ errorCount: 5, webhookCount: 5 });
  expect(await summary({ ...asked, attempt: "first" })).toMatchObject({ errorCount: 5 });
  expect(await summary({ ...asked, attempt: "redelivery" })).toMatchObject({ errorCount: 0 });
  const listed = (attempt: "first" | "redelivery") =>
    listSingleErrors(database.db, { ...asked, attempt }, 100);
  expect(await listed("first")).toHaveLength(5);
  expect(await listed("redelivery")).toHaveLength(0);
});

test("a webhook that is sent again by hand and fails again is affected once, and a rebuild counts it so too", async () => {
  const { id } = await createOn();
  const ids = await accept(id, 3);
  await fail(await claim(lanes.first));
  await redeliverWebhooks(database.db, testActor, id, ids);
  const again = await claim(lanes.redelivery);
  expect(again.map((one) => [one.attempt, one.failures])).toEqual([
    [2, 0],
    [2, 0],
    [2, 0],
  ]);
  await fail(again);
  const asked = lastHour(id);
  expect(await summary(asked)).toMatchObject({ errorCount: 6, webhookCount: 3 });
  expect(await checkErrorCounts(database.pool, asked)).toEqual([]);
  await database.pool.query("update error_rows set first_attempt_count = 0 where channel_id = $1", [
    id,
  ]);
  await rebuildErrorCounts(database.pool, { ...asked, channelId: id });
  expect(await summary(asked)).toMatchObject({ errorCount: 6, webhookCount: 3 });
});

test("errors stored before first failures were marked count as first by their attempt", async () => {
  const { id } = await createOn();
  await accept(id, 2);
  await fail(await claim(lanes.first));
  await database.pool.query("update webhook_errors set is_first = null where channel_id = $1", [
    id,
  ]);
  const asked = lastHour(id);
  expect(await checkErrorCounts(database.pool, asked)).toEqual([]);
  expect(await listSingleErrors(database.db, { ...asked, attempt: "first" }, 100)).toHaveLength(2);
});
