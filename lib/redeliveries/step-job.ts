import type { Db, TransactionalDb } from "#lib/db.ts";
import { isByEvent, scanSlice } from "#lib/delivery-log/scan.ts";
import type { LogQuestion } from "#lib/delivery-log/schema.ts";
import { workChannel } from "#lib/queue/accept.ts";
import { Prisma } from "#prisma/generated/client.ts";
import { moveParts, turnPart } from "./enqueue.ts";
import { cannotSendSql } from "./refuse.ts";
import { JobFilter } from "./schema.ts";

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
 * there is room and moves cursor and counts, in one statement. Looking on is not part of that: it may read large bodies, for
 * longer than locks may last. A worker that dies leaves the job as it was before the step. Only one of two that stepped
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
  return moveOn(db, job, room > 0 ? await lookOn(db, job, room) : null);
}

/**
 * Queues what was found, and moves the job's cursor and counts; or ends the job where nothing can be sent. One statement, so
 * that a worker that is stopped here holds nothing that others wait for. The channel is locked before the job, as its deletion
 * does: a switch that is turned meanwhile waits, and then ends what was queued. Does nothing when the job was ended, or moved by
 * another step, since it was taken. `found` null: there was no room.
 */
async function moveOn(db: Db, job: Job, found: Found | null): Promise<JobStep> {
  const { ids, waiting, cursor, isEnd } = found ?? nothing;
  const rows = await db.$queryRaw<{ ended: JobStep["ended"]; redelivered: number }[]>`
    with channel as materialized (${cannotSendSql(job.channelId)}),
    job as materialized (
      select id, coalesce((select refusal from channel), (select 'webhook_off' where not exists (select from channel))) as refusal
        from redelivery_jobs
       where (select count(*) from channel) >= 0 and id = ${job.id}::uuid and state = 'running'
         and cursor_id is not distinct from ${job.cursorId}::uuid for update
    ),
    ${moveParts(job.channelId, ids, Prisma.sql`exists (select from job where refusal is null)`)},
    moved as materialized (select count(*)::int as count from taken),
    followed as (
      insert into redelivery_job_webhooks (job_id, webhook_id) select job.id, taken.id from job, taken
    ),
    ready as (${turnPart(job.channelId, Prisma.sql`(select count from moved) > 0`)}),
    refused as (
      update redelivery_jobs j set state = 'stopped', stop_reason = job.refusal, finished_at = now()
        from job where j.id = job.id and job.refusal is not null
      returning j.state
    ),
    stepped as (
      update redelivery_jobs j
         set cursor_id = coalesce(${cursor}::uuid, j.cursor_id),
             matched_count = j.matched_count + ${ids.length + waiting}::int,
             redelivered_count = j.redelivered_count + moved.count,
             waiting_count = j.waiting_count + ${waiting}::int,
             taken_count = j.taken_count + ${ids.length}::int - moved.count,
             next_step_at = now() + interval '1 ms' * case when ${found === null} then ${fullPauseMs}::int
                              else ceil(moved.count * 1000.0 / j.rate_per_second) end,
             state = case when ${isEnd} then 'done' else j.state end,
             finished_at = case when ${isEnd} then now() end
        from job, moved where j.id = job.id and job.refusal is null
      returning j.state
    )
    select case when state <> 'running' then state::text end as ended, moved.count as redelivered,
           case when moved.count > 0 then pg_notify(${workChannel}, '')::text end as told
      from (select state from refused union all select state from stepped) job_now, moved`;
  const [row = { ended: null, redelivered: 0 }] = rows;
  return { jobId: job.id, ended: row.ended, redelivered: row.redelivered };
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

const nothing: Found = { ids: [], waiting: 0, cursor: null, isEnd: false };

/**
 * The next webhooks, cut behind the last one that there is room for. Where bodies have to be opened slices are small and grow
 * while little matches, and after a while it leaves off where it is.
 */
async function lookOn(db: Db, job: Job, room: number): Promise<Found> {
  const question: LogQuestion = {
    // Strict: to leave out what a newer version asks for would redeliver more than was meant.
    ...JobFilter.strict().parse(job.filter),
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
