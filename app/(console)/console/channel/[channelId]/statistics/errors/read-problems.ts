import type { LikelyCause } from "#lib/causes/schema.ts";
import type { Db } from "#lib/db.ts";
import { readProblemTellings } from "#lib/notifications/read-problem-tellings.ts";
import { listProblems } from "#lib/problems/list-problems.ts";
import { problemName } from "#lib/problems/schema.ts";
import { database } from "#lib/web/database.ts";
import { listCauses } from "#lib/webhook-errors/list-causes.ts";
import { formatRowKey } from "#lib/webhook-errors/row-key.ts";

/**
 * The problems of a range, the likely cause of the newest errors of each and when people were last told of it, both by
 * `problemName`.
 */
export async function readProblems(
  db: Db,
  { channelId, from, to }: { channelId: string; from: Date; to: Date },
) {
  const [list, tellings] = await Promise.all([
    listProblems(db, { channelId, from, to }),
    readProblemTellings(database().pool, channelId, from),
  ]);
  const newest = list.problems.map(({ reason, detail, lastAt }) => ({
    ...{ reason, detail, minute: new Date(Math.floor(lastAt.getTime() / 60_000) * 60_000) },
  }));
  const found = await listCauses(db, { channelId, attempt: null }, newest);
  const causes = new Map<string, LikelyCause>();
  for (const key of newest) {
    const [first] = found.get(formatRowKey(key)) ?? [];
    if (first !== undefined) causes.set(problemName(key), first.cause);
  }
  return { list, tellings, causes };
}
