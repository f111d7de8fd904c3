import type { Pool, PoolClient } from "pg";
import { inTransaction } from "#lib/db.ts";
import { findRecipients } from "./find-recipients.ts";
import type { ClosingOptions, SettledNotification } from "./schema.ts";
import { assignThreads } from "./threads.ts";
import { writeMails } from "./write-mails.ts";

export type ClosingReport = { windows: number; mails: number };

const windowsMax = 500;
const notificationsMax = 20;

/**
 * Closes the windows that are over and writes the mails of those that are settled: one per recipient, in one transaction
 * with the mark that says so. Mails follow a little after the end of the window (a twentieth of its length, at most 15 s):
 * failures are recorded seconds after they happen, and until then they are still counted into the window.
 *
 * Several workers may run this at once; what one has in hand the others skip. A crash at any point leaves everything to
 * the next call, and nothing is written twice.
 */
export async function closeDueWindows(pool: Pool, options: ClosingOptions): Promise<ClosingReport> {
  const report: ClosingReport = { windows: 0, mails: 0 };
  for (let more = true; more; ) {
    const moved = await moveDueWindows(pool, options.now);
    report.windows += moved;
    more = moved === windowsMax;
  }
  for (let more = true; more; ) {
    const { notifications, mails } = await inTransaction(pool, (client) =>
      mailSettled(client, options),
    );
    report.mails += mails;
    more = notifications === notificationsMax;
  }
  return report;
}

/** Moves windows that are over to `notifications`, oldest first, through the index on closes_at. */
async function moveDueWindows(pool: Pool, now: Date | undefined): Promise<number> {
  const { rowCount } = await pool.query(
    `with due as (
       select channel_id, type, key from notification_windows
        where closes_at <= coalesce($1::timestamptz, now()) order by closes_at limit $2 for update skip locked
     ), moved as (
       delete from notification_windows w using due
        where w.channel_id = due.channel_id and w.type = due.type and w.key = due.key returning w.*
     )
     insert into notifications (id, channel_id, type, key, detected_at, closed_at, reason, detail, error_count)
     select gen_random_uuid(), channel_id, type, key, opened_at, closes_at, reason, detail, error_count from moved`,
    [now ?? null, windowsMax],
  );
  return rowCount ?? 0;
}

async function mailSettled(
  client: PoolClient,
  options: ClosingOptions,
): Promise<{ notifications: number; mails: number }> {
  const settled = await claimSettled(client, options.now);
  if (settled.length === 0) return { notifications: 0, mails: 0 };
  const audiences = await findRecipients(client, [...new Set(settled.map((one) => one.channelId))]);
  await assignThreads(client, settled, options.now);
  const mails = await writeMails(client, settled, audiences, options);
  return { notifications: settled.length, mails };
}

/** Through the index on (mailed_at, closed_at); the rows stay locked until the transaction ends. */
async function claimSettled(
  client: PoolClient,
  now: Date | undefined,
): Promise<SettledNotification[]> {
  const { rows } = await client.query<SettledNotification>(
    `select id, channel_id as "channelId", type, key, detected_at as "detectedAt", closed_at as "closedAt",
            reason, detail, error_count as "errorCount"
       from notifications
      where mailed_at is null and closed_at <= coalesce($1::timestamptz, now())
        and closed_at + least(interval '15 seconds', (closed_at - detected_at) / 20) <= coalesce($1::timestamptz, now())
      order by closed_at limit $2 for update skip locked`,
    [now ?? null, notificationsMax],
  );
  return rows;
}
