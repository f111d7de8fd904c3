import type { Db, TransactionalDb } from "#lib/db.ts";
import { isByEvent, scanSlice } from "#lib/delivery-log/scan.ts";
import type { LogQuestion } from "#lib/delivery-log/schema.ts";
import { enqueueRedeliveries } from "./enqueue.ts";
import { findCannotSendReason } from "./refuse.ts";
import { type CannotSendReason, JobFilter } from "./schema.ts";

/** Webhooks that one step looks at, at most. Where few match, steps follow each other at once. */
const looksMax = 1_000;
/** Webhooks of one slice where bodies have to be opened, at least and at most. */
const openedMin = 20;
const openedMax = 200;
/** So long a step looks on for more; the slice under way is gone through. */
const lookMs = 2_000;
/** A step that has not come to its end by then may be taken by another worker. */
const takenMs = 30_000;
/** Time between two steps, where a step may redeliver more than one webhook. */
const stepMs = 200;
/**
 * Webhooks of the channel that are due or on the wire in the redelivery lane; at more, jobs wait. About half of what a
 * channel gets of a worker's places, so that its new events keep the rest.
 */
export const dueMax = 32;
/** Webhooks of the channel in the redelivery lane in all, those that wait for a later attempt among them. */
const waitingMax = 10_000;
/** How soon a step that had no room is tried again. */
const fullPauseMs = 500;

type Job = {
  id: string;
  channelId: string;
  filter: unknown;
  fromAt: Date;
  toAt: Date;
  ratePerSecond: number;
  cursorId: string | null;
};

/** What one step came to; null: no job is due. */
export type JobStep = { jobId: string; redelivered: number; ended: "done" | "stopped" | null };

/**
 * Takes one step of the running job that has waited longest: looks on from its cursor, then queues what matches as far as
 * there is room and moves cursor and counts, in one transaction. Looking on is not part of that: it may read large bodies, for
 * longer than a transaction may last. A worker that dies leaves the job as it was before the step. Only one of two that stepped
 * one job at once moves it, and behind the cursor nothing is looked at again, so no job queues a webhook twice.
 * Index: redelivery_jobs (state).
 */
export async function stepRedeliveryJob(db: TransactionalDb): Promise<JobStep | null> {
  // Mostly there is none: that costs one look, and no write.
  if (!(await isAnyDue(db))) return null;
  const job = await takeJob(db);
  if (job === undefined) return null;
  try {
    return await step(db, job);
  } catch (error) {
    // One job that cannot go on must not stand before the others.
    await putOff(db, job.id, 5_000).catch(() => undefined);
    throw error;
  }
}

async function isAnyDue(db: Db): Promise<boolean> {
  const rows = await db.$queryRaw<unknown[]>`
    select 1 from redelivery_jobs where state = 'running' and next_step_at <= now() limit 1`;
  return rows.length > 0;
}

/** Nobody else takes it meanwhile, unless this worker dies or is slow beyond measure. */
async function takeJob(db: Db): Promise<Job | undefined> {
  const [job] = await db.$queryRaw<Job[]>`
    with due as (
      select id from redelivery_jobs where state = 'running' and next_step_at <= now()
       order by next_step_at limit 1 for update skip locked
    )
    update redelivery_jobs j set next_step_at = now() + ${takenMs}::int * interval '1 ms' from due where j.id = due.id
    returning j.id::text as id, channel_id as "channelId", filter, from_at as "fromAt", to_at as "toAt",
              rate_per_second as "ratePerSecond", cursor_id::text as "cursorId"`;
  return job;
}

async function step(db: TransactionalDb, job: Job): Promise<JobStep> {
  const room = Math.min(allowance(job), await findRoom(db, job.channelId));
  const found = room > 0 ? await lookOn(db, job, room) : null;
  return db.$transaction(async (tx) => {
    // The channel before the job, in the order in which its deletion locks both.
    const refusal = await findCannotSendReason(tx, job.channelId);
    if (!(await holdJob(tx, job))) return { jobId: job.id, redelivered: 0, ended: null };
    return refusal === null ? moveOn(tx, job, found) : endRefused(tx, job, refusal);
  });
}

/** False: it was ended, or moved by another step, since it was taken. */
async function holdJob(tx: Db, job: Job): Promise<boolean> {
  const rows = await tx.$queryRaw<unknown[]>`
    select 1 from redelivery_jobs
     where id = ${job.id}::uuid and state = 'running' and cursor_id is not distinct from ${job.cursorId}::uuid for update`;
  return rows.length > 0;
}

async function endRefused(tx: Db, job: Job, refusal: CannotSendReason): Promise<JobStep> {
  await tx.$executeRaw`
    update redelivery_jobs set state = 'stopped', stop_reason = ${refusal}, finished_at = now() where id = ${job.id}::uuid`;
  return { jobId: job.id, redelivered: 0, ended: "stopped" };
}

async function moveOn(tx: Db, job: Job, found: Found | null): Promise<JobStep> {
  if (found === null) {
    await putOff(tx, job.id, fullPauseMs);
    return { jobId: job.id, redelivered: 0, ended: null };
  }
  const moved = await enqueueRedeliveries(tx, job.channelId, found.ids);
  const pauseMs = Math.ceil((moved.length / job.ratePerSecond) * 1_000);
  await tx.$executeRaw`
    update redelivery_jobs
       set cursor_id = coalesce(${found.cursor}::uuid, cursor_id),
           matched_count = matched_count + ${found.ids.length + found.waiting}::int,
           redelivered_count = redelivered_count + ${moved.length}::int,
           waiting_count = waiting_count + ${found.waiting}::int,
           taken_count = taken_count + ${found.ids.length - moved.length}::int,
           next_step_at = now() + ${pauseMs}::int * interval '1 ms',
           state = case when ${found.isEnd} then 'done'::redelivery_job_state else state end,
           finished_at = case when ${found.isEnd} then now() end
     where id = ${job.id}::uuid`;
  return { jobId: job.id, redelivered: moved.length, ended: found.isEnd ? "done" : null };
}

/** What the speed allows in one step. */
const allowance = ({ ratePerSecond }: Job): number =>
  Math.max(1, Math.round((ratePerSecond * stepMs) / 1_000));

/** How much more the channel's redelivery lane takes. Index: webhook_queue (channel_id, lane, epoch, due_at, id), cut off. */
async function findRoom(tx: Db, channelId: string): Promise<number> {
  const [row] = await tx.$queryRaw<{ due: number; waiting: number }[]>`
    select (select count(*)::int from (select 1 from webhook_queue
              where channel_id = c.id and lane = 1 and epoch = c.redelivery_epoch and due_at <= now()
              limit ${dueMax}::int) d) as due,
           (select count(*)::int from (select 1 from webhook_queue
              where channel_id = c.id and lane = 1 and epoch = c.redelivery_epoch limit ${waitingMax}::int) w) as waiting
      from channels c where c.id = ${channelId}`;
  return Math.min(dueMax - (row?.due ?? 0), waitingMax - (row?.waiting ?? 0));
}

type Found = {
  /** To be redelivered. */
  ids: string[];
  /** Matched too, but waits anyway. */
  waiting: number;
  cursor: string | null;
  isEnd: boolean;
};

/**
 * The next webhooks, cut behind the last one that there is room for. Where bodies have to be opened slices are small and grow
 * while little matches, and after a while it leaves off where it is.
 */
async function lookOn(db: Db, job: Job, room: number): Promise<Found> {
  const question: LogQuestion = {
    ...JobFilter.parse(job.filter),
    channelId: job.channelId,
    from: job.fromAt,
    to: job.toAt,
  };
  const until = performance.now() + lookMs;
  const found: Found = { ids: [], waiting: 0, cursor: job.cursorId, isEnd: false };
  let size = firstSlice(question, room);
  for (let left = looksMax; left > 0; ) {
    const slice = await scanSlice(
      db,
      question,
      { after: found.cursor, ascending: true },
      { size, reads: "matches" },
    );
    for (const { id, finishedAt } of slice.webhooks) {
      if (finishedAt === null) found.waiting += 1;
      else if (found.ids.length < room) found.ids.push(id);
      else return found;
      found.cursor = id;
    }
    if (slice.end === null) return { ...found, isEnd: true };
    found.cursor = slice.end;
    if (found.ids.length === room || performance.now() > until) return found;
    left -= size;
    size = Math.min(openedMax, size * 2, left);
  }
  return found;
}

const firstSlice = (question: LogQuestion, room: number): number =>
  isByEvent(question) ? Math.min(openedMax, Math.max(room, openedMin)) : looksMax;

async function putOff(db: Db, jobId: string, ms: number): Promise<void> {
  await db.$executeRaw`
    update redelivery_jobs set next_step_at = now() + ${ms}::int * interval '1 ms' where id = ${jobId}::uuid`;
}
