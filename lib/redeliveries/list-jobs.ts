import type { Db } from "#lib/db.ts";
import { acceptedAtOf } from "#lib/webhooks/webhook-id.ts";
import { cannotSendReasons, type JobEnds, JobFilter, type RedeliveryJob } from "./schema.ts";

const shownMax = 10;
/** Ended jobs are shown so long. */
const shownMs = 24 * 3_600_000;

/** The running jobs of a channel and those that ended within a day, the newest first, at most ten. Index: (channel_id, created_at). */
export async function listRedeliveryJobs(
  db: Db,
  channelId: string,
  now: Date,
): Promise<RedeliveryJob[]> {
  const rows = await db.redeliveryJob.findMany({
    where: {
      channelId,
      OR: [{ state: "running" }, { finishedAt: { gt: new Date(now.getTime() - shownMs) } }],
    },
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    take: shownMax,
    select: {
      id: true,
      state: true,
      stopReason: true,
      filter: true,
      fromAt: true,
      toAt: true,
      ratePerSecond: true,
      expectedCount: true,
      matchedCount: true,
      redeliveredCount: true,
      waitingCount: true,
      takenCount: true,
      isFollowed: true,
      deliveredCount: true,
      failedCount: true,
      cancelledCount: true,
      cursorId: true,
      createdAt: true,
      finishedAt: true,
      createdBy: { select: { name: true } },
    },
  });
  return rows.map(({ fromAt, toAt, cursorId, createdBy, isFollowed, ...row }) => ({
    ...row,
    ended: isFollowed ? endsOf(row) : null,
    filter: JobFilter.parse(row.filter),
    stopReason: cannotSendReasons.find((one) => one === row.stopReason) ?? null,
    from: fromAt,
    to: toAt,
    createdBy: createdBy?.name ?? null,
    progress: progressOf({ ...row, fromAt, toAt, cursorId }),
  }));
}

function endsOf(job: {
  redeliveredCount: number;
  deliveredCount: number;
  failedCount: number;
  cancelledCount: number;
}): JobEnds {
  const { deliveredCount: delivered, failedCount: failed, cancelledCount: cancelled } = job;
  return {
    delivered,
    failed,
    cancelled,
    open: job.redeliveredCount - delivered - failed - cancelled,
  };
}

/** By what was counted before the start where it was, else by how far its reading has come in time. */
function progressOf(job: {
  state: RedeliveryJob["state"];
  expectedCount: number | null;
  matchedCount: number;
  cursorId: string | null;
  fromAt: Date;
  toAt: Date;
}): number {
  if (job.state === "done") return 1;
  if (job.expectedCount !== null) {
    return job.expectedCount === 0 ? 0 : Math.min(1, job.matchedCount / job.expectedCount);
  }
  if (job.cursorId === null) return 0;
  const read = acceptedAtOf(job.cursorId).getTime() - job.fromAt.getTime();
  return Math.min(1, Math.max(0, read / (job.toAt.getTime() - job.fromAt.getTime())));
}
