import type { Db } from "#lib/db.ts";
import { Prisma } from "#prisma/generated/client.ts";
import {
  at,
  cutHours,
  deliveredCells,
  type ErrorQuestion,
  errorCells,
  errorMinutes,
  hoursCanAnswer,
} from "./question.ts";
import { type BucketWidth, bucketWidthFor, widthMinutes } from "./range.ts";
import type { ErrorBucket } from "./schema.ts";

/**
 * The bars of the chart, oldest first, without holes: SQL makes the buckets and fills the empty ones. Buckets follow the
 * clock of `zone`, so a day begins at its midnight there. Series are reasons, or details when split by detail.
 */
export async function countErrorsByBucket(
  db: Db,
  question: ErrorQuestion,
  options: { zone: string; by: "reason" | "detail" },
): Promise<{ width: BucketWidth; buckets: ErrorBucket[] }> {
  const width = bucketWidthFor(question);
  const byHour = options.by === "reason" && hoursCanAnswer(question) && !(width.unit === "minute");
  const cells = byHour ? errorCells(question) : errorMinutes(question);
  const series = options.by === "reason" ? Prisma.sql`reason::text` : Prisma.sql`detail`;
  const rows = await db.$queryRaw<BucketRow[]>`
    with grid as (${bucketStarts(question, width, options.zone)}),
    edges as (select array_agg(at order by at) || ${at(question.to)} as list from grid),
    ${cutHours},
    counted as (
      select bucket, jsonb_object_agg(series, errors) as counts
        from (select width_bucket(at, (select list from edges)) as bucket, ${series} as series, sum(errors) as errors
                from (${cells}) cells where errors > 0 group by 1, 2) sums
       group by bucket
    ),
    seen as (
      select width_bucket(at, (select list from edges)) as bucket, sum(delivered) as delivered
        from (${deliveredCells(question)}) cells group by 1
    )
    select grid.at as "from", lead(grid.at, 1, ${at(question.to)}) over (order by grid.at) as "to",
           coalesce(counts, '{}') as counts, coalesce(delivered, 0)::int as "deliveredCount"
      from (select at, (row_number() over (order by at))::int as bucket from grid) grid
      left join counted using (bucket) left join seen using (bucket)
     order by grid.at`;
  return { width, buckets: rows };
}

type BucketRow = { from: Date; to: Date; counts: Record<string, number>; deliveredCount: number };

/** One row `at` per bucket; the first one is the start of the range, wherever its bucket would have begun. */
function bucketStarts(question: ErrorQuestion, width: BucketWidth, zone: string): Prisma.Sql {
  const step = Prisma.sql`make_interval(mins => ${minutesOf(width)}::int)`;
  const starts =
    width.kind === "step" ? steps(question, step, zone) : wallClock(question, width, step, zone);
  return Prisma.sql`
    select distinct greatest(start, ${at(question.from)}) as at from (${starts}) starts
     where start < ${at(question.to)} and next > ${at(question.from)}`;
}

/** Equal stretches of real time, counted from the midnight before the range. */
function steps({ from, to }: ErrorQuestion, step: Prisma.Sql, zone: string): Prisma.Sql {
  return Prisma.sql`
    select start, start + ${step} as next
      from generate_series(date_bin(${step}, ${at(from)}, date_trunc('day', ${at(from)}, ${zone})), ${at(to)}, ${step}) as start`;
}

/**
 * Stretches by the clock on the wall. Where the clock is set back over a bucket's beginning, that time happens twice and
 * PostgreSQL takes the later one; the bucket begins at the earlier.
 */
function wallClock(
  { from, to }: ErrorQuestion,
  width: BucketWidth,
  step: Prisma.Sql,
  zone: string,
): Prisma.Sql {
  const unit = width.unit === "week" ? "week" : "day";
  return Prisma.sql`
    select start, lead(start, 1, 'infinity') over (order by start) as next
      from (select case when (instant - interval '1 hour') at time zone ${zone} = wall then instant - interval '1 hour'
                        else instant end as start
              from generate_series(date_trunc(${unit}, ${at(from)} at time zone ${zone}),
                                   ${at(to)} at time zone ${zone}, ${step}) as wall,
                   lateral (select wall at time zone ${zone} as instant) i) s`;
}

function minutesOf({ amount, unit }: BucketWidth): number {
  return amount * widthMinutes[unit];
}
