import type { Pool, PoolClient } from "pg";
import { inTransaction } from "#lib/db.ts";
import type { ClaimedMail } from "#lib/outbox/claim-mails.ts";
import { poolTime } from "#lib/time/database-time.ts";
import { findHeld } from "./hold.ts";
import { isUrgent } from "./plan-mails.ts";
import { readWanted, type Told } from "./read-wanted.ts";
import type { NotificationPolicy, ToldAs } from "./schema.ts";

type Notice = Told & { id: string; isUrgent: boolean };

/**
 * Takes a claimed mail back, instead of sending it, when its reader should no longer get all that it tells: the role is gone, the
 * account disabled, such mails turned off, or the function withdrawn since it was written; and when their quiet hours have begun,
 * unless a mail server may have taken it already. What else a digest told of waits again and is written anew. Mails of no
 * notification are left alone. Returns whether it took the mail back.
 *
 * Does not protect from what happens between this and the mail server's answer.
 */
export async function takeBackUnwanted(
  pool: Pool,
  mail: Pick<ClaimedMail, "id" | "attempts" | "uncertain">,
  policy: NotificationPolicy,
): Promise<boolean> {
  return inTransaction(pool, async (client) => {
    const notices = await lockNotices(client, mail.id);
    const { isWanted, audiences } = await readWanted(client, notices, policy);
    const kept = notices.filter(isWanted);
    const held = findHeld(kept, audiences, policy, await poolTime(client));
    if (kept.length === notices.length && (held.size === 0 || mail.uncertain)) return false;
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
  const { rows } = await client.query<
    Omit<Notice, "isUrgent"> & { windowKey: string; toldAs: ToldAs | null }
  >(
    `select w.id, w.channel_id as "channelId", w.address_key as key, n.type, n.key as "windowKey", n.told_as as "toldAs"
       from notices w join notifications n on n.id = w.notification_id
      where w.mail_id = $1 for update of w`,
    [mailId],
  );
  return rows.map(({ windowKey, toldAs, ...notice }) => ({
    ...notice,
    isUrgent: isUrgent({ type: notice.type, key: windowKey, toldAs }),
  }));
}
