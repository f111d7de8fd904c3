import type { Db } from "#lib/db.ts";
import { hitSql } from "./outcome-sql.ts";
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
import type { LogQuestion, LogTotal } from "./schema.ts";

export type LogCount = {
  /** What has ended, and how many of that were delivered. */
  endedCount: number;
  deliveredCount: number;
  /** What matches but waits anyway; not what was cancelled and has not ended yet. */
  waitingCount: number;
  /** False: there may be more; the bound was reached. */
  complete: boolean;
};

/** Webhooks that a count looks at, at most; where each has to be read, fewer. */
const bounds = { plain: 1_000_000, byEvent: 20_000 };
const sliceSize = 1_000;

/** What a page counts of its list: as much as it takes to say more than this. */
const totalBounds = { plain: 10_000, byEvent: 5_000 };

/** How many webhooks a list has, as far as that is quickly counted. Indexes as `scanSlice`. */
export async function countTotal(db: Db, question: LogQuestion): Promise<LogTotal> {
  const { endedCount, waitingCount, complete } = await countWebhooks(db, question, totalBounds);
  return { count: endedCount + waitingCount, isComplete: complete };
}

/** How many webhooks match, up to a bound. It counts what list and job find. */
export function countWebhooks(
  db: Db,
  question: LogQuestion,
  { plain, byEvent } = bounds,
): Promise<LogCount> {
  return isByEvent(question) || (question.sourceId ?? null) !== null
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

type CountRow = { looked: number; ended: number; delivered: number; waiting: number };
const nothing: CountRow = { looked: 0, ended: 0, delivered: 0, waiting: 0 };

/** In one statement, and so at one moment. Indexes as `scanSlice`. */
async function countByIndex(db: Db, question: LogQuestion, bound: number): Promise<LogCount> {
  const { channelId, from, to } = question;
  const { ended, waits } = placesOf(question);
  const [row] = await db.$queryRaw<CountRow[]>`
    with e as materialized (
              select state, ${hitSql(question)} as hit from webhooks
               where channel_id = ${channelId} and accepted_at >= ${iso(from)}::timestamptz
                 and accepted_at < ${iso(to)}::timestamptz
                 and state = any(${ended}::webhook_state[]) ${onlyIndexed(question, ended)}
                 ${ofJob(question)} ${endedWithin(question)}
               limit ${bound + 1}::int)
    select (select count(*)::int from e) as looked, (select count(*)::int from e where hit) as ended,
           (select count(*)::int from e where hit and state = 'delivered') as delivered,
           (select count(*)::int from (
              select 1 from webhook_queue
               where ${waits} and channel_id = ${channelId} and id >= ${idAt(from)}::uuid and id < ${idAt(to)}::uuid ${ofJob(question)}
                     ${inForce(channelId)}
              union all
              select 1 from set_aside_webhooks
               where ${waits} and channel_id = ${channelId} and id >= ${idAt(from)}::uuid and id < ${idAt(to)}::uuid ${ofJob(question)}
                     ${inForce(channelId)}
               limit ${bound + 1}::int) w) as waiting`;
  const { looked, ended: endedCount, delivered, waiting: waitingCount } = row ?? nothing;
  return {
    endedCount: Math.min(endedCount, bound),
    deliveredCount: Math.min(delivered, bound),
    waitingCount: Math.min(waitingCount, bound),
    complete: looked <= bound && waitingCount <= bound,
  };
}
