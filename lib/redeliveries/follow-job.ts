import type { Db, TransactionalDb } from "#lib/db.ts";
import { acceptedAtOf } from "#lib/webhooks/webhook-id.ts";

/** Webhooks of a job that one step looks at. */
const looksMax = 1_000;
/** Between two rounds over what is still open: redeliveries may take half an hour. */
const roundMs = 2_000;

export type FollowReport = { jobId: string; ended: number };

/**
 * Looks what has become of webhooks that the job queued, and counts those that have ended; null: there is nothing to follow. One
 * worker at a time follows a job. A webhook is counted once, by how it has ended when it is looked at (redelivered once more
 * before that, by how that ended); one that is kept nowhere any more counts as cancelled. Indexes: redelivery_jobs (next_follow_at) where something is open, redelivery_job_webhooks
 * (job_id, webhook_id) likewise, the primary keys of log and queue.
 */
export async function followRedeliveryJob(db: TransactionalDb): Promise<FollowReport | null> {
  if (!(await isAnyDue(db))) return null;
  return db.$transaction(async (tx) => {
    const [job] = await tx.$queryRaw<{ id: string; cursor: string | null }[]>`
      select id::text as id, follow_cursor::text as cursor from redelivery_jobs
       where is_followed and redelivered_count > delivered_count + failed_count + cancelled_count and next_follow_at <= now()
       order by next_follow_at limit 1 for update skip locked`;
    if (job === undefined) return null;
    const ids = await listOpen(tx, job);
    const ended = await settle(tx, job.id, ids);
    const isRoundOver = ids.length < looksMax;
    await tx.$executeRaw`
      update redelivery_jobs
         set delivered_count = delivered_count + ${ended.delivered}::int,
             failed_count = failed_count + ${ended.failed}::int,
             cancelled_count = cancelled_count + ${ended.cancelled}::int,
             follow_cursor = ${isRoundOver ? null : (ids.at(-1) ?? null)}::uuid,
             next_follow_at = now() + ${isRoundOver ? roundMs : 0}::int * interval '1 ms'
       where id = ${job.id}::uuid`;
    return { jobId: job.id, ended: ended.delivered + ended.failed + ended.cancelled };
  });
}

async function isAnyDue(db: Db): Promise<boolean> {
  const rows = await db.$queryRaw<unknown[]>`
    select 1 from redelivery_jobs
     where is_followed and redelivered_count > delivered_count + failed_count + cancelled_count and next_follow_at <= now()
     limit 1`;
  return rows.length > 0;
}

async function listOpen(
  tx: Db,
  { id, cursor }: { id: string; cursor: string | null },
): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    select webhook_id::text as id from redelivery_job_webhooks
     where job_id = ${id}::uuid and outcome is null and webhook_id > coalesce(${cursor}::uuid, '00000000-0000-0000-0000-000000000000')
     order by webhook_id limit ${looksMax}::int`;
  return rows.map((row) => row.id);
}

type Ended = { delivered: number; failed: number; cancelled: number };

/** In one statement, and so at one moment: each webhook is in the queue, set aside, or in the log. */
async function settle(tx: Db, jobId: string, ids: readonly string[]): Promise<Ended> {
  if (ids.length === 0) return { delivered: 0, failed: 0, cancelled: 0 };
  const times = ids.map((id) => acceptedAtOf(id).toISOString());
  const [row] = await tx.$queryRaw<Ended[]>`
    with asked as (
      select * from unnest(${[...ids]}::uuid[], ${times}::timestamptz[]) as asked (id, accepted_at)
    ),
    ended as (
      select asked.id,
             case when w.state = 'delivered' then 'delivered' when w.state in ('failed', 'stopped') then 'failed'
                  else 'cancelled' end as outcome
        from asked left join webhooks w on w.accepted_at = asked.accepted_at and w.id = asked.id
       where not exists (select from webhook_queue q where q.id = asked.id)
         and not exists (select from set_aside_webhooks s where s.id = asked.id)
    ),
    noted as (
      update redelivery_job_webhooks o set outcome = ended.outcome
        from ended where o.job_id = ${jobId}::uuid and o.webhook_id = ended.id and o.outcome is null
      returning o.outcome
    )
    select count(*) filter (where outcome = 'delivered')::int as delivered,
           count(*) filter (where outcome = 'failed')::int as failed,
           count(*) filter (where outcome = 'cancelled')::int as cancelled from noted`;
  return row ?? { delivered: 0, failed: 0, cancelled: 0 };
}
