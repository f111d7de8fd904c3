import { v7 as newId } from "uuid";
import { AppError } from "#lib/app-error.ts";
import type { Actor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { TransactionalDb } from "#lib/db.ts";
import { takeTry } from "#lib/limits/rate-limit.ts";
import type { NotificationPolicy } from "./schema.ts";

const testLimit = { name: "test-mail", max: 3, windowMs: 3_600_000 };

/**
 * Leaves a test notification: a mail to everyone who gets this channel's mails, at once. Three an hour and channel.
 * @throws AppError rate_limited, conflict when the channel has not the function.
 */
export async function sendTestMail(
  db: TransactionalDb,
  actor: Actor,
  access: NotificationPolicy["access"],
  channelId: string,
): Promise<void> {
  if (access === "apply") {
    const approved = await db.notificationGrant.count({
      where: { holdsChannel: channelId, state: "approved" },
    });
    if (approved === 0) {
      throw new AppError("conflict", "The channel does not have the error notification.", {
        key: "notification_not_approved",
      });
    }
  }
  await takeTry(db, testLimit, channelId);
  await db.$transaction(async (tx) => {
    const id = newId();
    // The items are an example; a count of none says that nothing failed.
    await tx.$executeRaw`
      insert into notifications (id, channel_id, type, key, detected_at, closed_at, reason, detail, error_count)
      values (${id}::uuid, ${channelId}, 'test', ${id}, now(), now(), 'error_status_code', '500', 0)`;
    await recordAudit(tx, { actor, action: "test_mail_sent", channelId });
  });
}
