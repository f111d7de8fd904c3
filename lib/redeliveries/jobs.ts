import { AppError } from "#lib/app-error.ts";
import type { Actor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { TransactionalDb } from "#lib/db.ts";
import { auditedQuestion } from "#lib/delivery-log/audited-question.ts";
import { anyOutcome, type LogQuestion } from "#lib/delivery-log/schema.ts";
import { lockPlace } from "#lib/members/place.ts";
import { requireChannelRight } from "#lib/members/require-right.ts";
import { refuseUnlessSending } from "./refuse.ts";
import { runningJobsMax } from "./schema.ts";

export type NewJob = {
  question: LogQuestion;
  ratePerSecond: number;
  expectedCount: number | null;
};

/**
 * Starts a job that redelivers what the question matches; workers take it from here, step by step.
 * @throws AppError conflict when nothing can be sent for the channel, or too many of its jobs run already; as
 * requireChannelRight.
 */
export async function startRedeliveryJob(
  db: TransactionalDb,
  actor: Actor,
  { question, ratePerSecond, expectedCount }: NewJob,
): Promise<{ jobId: string }> {
  const { channelId, from, to, states, eventType, eventId, doubtful } = question;
  const { job = null, ended = null, outcome = anyOutcome, sourceId = null } = question;
  return db.$transaction(async (tx) => {
    // One after the other: of two that count the running jobs at once both would find room.
    await lockPlace(tx, { kind: "channel", id: channelId });
    await requireChannelRight(tx, actor, channelId, "redeliver");
    await refuseUnlessSending(tx, channelId);
    const running = await tx.redeliveryJob.count({ where: { channelId, state: "running" } });
    if (running >= runningJobsMax) {
      throw new AppError(
        "conflict",
        `${running} redelivery jobs of this channel are already running.`,
        {
          key: "redelivery_jobs_max",
          values: { count: running },
        },
      );
    }
    const { id } = await tx.redeliveryJob.create({
      data: {
        channelId,
        createdById: actor.kind === "user" ? actor.id : null,
        filter: {
          ...{ states: states === null ? null : [...states], eventType, eventId, doubtful, job },
          ...{ outcome, sourceId },
          ended: ended && { from: ended.from.toISOString(), to: ended.to.toISOString() },
        },
        isFollowed: true,
        fromAt: from,
        toAt: to,
        ratePerSecond,
        expectedCount,
      },
      select: { id: true },
    });
    await recordAudit(tx, {
      actor,
      action: "redelivery_job_started",
      channelId,
      after: {
        jobId: id,
        ...auditedQuestion(question),
        ratePerSecond,
        expectedCount,
      },
    });
    return { jobId: id };
  });
}

/**
 * Ends a running job after the step under way. What it has queued already is sent.
 * @throws AppError not_found when no such job of the channel runs.
 */
export async function cancelRedeliveryJob(
  db: TransactionalDb,
  actor: Actor,
  channelId: string,
  jobId: string,
): Promise<void> {
  await db.$transaction(async (tx) => {
    await requireChannelRight(tx, actor, channelId, "redeliver");
    // The database's clock, as all times of the log.
    const rows = await tx.$queryRaw<{ redelivered: number }[]>`
      update redelivery_jobs set state = 'cancelled', finished_at = now()
       where id = ${jobId}::uuid and channel_id = ${channelId} and state = 'running'
      returning redelivered_count as redelivered`;
    const [job] = rows;
    if (job === undefined)
      throw new AppError("not_found", "This redelivery job is no longer running.", {
        key: "redelivery_job_ended",
      });
    await recordAudit(tx, {
      actor,
      action: "redelivery_job_cancelled",
      channelId,
      after: { jobId, redeliveredCount: job.redelivered },
    });
  });
}
