import type { CopyConnection } from "#lib/copy-connection.ts";
import { jsonInLine } from "#lib/exports/copy-lines.ts";
import { Prisma } from "#prisma/generated/client.ts";
import type { RowsOfFile } from "./error-export.ts";
import { causesOfRow, errorsMax } from "./list-causes.ts";
import { at, attemptIs, countedErrors, type ErrorQuestion } from "./question.ts";

/**
 * Up to so many errors a row on average, the causes of all rows are counted in one reading of their single errors; above, of
 * each row the newest are looked at, which reads fewer.
 */
const errorsPerRowMax = 20;

/** JSON Lines with the API's fields. Put together from texts, which is twice as fast as json_build_object. */
export async function jsonLines(
  connection: CopyConnection,
  question: ErrorQuestion,
  rows: RowsOfFile,
): Promise<(limit: Prisma.Sql) => Prisma.Sql> {
  const { source, asked, order } = rows;
  const { causes, joined } = withCauses(await waysToCauses(connection, question, rows), question);
  const columns = Prisma.sql`first_at, last_at, reason, detail, status_code, ${countedErrors(question)} as errors, ${causes} as causes`;
  // Sorted before the lines are put together: columns are sorted faster.
  return (limit) => Prisma.sql`
    select '{"startedAt":' || ${utcText(Prisma.sql`first_at`)} || ',"endedAt":' || ${utcText(Prisma.sql`last_at`)}
           || ',"reason":"' || reason || '","detail":' || ${jsonInLine(Prisma.sql`to_json(detail)`)} || ',"statusCode":' || coalesce(status_code::text, 'null')
           || ',"errors":' || errors || coalesce(causes, ',"likelyCause":null,"likelyCauses":[]') || '}'
      from (select ${columns}
              from (select * from ${source} where ${asked} ${limit}) error_rows ${joined} order by ${order} offset 0) sorted`;
}

/** How the causes of some rows are found best. */
type Way = { kind: "none" } | { kind: "alone" } | { kind: "together"; from: Date; to: Date };

async function waysToCauses(
  { ask }: CopyConnection,
  { channelId }: ErrorQuestion,
  { source, asked, window }: RowsOfFile,
): Promise<Way> {
  if (window === null) return { kind: "alone" };
  const [row] = await ask<{ areMany: boolean; areKnown: boolean }>(Prisma.sql`
    select coalesce(sum(error_count) > ${errorsPerRowMax}::int * count(*), false) as "areMany",
           exists (select from webhook_errors w
                    where w.channel_id = ${channelId} and w.occurred_at >= ${at(window.from)} and w.occurred_at < ${at(window.to)}
                      and w.likely_cause is not null) as "areKnown"
      from ${source} where ${asked}`);
  if (row?.areKnown === false) return { kind: "none" };
  return row?.areMany === true ? { kind: "alone" } : { kind: "together", ...window };
}

function withCauses(way: Way, question: ErrorQuestion): { causes: Prisma.Sql; joined: Prisma.Sql } {
  switch (way.kind) {
    case "none":
      return { causes: Prisma.sql`null::text`, joined: Prisma.empty };
    case "alone":
      return { causes: causesAlone(question), joined: Prisma.empty };
    case "together":
      return {
        causes: Prisma.sql`case when error_count > ${errorsMax} then ${causesAlone(question)} else counted.causes end`,
        joined: Prisma.sql`left join (${causesTogether(question, way)}) counted using (minute, reason, detail)`,
      };
  }
}

/** The end of a line that tells the causes, of rows of (likely_cause, count); null without any. */
const causesText = Prisma.sql`
  ',"likelyCause":' || (array_agg(to_json(likely_cause) order by count desc, likely_cause))[1] || ',"likelyCauses":['
    || string_agg('{"cause":' || to_json(likely_cause) || ',"count":' || count || '}', ',' order by count desc, likely_cause) || ']'`;

const causesAlone = ({ attempt }: ErrorQuestion): Prisma.Sql => Prisma.sql`
  (select ${causesText}
     from (${causesOfRow(Prisma.raw("error_rows.channel_id"), Prisma.raw("error_rows"), attempt)}) found)`;

/** The causes of every row of a stretch of time; exact for rows of up to `errorsMax` errors. */
const causesTogether = (
  { channelId, attempt }: ErrorQuestion,
  { from, to }: { from: Date; to: Date },
): Prisma.Sql => Prisma.sql`
  select minute, reason, detail, ${causesText} as causes
    from (select date_trunc('minute', w.occurred_at, 'UTC') as minute, w.reason, w.detail, w.likely_cause, count(*)::int as count
            from webhook_errors w
           where w.channel_id = ${channelId} and w.occurred_at >= ${at(from)} and w.occurred_at < ${at(to)}
             and w.likely_cause is not null ${attemptIs(attempt)}
           group by 1, 2, 3, 4) found
   group by 1, 2, 3`;

/** As Date.toJSON writes it. Columns are of milliseconds: a microsecond more makes all of their digits be written. */
const utcText = (column: Prisma.Sql): Prisma.Sql =>
  Prisma.sql`left(to_json((${column} at time zone 'UTC') + interval '1 us')::text, 24) || 'Z"'`;
