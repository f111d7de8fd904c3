import type { Pool, PoolClient } from "pg";
import { inTransaction } from "#lib/db.ts";
import { Prisma } from "#prisma/generated/client.ts";
import { type BatchBounds, endStale, lanesOf, type QueueCursor, runSql } from "./end-stale.ts";
import { forgetCounts } from "./forget-counts.ts";

/** What one step came to; null: none is due. */
export type CancellationReport = {
  channelId: string;
  endedCount: number;
  /** How many it was in all, once everything that waited has ended. */
  totalCount: number | null;
};

/** Some tenths of a second on a slow disk; claims and records of others go on in between. */
const batch: BatchBounds = { rows: 5_000, bytes: 16_000_000 };
/** What a worker holds is looked at again after so long. */
const heldPauseMs = 1_000;
/**
 * So long it is looked for what an intake or a record step that began before the cancellation committed after it. What comes
 * later still is found by `reopenCancellations`.
 */
const lateSeconds = 60;

type Row = {
  channelId: string;
  endedCount: number;
  expectedCount: number | null;
  lane: number | null;
  epoch: number | null;
  at: Date | null;
  isLate: boolean;
};

/**
 * Takes one step of the cancellation that has waited longest: ends some of what is stale and moves its place and counts, in
 * one transaction, so that a worker that dies leaves it as it was before. When nothing is left, counts of a deleted channel
 * go; then the cancellation itself. Two workers never step one at once. Index: cancellations (next_step_at).
 */
export async function stepCancellation(
  pool: Pool,
  bounds: BatchBounds = batch,
): Promise<CancellationReport | null> {
  const { rows } = await pool.query(
    "select from cancellations where next_step_at <= now() limit 1",
  );
  // Mostly there is none: that costs one look, not a transaction.
  if (rows.length === 0) return null;
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<Row>(
      `select channel_id as "channelId", ended_count as "endedCount", expected_count as "expectedCount", cursor_lane as lane,
              cursor_epoch as epoch, cursor_at as at, started_at < now() - interval '${lateSeconds} s' as "isLate"
         from cancellations where next_step_at <= now() order by next_step_at limit 1 for update skip locked`,
    );
    const [row] = rows;
    return row === undefined ? null : step(client, row, bounds);
  });
}

async function step(
  client: PoolClient,
  row: Row,
  bounds: BatchBounds,
): Promise<CancellationReport> {
  const { channelId } = row;
  const expectedCount = row.expectedCount ?? row.endedCount + (await countStale(client, channelId));
  const { ended, isWhole, last } = await endStale(client, [channelId], bounds, cursorOf(row));
  const endedCount = ended.get(channelId) ?? 0;
  const report = { channelId, endedCount, totalCount: null };
  if (endedCount > 0 || row.lane !== null) {
    await moveOn(client, row, {
      endedCount: row.endedCount + endedCount,
      expectedCount: Math.max(expectedCount, row.endedCount + endedCount),
      cursor: isWhole ? null : last,
    });
    return report;
  }
  return finish(client, { ...row, expectedCount }, report);
}

const cursorOf = ({ lane, epoch, at }: Row): QueueCursor | null =>
  lane === null || epoch === null || at === null ? null : { lane, epoch, at };

/** How many are still to be ended, those in workers' hands among them. Index: webhook_queue (channel_id, lane, epoch, due_at). */
async function countStale(client: PoolClient, channelId: string): Promise<number> {
  const [row] = await runSql<{ count: number }>(
    client,
    Prisma.sql`
      with ${lanesOf([channelId])}
      select coalesce(sum((select count(*) from webhook_queue q
                            where q.channel_id = lanes.channel_id and q.lane = lanes.lane and q.epoch < lanes.epoch)
                        + (select count(*) from set_aside_webhooks s
                            where s.channel_id = lanes.channel_id and s.lane = lanes.lane and s.epoch < lanes.epoch)
             ), 0)::int as count
        from lanes`,
  );
  return row?.count ?? 0;
}

async function moveOn(
  client: PoolClient,
  { channelId }: Row,
  {
    endedCount,
    expectedCount,
    cursor,
  }: { endedCount: number; expectedCount: number; cursor: QueueCursor | null },
): Promise<void> {
  await client.query(
    `update cancellations set ended_count = $2, expected_count = $3, cursor_lane = $4, cursor_epoch = $5, cursor_at = $6,
                              next_step_at = now() where channel_id = $1`,
    [channelId, endedCount, expectedCount, cursor?.lane, cursor?.epoch, cursor?.at],
  );
}

/** A look from the beginning found nothing to end. */
async function finish(
  client: PoolClient,
  { channelId, endedCount, expectedCount, isLate }: Row,
  report: CancellationReport,
): Promise<CancellationReport> {
  if ((await countStale(client, channelId)) > 0) {
    await putOff(client, channelId, heldPauseMs, expectedCount);
    return report;
  }
  const isMore = await forgetCounts(client, channelId);
  if (isMore) await putOff(client, channelId, 0, endedCount);
  else if (isLate)
    await client.query("delete from cancellations where channel_id = $1", [channelId]);
  else await putOff(client, channelId, (lateSeconds + 1) * 1_000, endedCount);
  return isMore || isLate ? report : { ...report, totalCount: endedCount };
}

async function putOff(
  client: PoolClient,
  channelId: string,
  ms: number,
  expectedCount: number | null,
): Promise<void> {
  await client.query(
    `update cancellations set next_step_at = now() + $2::int * interval '1 ms', expected_count = $3 where channel_id = $1`,
    [channelId, ms, expectedCount],
  );
}
