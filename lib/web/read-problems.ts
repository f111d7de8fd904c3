import type { Pool } from "pg";
import type { LikelyCause } from "#lib/causes/schema.ts";
import type { Db } from "#lib/db.ts";
import {
  type ProblemTelling,
  readProblemTellings,
} from "#lib/notifications/read-problem-tellings.ts";
import { listProblems } from "#lib/problems/list-problems.ts";
import { problemName } from "#lib/problems/problem-name.ts";
import type { ProblemList } from "#lib/problems/schema.ts";
import { listCauses } from "#lib/webhook-errors/list-causes.ts";
import { formatRowKey } from "#lib/webhook-errors/row-key.ts";

/**
 * The problems of a range, the likely cause of the newest errors of each and when people were last told of it, both by
 * `problemName`. `grown` answers what costs more the more is stored.
 */
export async function readProblems(
  { grown, pool }: { grown: Db; pool: Pool },
  { channelId, from, to }: { channelId: string; from: Date; to: Date },
): Promise<{
  list: ProblemList;
  tellings: Readonly<Record<string, ProblemTelling>>;
  causes: Readonly<Record<string, LikelyCause>>;
}> {
  const [list, tellings] = await Promise.all([
    listProblems(grown, { channelId, from, to }),
    readProblemTellings(pool, channelId, from),
  ]);
  const newest = list.problems.map(({ reason, detail, lastAt }) => ({
    ...{ reason, detail, minute: new Date(Math.floor(lastAt.getTime() / 60_000) * 60_000) },
  }));
  const found = await listCauses(grown, { channelId, attempt: null }, newest);
  const causes: Record<string, LikelyCause> = {};
  for (const key of newest) {
    const [first] = found.get(formatRowKey(key)) ?? [];
    if (first !== undefined) causes[problemName(key)] = first.cause;
  }
  return { list, tellings: Object.fromEntries(tellings), causes };
}
