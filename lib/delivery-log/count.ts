import type { Db } from "#lib/db.ts";
import {
  endedWithin,
  idAt,
  inForce,
  isByEvent,
  iso,
  ofJob,
  onlyIndexed,
  placesOf,
  scanSlice,
} from "./scan.ts";
import type { LogQuestion } from "./schema.ts";

export type LogCount = {
  /** What has ended, and how many of that were delivered. */
  endedCount: number;
  deliveredCount: number;
  /** What matches but waits anyway; not what was cancelled and has not ended yet. */
  waitingCount: number;
  /** False: there may be more; the bound was reached. */
  complete: boolean;
};

/** Webhooks that a count looks at, at most; where bodies are read, fewer. */
const bounds = { plain: 1_000_000, byEvent: 20_000 };
const sliceSize = 1_000;

/** How many webhooks match, up to a bound. It counts what list and job find. */
export function countWebhooks(
  db: Db,
  question: LogQuestion,
  { plain, byEvent } = bounds,
): Promise<LogCount> {
  return isByEvent(question)
    ? countByReading(db, question, byEvent)
    : countByIndex(db, question, plain);
}

async function countByReading(db: Db, question: LogQuestion, bound: number): Promise<LogCount> {
  const count: LogCount = { endedCount: 0, deliveredCount: 0, waitingCount: 0, complete: true };
  let after: string | null = null;
  for (let left = bound; left > 0; left -= sliceSize) {
    const slice = await scanSlice(
      db,
      question,
      { after, ascending: true },
      { size: sliceSize, reads: "matches", onlyInForce: true },
    );
    const ended = slice.webhooks.filter((one) => one.finishedAt !== null).length;
    count.endedCount += ended;
    count.deliveredCount += slice.webhooks.filter((one) => one.state === "delivered").length;
    count.waitingCount += slice.webhooks.length - ended;
    after = slice.end;
    if (after === null) return count;
  }
  return { ...count, complete: false };
}

/** In one statement, and so at one moment. Indexes as `scanSlice`. */
async function countByIndex(db: Db, question: LogQuestion, bound: number): Promise<LogCount> {
  const { channelId, from, to } = question;
  const { ended, waits } = placesOf(question);
  const [row] = await db.$queryRaw<{ ended: number; delivered: number; waiting: number }[]>`
    with e as materialized (
              select state from webhooks
               where channel_id = ${channelId} and accepted_at >= ${iso(from)}::timestamptz
                 and accepted_at < ${iso(to)}::timestamptz
                 and state = any(${ended}::webhook_state[]) ${onlyIndexed(question, ended)}
                 ${ofJob(question)} ${endedWithin(question)}
               limit ${bound + 1}::int)
    select (select count(*)::int from e) as ended,
           (select count(*)::int from e where state = 'delivered') as delivered,
           (select count(*)::int from (
              select 1 from webhook_queue
               where ${waits} and channel_id = ${channelId} and id >= ${idAt(from)}::uuid and id < ${idAt(to)}::uuid ${ofJob(question)}
                     ${inForce(channelId)}
              union all
              select 1 from set_aside_webhooks
               where ${waits} and channel_id = ${channelId} and id >= ${idAt(from)}::uuid and id < ${idAt(to)}::uuid ${ofJob(question)}
                     ${inForce(channelId)}
               limit ${bound + 1}::int) w) as waiting`;
  const { ended: endedCount = 0, delivered = 0, waiting: waitingCount = 0 } = row ?? {};
  return {
    endedCount: Math.min(endedCount, bound),
    deliveredCount: Math.min(delivered, bound),
    waitingCount: Math.min(waitingCount, bound),
    complete: endedCount <= bound && waitingCount <= bound,
  };
}
