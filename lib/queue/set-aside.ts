import type { Pool } from "pg";
import { AppError } from "#lib/app-error.ts";
import { type AuditEntry, auditOnce } from "#lib/audit/record-audit.ts";
import type { Db } from "#lib/db.ts";
import { acceptedAtSql } from "#lib/webhooks/webhook-id.ts";
import { Prisma } from "#prisma/generated/client.ts";
import { workChannel } from "./accept.ts";
import type { ClaimedWebhook } from "./claim.ts";

/** Enough for a message and where it came from. */
const defectLengthMax = 500;

/**
 * Writes beside webhooks in hand why their attempts will have no outcome, for whoever looks at them once they are set
 * aside. Those whose lease was lost are left alone.
 */
export async function noteDefect(
  pool: Pool,
  webhooks: readonly Pick<ClaimedWebhook, "id" | "lease">[],
  error: unknown,
): Promise<void> {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  await pool.query(
    `update webhook_queue q set defect = $3
       from unnest($1::uuid[], $2::uuid[]) as held (id, lease) where q.id = held.id and q.lease = held.lease`,
    [
      webhooks.map((one) => one.id),
      webhooks.map((one) => one.lease),
      // Text in PostgreSQL holds no NUL, which may be the very defect.
      text.replaceAll("\0", "\ufffd").slice(0, defectLengthMax),
    ],
  );
}

/**
 * Puts a webhook that was set aside back into its lane, due now, with as many tries as at first. Its attempts stay counted,
 * so it is sent as a redelivery. In one statement, with its entry of the audit log: the turn of the channel is locked, which
 * intake needs.
 * @throws AppError not_found: somebody else has decided, or the channel's switch ended it.
 */
export async function releaseSetAside(db: Db, webhookId: string, entry: AuditEntry): Promise<void> {
  // Times are cut to the column's milliseconds: rounded up, no claim would see them yet.
  const [released] = await db.$queryRaw<unknown[]>`
    with released as (
      delete from set_aside_webhooks s using channels c
       where s.id = ${webhookId}::uuid and c.id = s.channel_id
         and s.epoch = case s.lane when 0 then c.first_epoch else c.redelivery_epoch end
      returning s.*
    ),
    queued as (
      insert into webhook_queue (id, channel_id, lane, due_at, attempt, failures, event_count, body, defect, epoch)
      select id, channel_id, lane, date_trunc('milliseconds', now()), attempt, failures, event_count, body, defect, epoch
        from released
    ),
    ready as (
      insert into ready_channels (lane, channel_id, due_at)
      select lane, channel_id, date_trunc('milliseconds', now()) from released
      on conflict (lane, channel_id) do update set due_at = least(ready_channels.due_at, excluded.due_at)
    ),
    audited as (${auditOnce(entry, Prisma.sql`released`)})
    select pg_notify(${workChannel}, '')::text as told from released`;
  if (released === undefined) throw gone();
}

/** Ends a webhook that was set aside as `cancelled`. @throws AppError not_found as `releaseSetAside`. */
export async function endSetAside(db: Db, webhookId: string, entry: AuditEntry): Promise<void> {
  const count = await db.$executeRaw`
    with ended as (
      delete from set_aside_webhooks where id = ${webhookId}::uuid returning *
    ),
    audited as (${auditOnce(entry, Prisma.sql`ended`)})
    insert into webhooks (accepted_at, id, channel_id, state, attempts, event_count, finished_at, body)
    select ${acceptedAtSql}, id, channel_id, 'cancelled', attempt, event_count, now(), body from ended`;
  if (count === 0) throw gone();
}

const gone = (): AppError =>
  new AppError("not_found", "This webhook is no longer stuck: someone has already decided.");
