import { type CauseCount, isLikelyCause } from "#lib/causes/schema.ts";
import type { Db } from "#lib/db.ts";
import { Prisma } from "#prisma/generated/client.ts";
import { attemptIs, type ErrorQuestion } from "./question.ts";
import { formatRowKey } from "./row-key.ts";
import type { RowKey } from "./schema.ts";

/** Errors of a row that are looked at, of many rows at once; of a larger one the newest tell. */
export const errorsMax = 200;

/**
 * The likely causes of these rows' errors by `formatRowKey`, the most frequent first; of rows from before causes were
 * kept, and of those whose single errors are gone, there are none. Primary key of webhook_errors, one probe a row.
 */
export async function listCauses(
  db: Db,
  { channelId, attempt }: Pick<ErrorQuestion, "channelId" | "attempt">,
  keys: readonly RowKey[],
  limit: number = errorsMax,
): Promise<Map<string, CauseCount[]>> {
  if (keys.length === 0) return new Map();
  const rows = await db.$queryRaw<{ index: number; cause: string; count: number }[]>`
    select k.index::int as index, found.likely_cause as cause, found.count
      from unnest(array[${list(keys.map(({ minute }) => minute.toISOString()))}]::timestamptz[],
                  array[${list(keys.map(({ reason }) => reason))}]::error_reason[],
                  array[${list(keys.map(({ detail }) => detail))}]::text[]) with ordinality as k (minute, reason, detail, index)
     cross join lateral (${causesOfRow(Prisma.sql`${channelId}`, Prisma.raw("k"), attempt, limit)}) found
     order by 1, 3 desc, 2`;
  const causes = new Map<string, CauseCount[]>();
  for (const { index, cause, count } of rows) {
    const key = keys[index - 1];
    if (key === undefined || !isLikelyCause(cause)) continue;
    const name = formatRowKey(key);
    causes.set(name, [...(causes.get(name) ?? []), { cause, count }]);
  }
  return causes;
}

/** (likely_cause, count) of the newest errors of a row, named by the SQL of its channel and of what has its other columns. */
export function causesOfRow(
  channelId: Prisma.Sql,
  row: Prisma.Sql,
  attempt: ErrorQuestion["attempt"],
  limit: number = errorsMax,
): Prisma.Sql {
  return Prisma.sql`
    select likely_cause, count(*)::int as count
      from (select w.likely_cause from webhook_errors w
             where w.channel_id = ${channelId} and w.occurred_at >= ${row}.minute
               and w.occurred_at < ${row}.minute + interval '1 minute' and w.reason = ${row}.reason and w.detail = ${row}.detail
               ${attemptIs(attempt)}
             order by w.occurred_at desc limit ${limit}::int) newest
     where likely_cause is not null group by 1`;
}

const list = (values: readonly string[]): Prisma.Sql => Prisma.join([...values]);
