import type { Db } from "#lib/db.ts";
import { acceptedAtOf } from "#lib/webhooks/webhook-id.ts";
import { Prisma } from "#prisma/generated/client.ts";
import { type ErrorQuestion, singlesAsked } from "./question.ts";
import type { NextStep, RowKey, SingleError } from "./schema.ts";

const singlesMax = 50;
const minuteMs = 60_000;

/** The question narrowed to one row of the list. */
export function questionOfRow(question: ErrorQuestion, key: RowKey): ErrorQuestion {
  return {
    ...question,
    from: key.minute,
    to: new Date(key.minute.getTime() + minuteMs),
    reason: key.reason,
    detail: key.detail,
  };
}

/** The newest single errors that answer the question, each with what happens to its webhook next. */
export async function listSingleErrors(
  db: Db,
  question: ErrorQuestion,
  limit: number = singlesMax,
): Promise<SingleError[]> {
  const errors = await db.$queryRaw<Omit<SingleError, "next">[]>`
    select occurred_at as "occurredAt", webhook_id::text as "webhookId", attempt
      from webhook_errors where ${singlesAsked(question)}
     order by occurred_at desc, webhook_id desc, attempt desc limit ${limit}::int`;
  const steps = await findNextSteps(
    db,
    question.channelId,
    errors.map((error) => error.webhookId),
  );
  return errors.map((error) => ({
    ...error,
    next: steps.get(error.webhookId) ?? { state: "unknown" },
  }));
}

/**
 * What becomes of webhooks of a channel: from the queue while they wait, else from the log, whose partition is known from
 * the time in the id. Ids of other channels are not found.
 */
export async function findNextSteps(
  db: Db,
  channelId: string,
  webhookIds: readonly string[],
): Promise<Map<string, NextStep>> {
  const ids = [...new Set(webhookIds)];
  if (ids.length === 0) return new Map();
  const [queued, ended] = await Promise.all([
    db.queuedWebhook.findMany({
      select: { id: true, dueAt: true, lease: true, attempt: true },
      where: { channelId, id: { in: ids } },
      take: ids.length,
    }),
    db.$queryRaw<{ id: string; state: Ended["state"]; finishedAt: Date }[]>`
      select w.id::text as id, state::text as state, finished_at as "finishedAt"
        from unnest(array[${Prisma.join(ids)}]::uuid[], array[${Prisma.join(ids.map(acceptedAtText))}]::timestamptz[])
             as asked (id, accepted_at)
        join webhooks w on w.accepted_at = asked.accepted_at and w.id = asked.id
       where w.channel_id = ${channelId}`,
  ]);
  return new Map<string, NextStep>([
    ...ended.map(({ id, state, finishedAt }) => [id, { state, at: finishedAt }] as const),
    ...queued.map(
      ({ id, dueAt, lease, attempt }) => [id, waitingStep(dueAt, lease, attempt)] as const,
    ),
  ]);
}

type Ended = Extract<
  NextStep,
  { state: "delivered" | "failed" | "stopped" | "cancelled" | "not_sent" }
>;

const acceptedAtText = (id: string): string => acceptedAtOf(id).toISOString();

function waitingStep(dueAt: Date, lease: string | null, attempt: number): NextStep {
  return lease === null
    ? { state: "waiting", at: dueAt, attempt: attempt + 1 }
    : { state: "sending", attempt };
}
