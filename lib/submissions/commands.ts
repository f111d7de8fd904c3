import { setTimeout as pause } from "node:timers/promises";
import { AppError } from "#lib/app-error.ts";
import type { Db } from "#lib/db.ts";
import { SubmissionResult } from "./schema.ts";

/** A form of one person, as their browser sent it; `key` as `readSubmissionKey` makes it. */
export type Submission = { userId: string; key: string };

/** How long a second sending waits for what comes of the first. */
const patienceMs = 10_000;
const askEveryMs = 50;

/**
 * Whether a form may be done now: null for the first sending, else what the first came to, which is waited for. One insert
 * on the table's primary key, so it holds over any number of processes. Those of days before are forgotten on the way.
 * Does not protect from a browser that makes up keys: it can as well send another form.
 * @throws AppError conflict when what came of the first cannot be told, or not again.
 */
export async function beginSubmission(
  db: Db,
  { userId, key }: Submission,
): Promise<SubmissionResult | null> {
  const isFirst = await db.$executeRaw`
    insert into submissions (user_id, key) values (${userId}::uuid, ${key}) on conflict do nothing`;
  if (isFirst === 1) {
    await db.$executeRaw`
      delete from submissions where (user_id, key) in (
        select user_id, key from submissions where at < now() - interval '1 day' order by at limit 100)`;
    return null;
  }
  return waitForResult(db, { userId, key });
}

async function waitForResult(
  db: Db,
  { userId, key }: Submission,
): Promise<SubmissionResult | null> {
  const question = { where: { userId_key: { userId, key } }, select: { result: true } };
  const end = performance.now() + patienceMs;
  while (performance.now() < end) {
    const row = await db.submission.findUnique(question);
    // The first was refused: this one finds out why by itself.
    if (row === null) return beginSubmission(db, { userId, key });
    if (row.result !== null) {
      const result = SubmissionResult.parse(row.result);
      if (result.isShownOnce) break;
      return result;
    }
    await pause(askEveryMs);
  }
  throw new AppError("conflict", "This form was already sent.", { key: "submitted_already" });
}

/** Keeps what a form came to, for whoever sends it again within a day. */
export async function endSubmission(
  db: Db,
  { userId, key }: Submission,
  result: SubmissionResult,
): Promise<void> {
  await db.submission.updateMany({ where: { userId, key }, data: { result } });
}

/** Forgets a form that was refused or went wrong, so that it may be sent again as it is. */
export async function dropSubmission(db: Db, { userId, key }: Submission): Promise<void> {
  await db.submission.deleteMany({ where: { userId, key } });
}
