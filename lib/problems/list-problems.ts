import type { Db } from "#lib/db.ts";
import { resolvedAtSql } from "#lib/webhook-errors/problem-sql.ts";
import { at, cutHours } from "#lib/webhook-errors/question.ts";
import { Prisma } from "#prisma/generated/client.ts";
import { isMutedSql, isTakenSql } from "./mark-sql.ts";
import type { ProblemKey } from "./problem-name.ts";
import { type Problem, type ProblemList, problemsMax } from "./schema.ts";

/** Parts of the range that a spark line has. */
const trendParts = 24;
/** Up to here minutes are read, so that a part of the trend has its own errors; beyond it whole hours are. */
const byMinuteMsMax = 30 * 3_600_000;

type Stretch = { channelId: string; from: Date; to: Date };

type Row = ProblemKey & {
  errorCount: number;
  webhookCount: number;
  firstAt: Date;
  lastAt: Date;
  trend: Record<string, number>;
  problemCount: number;
  resolvedAt: Date | null;
  beganAt: Date | null;
  formerFirstAt: Date | null;
  formerLastAt: Date | null;
  mutedAt: Date | null;
  mutedUntil: Date | null;
  mutedBy: string | null;
  takenAt: Date | null;
  takenBy: string | null;
};

/**
 * The problems of a channel in `[from, to)`, whole minutes: those that go on first, then those with most errors. Every figure is
 * that of the counted rows: minutes, or whole hours with the minutes of the cut ones (primary keys of error_rows and error_hours).
 * Whether each is resolved, muted or taken care of is as of now, whatever the range.
 */
export async function listProblems(db: Db, stretch: Stretch): Promise<ProblemList> {
  const rows = await db.$queryRaw<Row[]>`
    with ${cells(stretch)},
    parts as (
      select reason, detail, width_bucket(extract(epoch from at), ${seconds(stretch.from)}, ${seconds(stretch.to)}, ${trendParts}::int) as part,
             sum(errors) as errors, sum(firsts) as firsts, min(first_at) as first_at, max(last_at) as last_at
        from cells group by 1, 2, 3
    ),
    found as (
      select reason, detail, sum(errors)::int as "errorCount", sum(firsts)::int as "webhookCount", min(first_at) as "firstAt",
             max(last_at) as "lastAt", jsonb_object_agg(part, errors) as trend, (count(*) over ())::int as "problemCount"
        from parts group by 1, 2 order by sum(errors) desc, reason, detail limit ${problemsMax}::int
    )
    select found.reason::text, found.detail, "errorCount", "webhookCount", "firstAt", "lastAt", trend, "problemCount",
           case when resolved_at <= now() then resolved_at end as "resolvedAt",
           p.began_at as "beganAt", p.former_began_at as "formerFirstAt", p.former_last_at as "formerLastAt",
           case when ${Prisma.raw(isMutedSql("m"))} then m.muted_at end as "mutedAt", m.muted_until as "mutedUntil", muter.name as "mutedBy",
           case when ${Prisma.raw(isTakenSql("m", "p"))} then m.taken_at end as "takenAt", taker.name as "takenBy"
      from found
      left join problems p on p.channel_id = ${stretch.channelId} and p.reason = found.reason and p.detail = found.detail
      left join problem_marks m on m.channel_id = ${stretch.channelId} and m.reason = found.reason and m.detail = found.detail
      left join users muter on muter.id = m.muted_by_id
      left join users taker on taker.id = m.taken_by_id
      left join lateral (select ${Prisma.raw(resolvedAtSql("p"))} as resolved_at offset 0) r on true
     order by coalesce(resolved_at <= now(), false), "errorCount" desc, reason, detail`;
  const problemCount = rows[0]?.problemCount ?? 0;
  return { problems: rows.map(toProblem), moreCount: problemCount - rows.length };
}

const seconds = (time: Date): Prisma.Sql => Prisma.sql`${time.getTime() / 1_000}::numeric`;

function cells({ channelId, from, to }: Stretch): Prisma.Sql {
  const minutes = Prisma.sql`
    select minute as at, reason, detail, error_count as errors, first_attempt_count as firsts, first_at, last_at
      from error_rows where channel_id = ${channelId}`;
  if (to.getTime() - from.getTime() <= byMinuteMsMax) {
    return Prisma.sql`cells as (${minutes} and minute >= ${at(from)} and minute < ${at(to)})`;
  }
  return Prisma.sql`
    edges as (select array[${at(from)}, ${at(to)}] as list), ${cutHours},
    cells as (
      select hour as at, reason, detail, error_count as errors, first_attempt_count as firsts, first_at, last_at
        from error_hours h
       where channel_id = ${channelId} and hour >= ${at(from)} and hour < ${at(to)}
         and not exists (select from cut_hours c where c.hour = h.hour)
      union all
      select r.* from cut_hours c cross join lateral (
        ${minutes} and minute >= greatest(c.hour, ${at(from)}) and minute < least(c.hour + interval '1 hour', ${at(to)}) offset 0) r
    )`;
}

function toProblem(row: Row): Problem {
  const { reason, detail, errorCount, webhookCount, firstAt, lastAt, resolvedAt } = row;
  const { beganAt, formerFirstAt, formerLastAt, mutedAt, mutedUntil } = row;
  const isOpen = resolvedAt === null;
  return {
    ...{ reason, detail, errorCount, webhookCount, firstAt, lastAt, resolvedAt },
    trend: Array.from({ length: trendParts }, (_, index) => row.trend[String(index + 1)] ?? 0),
    former:
      isOpen && beganAt !== null && formerFirstAt !== null && formerLastAt !== null
        ? { firstAt: formerFirstAt, lastAt: formerLastAt, backAt: beganAt }
        : null,
    // What is resolved has changed.
    muted:
      mutedAt === null || (mutedUntil === null && !isOpen)
        ? null
        : { at: mutedAt, by: row.mutedBy, until: mutedUntil },
    taken: isOpen && row.takenAt !== null ? { at: row.takenAt, by: row.takenBy } : null,
  };
}
