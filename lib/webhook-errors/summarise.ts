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
import type { ErrorSummary } from "./schema.ts";

/** More than this many waiting webhooks are not counted out; the index walk stays short. */
const waitingCountMax = 10_000;

/** The figures above the chart. All reads are independent and go out together. */
export async function summariseErrors(db: Db, question: ErrorQuestion): Promise<ErrorSummary> {
  const [asked, all, before, waiting] = await Promise.all([
    countErrors(db, question),
    countAttempts(db, question),
    countAttempts(db, stretchBefore(question)),
    countWaiting(db, question.channelId),
  ]);
  return {
    errorCount: asked.errors,
    allErrorCount: all.errors,
    webhookCount: asked.firsts,
    attemptCount: all.errors + all.delivered,
    failedShare: share(all),
    failedShareBefore: share(before),
    waiting,
  };
}

type Attempts = { errors: number; delivered: number };

const share = ({ errors, delivered }: Attempts): number | null =>
  errors + delivered === 0 ? null : errors / (errors + delivered);

function stretchBefore(question: ErrorQuestion): ErrorQuestion {
  const lengthMs = question.to.getTime() - question.from.getTime();
  return { ...question, from: new Date(question.from.getTime() - lengthMs), to: question.from };
}

const rangeEdges = ({ from, to }: ErrorQuestion): Prisma.Sql =>
  Prisma.sql`edges as (select array[${at(from)}, ${at(to)}] as list), ${cutHours}`;

/** Errors that match the filter, and how many of them were first attempts: that many webhooks are affected. */
async function countErrors(
  db: Db,
  question: ErrorQuestion,
): Promise<{ errors: number; firsts: number }> {
  const cells = hoursCanAnswer(question) ? errorCells(question) : errorMinutes(question);
  const firsts =
    question.attempt === "redelivery" ? Prisma.sql`0` : Prisma.sql`coalesce(sum(firsts), 0)::int`;
  const [row] = await db.$queryRaw<{ errors: number; firsts: number }[]>`
    with ${rangeEdges(question)}
    select coalesce(sum(errors), 0)::int as errors, ${firsts} as firsts from (${cells}) cells`;
  return row ?? { errors: 0, firsts: 0 };
}

/** All attempts of the range, whatever the filter says. */
async function countAttempts(db: Db, question: ErrorQuestion): Promise<Attempts> {
  const all = { ...question, reason: null, detail: null, status: null, attempt: null };
  const [row] = await db.$queryRaw<Attempts[]>`
    with ${rangeEdges(all)}
    select (select coalesce(sum(errors), 0)::int from (${errorCells(all)}) cells) as errors,
           (select coalesce(sum(delivered), 0)::int from (${deliveredCells(all)}) cells) as delivered`;
  return row ?? { errors: 0, delivered: 0 };
}

async function countWaiting(db: Db, channelId: string): Promise<ErrorSummary["waiting"]> {
  const [row] = await db.$queryRaw<{ count: number; nextAt: Date | null }[]>`
    select count(*)::int as count, min(due_at) as "nextAt"
      from (select q.due_at from channels c join webhook_queue q on q.channel_id = c.id and q.lane = 1 and q.epoch = c.redelivery_epoch
             where c.id = ${channelId} order by q.due_at limit ${waitingCountMax + 1}::int) waiting`;
  const count = row?.count ?? 0;
  return {
    count: Math.min(count, waitingCountMax),
    more: count > waitingCountMax,
    nextAt: row?.nextAt ?? null,
  };
}
