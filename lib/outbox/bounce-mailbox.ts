import type { Pool } from "pg";

/** Where a mailbox was read up to; zeros before the first time. */
export type ReadingMark = { uidValidity: bigint; lastUid: bigint };

/**
 * Takes the turn to read a mailbox, at most one a minute over all workers; null when it is not due. Who dies with it
 * leaves it to the next minute. `name` is of account and folder.
 */
export async function claimMailbox(pool: Pool, name: string): Promise<ReadingMark | null> {
  await pool.query(
    `insert into bounce_mailbox (name, uid_validity, last_uid) values ($1, 0, 0) on conflict do nothing`,
    [name],
  );
  const { rows } = await pool.query<{ validity: string; last: string }>(
    `update bounce_mailbox set due_at = now() + interval '1 minute'
      where name = $1 and due_at <= now() returning uid_validity as validity, last_uid as last`,
    [name],
  );
  const [row] = rows;
  return row === undefined
    ? null
    : { uidValidity: BigInt(row.validity), lastUid: BigInt(row.last) };
}

/** Keeps how far the mailbox was read. */
export async function markRead(pool: Pool, name: string, mark: ReadingMark): Promise<void> {
  await pool.query("update bounce_mailbox set uid_validity = $2, last_uid = $3 where name = $1", [
    name,
    String(mark.uidValidity),
    String(mark.lastUid),
  ]);
}
