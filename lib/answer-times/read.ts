import type { Db } from "#lib/db.ts";
import { Prisma } from "#prisma/generated/client.ts";
import { bucketStartsMs, eachBucketSql } from "./buckets.ts";
import { type AnswerCounts, type AnswerPoint, toPoint } from "./percentile.ts";
import { findSlow, type Slow, slowMinutes } from "./slow.ts";

const minuteMs = 60_000;
const none: AnswerCounts = { answers: bucketStartsMs.map(() => 0), timeouts: 0 };

/** Up to here minutes are read; beyond it whole hours, with the minutes of those that a stretch's end cuts. */
const byMinuteMsMax = 30 * 3_600_000;

type Stretches = { from: Date; to: Date; minutes: number };

/**
 * What was counted in each of the stretches of `minutes` that a range begins with, the oldest first, without holes. Of errors of
 * redeliveries too. Indexes: the primary keys of delivered_minutes, answered_error_minutes and error_rows, and of the same by hour: a
 * row for each minute or hour, and for each kind of error.
 */
export async function readAnswerTimes(
  db: Db,
  channelId: string,
  stretches: Stretches,
): Promise<AnswerCounts[]> {
  const { from, to, minutes } = stretches;
  const lengthMs = to.getTime() - from.getTime();
  const rows = await db.$queryRaw<{ stretch: number; answers: number[]; timeouts: number }[]>`
    with ${lengthMs <= byMinuteMsMax ? minuteCells(channelId, stretches) : hourCells(channelId, stretches)}
    select floor(extract(epoch from at - ${time(from)}) / ${minutes * 60}::int)::int as stretch,
           ${Prisma.raw(eachBucketSql((n) => `coalesce(sum(answers[${n}]), 0)::int`))} as answers,
           coalesce(sum(timeouts), 0)::int as timeouts
      from cells group by 1`;
  const found = new Map(rows.map(({ stretch, ...counts }) => [stretch, counts]));
  const count = Math.ceil(lengthMs / (minutes * minuteMs));
  return Array.from({ length: count }, (_, index) => found.get(index) ?? none);
}

/** The same as a chart shows it. */
export async function readAnswerPoints(
  db: Db,
  channelId: string,
  stretches: Stretches,
): Promise<AnswerPoint[]> {
  const counts = await readAnswerTimes(db, channelId, stretches);
  const startMs = stretches.from.getTime();
  return counts.map((one, index) =>
    toPoint(new Date(startMs + index * stretches.minutes * minuteMs), one),
  );
}

const time = (at: Date): Prisma.Sql => Prisma.sql`${at.toISOString()}::timestamptz`;

const minutesWithin = (within: Prisma.Sql): Prisma.Sql => Prisma.sql`
  select minute as at, answers, 0 as timeouts from delivered_minutes where ${within} and answers is not null
  union all
  select minute, answers, 0 from answered_error_minutes where ${within}
  union all
  select minute, null, error_count from error_rows where ${within} and reason = 'request_timeout'`;

const minuteCells = (channelId: string, { from, to }: Stretches): Prisma.Sql => Prisma.sql`
  cells as (${minutesWithin(
    Prisma.sql`channel_id = ${channelId} and minute >= ${time(from)} and minute < ${time(to)}`,
  )})`;

/** Minutes are asked for hour by hour behind an `offset 0`, which the planner does not see through: it would read them all. */
function hourCells(channelId: string, { from, to, minutes }: Stretches): Prisma.Sql {
  const hours = Prisma.sql`channel_id = ${channelId} and hour >= ${time(from)} and hour < ${time(to)}
    and not exists (select from cut_hours c where c.hour = one.hour)`;
  const cut = Prisma.sql`channel_id = ${channelId} and minute >= greatest(c.hour, ${time(from)})
    and minute < least(c.hour + interval '1 hour', ${time(to)})`;
  return Prisma.sql`
    cut_hours as (
      select distinct date_trunc('hour', edge, 'UTC') as hour
        from (select generate_series(${time(from)}, ${time(to)}, make_interval(mins => ${minutes}::int)) as edge
              union all select ${time(to)}) edges
       where edge <> date_trunc('hour', edge, 'UTC')
    ),
    cells as (
      select hour as at, answers, 0 as timeouts from delivered_hours one where ${hours} and answers is not null
      union all
      select hour, answers, 0 from answered_error_hours one where ${hours}
      union all
      select hour, null, error_count from error_hours one where ${hours} and reason = 'request_timeout'
      union all
      select r.* from cut_hours c cross join lateral (select * from (${minutesWithin(cut)}) those offset 0) r
    )`;
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
