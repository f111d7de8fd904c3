import type { Actor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { Db, TransactionalDb } from "#lib/db.ts";
import { requireChannelRight } from "#lib/members/require-right.ts";
import { giveTurn, moveIntoQueue } from "./enqueue.ts";
import { refuseUnlessSending } from "./refuse.ts";
import type { RedeliverReport } from "./schema.ts";

/**
 * Redelivers single webhooks of a channel: what has ended goes back into the queue, whatever it came to. What waits is
 * left alone; what is not of this channel or no longer kept counts as gone.
 * @throws AppError conflict when Use webhook is off, there is no URL, or sending is suspended; as requireChannelRight.
 */
export async function redeliverWebhooks(
  db: TransactionalDb,
  actor: Actor,
  channelId: string,
  webhookIds: readonly string[],
): Promise<RedeliverReport> {
  return db.$transaction(async (tx) => {
    await requireChannelRight(tx, actor, channelId, "redeliver");
    await refuseUnlessSending(tx, channelId);
    const moved = await moveIntoQueue(tx, channelId, webhookIds);
    const left = webhookIds.filter((id) => !moved.includes(id));
    const waiting = await countWaiting(tx, channelId, left);
    if (moved.length > 0) {
      await audit(tx, actor, channelId, moved);
      await giveTurn(tx, channelId);
    }
    return { redelivered: moved.length, waiting, gone: left.length - waiting };
  });
}

async function countWaiting(tx: Db, channelId: string, ids: readonly string[]): Promise<number> {
  const where = { channelId, id: { in: [...ids] } };
  const [queued, aside] = [
    await tx.queuedWebhook.count({ where }),
    await tx.setAsideWebhook.count({ where }),
  ];
  return queued + aside;
}

/** One webhook is named; of several their number and ids. */
function audit(tx: Db, actor: Actor, channelId: string, ids: readonly string[]): Promise<void> {
  const [id = ""] = ids;
  return recordAudit(tx, {
    actor,
    action: "webhooks_redelivered",
    channelId,
    ...(ids.length === 1 ? { target: { kind: "webhook", id } } : {}),
    after: { count: ids.length, ...(ids.length === 1 ? {} : { webhookIds: ids }) },
  });
}
