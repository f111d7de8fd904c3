import type { Pool } from "pg";
import { inTransaction } from "#lib/db.ts";
import { countIntoWindows, holdWindows } from "./count-failures.ts";
import { countsOf, type ReasonCounts, reasonOf } from "./reason-counts.ts";
import type { ClosingOptions, NotableFailure, SettledNotification } from "./schema.ts";

type Early = Pick<
  SettledNotification,
  "id" | "channelId" | "key" | "detectedAt" | "reason" | "detail"
> & {
  type: NotableFailure["type"];
  /** As a whole window it would still be open. */
  isOpen: boolean;
};

const earlyMax = 500;

/**
 * Takes back that a window was closed early where a delivery has been recorded since that began before it was: then deliveries
 * had not ceased (docs/decisions/0035). Its errors are counted as if it had never been closed; where it would be over by
 * now, it is judged as any window. Index: notifications (settled_at, closed_at), of which few are not settled.
 */
export async function reopenDisproved(
  pool: Pool,
  { policy: { windowMs }, now }: Pick<ClosingOptions, "now" | "policy">,
): Promise<void> {
  const { rows } = await pool.query<Early>(
    `select n.id, n.channel_id as "channelId", n.type, n.key, n.detected_at as "detectedAt", n.reason, n.detail,
            n.detected_at > coalesce($1::timestamptz, now()) - $2::float8 * interval '1 ms' as "isOpen"
       from notifications n join endpoint_health h on h.channel_id = n.channel_id
      where n.settled_at is null and n.early_since is not null
        and h.judged_until > n.early_since and h.judged_until < n.closed_at
      order by n.channel_id, n.key limit ${earlyMax}`,
    [now ?? null, windowMs],
  );
  for (const one of rows) {
    if (one.isOpen) await reopen(pool, one, windowMs);
    else {
      await pool.query(
        "update notifications set early_since = null where id = $1 and settled_at is null",
        [one.id],
      );
    }
  }
}

/** Locks as the record step does: the window before what was closed of it. */
async function reopen(pool: Pool, one: Early, windowMs: number): Promise<void> {
  const { id, channelId, type, key, detectedAt } = one;
  const statusCode = key === "none" ? null : Number(key);
  await inTransaction(pool, async (client) => {
    const failure = { channelId, type, statusCode, reason: one.reason, detail: one.detail };
    await holdWindows(client, [{ ...failure, occurredAt: detectedAt, errorCount: 1 }], windowMs);
    const { rows } = await client.query<Counted>(
      `delete from notifications where id = $1 and settled_at is null
       returning detected_at as "detectedAt", reason, detail, error_count as "errorCount", last_at as "lastAt", reasons`,
      [id],
    );
    const failures = rows.flatMap((row) => failuresOf(row, { channelId, type, statusCode }));
    await countIntoWindows(client, failures, windowMs);
  });
}

type Counted = Pick<
  SettledNotification,
  "detectedAt" | "reason" | "detail" | "errorCount" | "lastAt"
> & { reasons: ReasonCounts };

/** Failures that a window counts as it did: the first one names it, and the newest happened when it did. */
function failuresOf(
  row: Counted,
  of: Pick<NotableFailure, "channelId" | "type" | "statusCode">,
): NotableFailure[] {
  const { reason, detail, detectedAt } = row;
  const first = { ...of, reason, detail, occurredAt: detectedAt, errorCount: 1 };
  const occurredAt = row.lastAt ?? detectedAt;
  const others = Object.entries(countsOf(row)).map(([name, count]): NotableFailure => {
    const named = reasonOf(name);
    const isFirst = named.reason === reason && named.detail === detail;
    return { ...of, ...named, occurredAt, errorCount: isFirst ? count - 1 : count };
  });
  return [first, ...others.filter(({ errorCount }) => errorCount > 0)];
}
