import type { Db } from "#lib/db.ts";
import { Prisma } from "#prisma/generated/client.ts";
import { bucketStartsMs, eachBucketSql } from "./buckets.ts";
import type { AnswerCounts } from "./percentile.ts";
import { findSlow, type Slow, slowMinutes } from "./slow.ts";

const minuteMs = 60_000;
const none: AnswerCounts = { answers: bucketStartsMs.map(() => 0), timeouts: 0 };

/**
 * What was counted in each of the stretches of `minutes` that a range begins with, the oldest first, without holes. Of errors of
 * redeliveries too. Indexes: the primary keys of delivered_minutes, answered_error_minutes and error_rows; a row for each minute,
 * and for each kind of error.
 */
export async function readAnswerTimes(
  db: Db,
  channelId: string,
  { from, to, minutes }: { from: Date; to: Date; minutes: number },
): Promise<AnswerCounts[]> {
  const within = Prisma.sql`channel_id = ${channelId}
    and minute >= ${from.toISOString()}::timestamptz and minute < ${to.toISOString()}::timestamptz`;
  const rows = await db.$queryRaw<{ stretch: number; answers: number[]; timeouts: number }[]>`
    select floor(extract(epoch from minute - ${from.toISOString()}::timestamptz) / ${minutes * 60}::int)::int as stretch,
           ${Prisma.raw(eachBucketSql((n) => `coalesce(sum(answers[${n}]), 0)::int`))} as answers,
           coalesce(sum(timeouts), 0)::int as timeouts
      from (select minute, answers, 0 as timeouts from delivered_minutes where ${within} and answers is not null
            union all
            select minute, answers, 0 from answered_error_minutes where ${within}
            union all
            select minute, null, error_count from error_rows where ${within} and reason = 'request_timeout') counted
     group by 1`;
  const found = new Map(rows.map(({ stretch, ...counts }) => [stretch, counts]));
  const count = Math.ceil((to.getTime() - from.getTime()) / (minutes * minuteMs));
  return Array.from({ length: count }, (_, index) => found.get(index) ?? none);
}

/**
 * As `findSlow`, of the time up to the end of the minute of `now`. An hour tells nearly always; where all of it lies between the marks,
 * the day before is read too, and a bot server that did not come to the upper mark within it does not count as slow.
 */
export async function readSlow(db: Db, channelId: string, now: Date): Promise<Slow | null> {
  const to = new Date(Math.floor(now.getTime() / minuteMs + 1) * minuteMs);
  const look = async (minutes: number) => {
    const from = new Date(to.getTime() - minutes * minuteMs);
    return findSlow(await readAnswerTimes(db, channelId, { from, to, minutes: 1 }));
  };
  const found = await look(slowMinutes.first);
  return found === undefined ? ((await look(slowMinutes.furthest)) ?? null) : found;
}
