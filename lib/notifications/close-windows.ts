import type { Pool, PoolClient } from "pg";
import { inTransaction } from "#lib/db.ts";
import { closeEarly } from "./close-early.ts";
import { noteRecoveries } from "./note-recoveries.ts";
import { reopenDisproved } from "./reopen-early.ts";
import { resolveIncidents } from "./resolve-incidents.ts";
import type { ClosingOptions } from "./schema.ts";
import { settledMax, settleNotifications } from "./settle.ts";
import { recipientsMax, writeDueMails } from "./write-mails.ts";

export type ClosingReport = { windows: number; mails: number };

const windowsMax = 500;
/** Any number: whoever holds it settles and writes; the others leave it to them. */
const closingLock = 7_046_205;

/**
 * Closes the windows that are over, or early those of bot servers to which nothing is delivered any more, decides of which people are told, and writes their mails and alerts. Each step is a
 * transaction of its own that leaves its mark with its result, so a crash at any point leaves everything to the next call
 * and nothing is written twice. Several workers may run this at once: closing is shared among them, and what comes after
 * it one does at a time, because pauses and caps look at what was written before.
 */
export async function closeDueWindows(pool: Pool, options: ClosingOptions): Promise<ClosingReport> {
  const report: ClosingReport = { windows: 0, mails: 0 };
  for (let more = true; more; ) {
    const moved = await moveDueWindows(pool, options.now);
    report.windows += moved;
    more = moved === windowsMax;
  }
  if (options.policy.earlyMs > 0) {
    await reopenDisproved(pool, options);
    for (let after: string | null = ""; after !== null; ) {
      const from: string = after;
      const look = await alone(pool, (client) => closeEarly(client, from, options));
      report.windows += look?.closed ?? 0;
      after = look?.last ?? null;
    }
  }
  await noteRecoveries(pool, options);
  for (let more = true; more; ) {
    more = (await alone(pool, (client) => settleNotifications(client, options))) === settledMax;
  }
  await alone(pool, (client) => resolveIncidents(client, options));
  for (let after: string | null = ""; after !== null; ) {
    const from: string = after;
    const written = await alone(pool, (client) => writeDueMails(client, from, options));
    report.mails += written?.mails ?? 0;
    after = written?.recipients === recipientsMax ? written.last : null;
  }
  return report;
}

/** In a transaction, unless another worker is at it: then undefined. */
async function alone<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
): Promise<T | undefined> {
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ mine: boolean }>(
      "select pg_try_advisory_xact_lock($1) as mine",
      [closingLock],
    );
    return rows[0]?.mine === true ? work(client) : undefined;
  });
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
     insert into notifications (id, channel_id, type, key, detected_at, closed_at, reason, detail, error_count, last_at, reasons)
     select gen_random_uuid(), channel_id, type, key, opened_at, closes_at, reason, detail, error_count, last_at, reasons
       from moved`,
    [now ?? null, windowsMax],
  );
  return rowCount ?? 0;
}
