import type { Actor } from "#lib/audit/actor.ts";
import { changedFields } from "#lib/audit/changed-fields.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { TransactionalDb } from "#lib/db.ts";
import { requireChannelRight } from "#lib/members/require-right.ts";
import { findThreshold } from "./read-thresholds.ts";
import type { Threshold } from "./threshold.ts";
import type { ThresholdForm } from "./threshold-form.ts";

/**
 * Sets from how many errors on the people of a channel are told, or that they are told of every one; nothing when it is so
 * already. Holds for windows that settle from then on. Attempts are counted from 10 s later on: by then no statement of a
 * worker is under way that began before and so did not count them.
 * @throws AppError as requireChannelRight
 */
export async function saveThreshold(
  db: TransactionalDb,
  actor: Actor,
  { channelId, threshold }: ThresholdForm,
): Promise<void> {
  await db.$transaction(async (tx) => {
    await tx.$queryRaw`select 1 from channels where id = ${channelId} for no key update`;
    await requireChannelRight(tx, actor, channelId, "manage_notifications");
    const before = await findThreshold(tx, channelId);
    const changed = changedFields(fieldsOf(before), fieldsOf(threshold));
    if (changed === null) return;
    if (threshold === null) {
      await tx.notificationThreshold.deleteMany({ where: { channelId } });
    } else {
      const { kind, value } = threshold;
      await tx.$executeRaw`
        insert into notification_thresholds as t (channel_id, kind, value, counted_from)
        values (${channelId}, ${kind}, ${value}, clock_timestamp() + interval '10 seconds')
        on conflict (channel_id) do update
           set kind = excluded.kind, value = excluded.value,
               counted_from = case when t.kind = excluded.kind then t.counted_from else excluded.counted_from end`;
    }
    await recordAudit(tx, { actor, channelId, action: "threshold_changed", ...changed });
  });
}

/** A field for each kind, so that an entry tells what its number is of. */
const fieldsOf = (threshold: Threshold | null) => {
  const numberOf = (kind: Threshold["kind"]) => (threshold?.kind === kind ? threshold.value : null);
  return {
    toldFromCount: numberOf("count"),
    toldFromRate: numberOf("rate"),
    toldFromShare: numberOf("share"),
  };
};
