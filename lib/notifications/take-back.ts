import type { Pool, PoolClient } from "pg";
import { inTransaction } from "#lib/db.ts";
import type { ClaimedMail } from "#lib/outbox/claim-mails.ts";
import { readWanted, type Told } from "./read-wanted.ts";
import type { NotificationPolicy } from "./schema.ts";

type Notice = Told & { id: string };

/**
 * Takes a claimed mail back, instead of sending it, when its reader should no longer get all that it tells: the role is gone, the
 * account disabled, such mails turned off, or the function withdrawn since it was written. What else a digest told of waits
 * again and is written anew. Mails of no notification are left alone. Returns whether it took the mail back.
 *
 * Does not protect from what happens between this and the mail server's answer.
 */
export async function takeBackUnwanted(
  pool: Pool,
  mail: Pick<ClaimedMail, "id" | "attempts">,
  policy: NotificationPolicy,
): Promise<boolean> {
  return inTransaction(pool, async (client) => {
    const notices = await lockNotices(client, mail.id);
    const { isWanted } = await readWanted(client, notices, policy);
    const kept = notices.filter(isWanted);
    if (kept.length === notices.length) return false;
    await client.query(
      `update mails set state = 'withdrawn', last_error = null where id = $1 and state = 'sending' and attempts = $2`,
      [mail.id, mail.attempts],
    );
    await client.query("update notices set told_at = null, mail_id = null where id = any($1)", [
      kept.map(({ id }) => id),
    ]);
    return true;
  });
}

/** Index: notices (mail_id). */
async function lockNotices(client: PoolClient, mailId: string): Promise<Notice[]> {
  const { rows } = await client.query<Notice>(
    `select w.id, w.channel_id as "channelId", w.address_key as key, n.type
       from notices w join notifications n on n.id = w.notification_id
      where w.mail_id = $1 for update of w`,
    [mailId],
  );
  return rows;
}
