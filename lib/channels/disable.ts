import { AppError } from "#lib/app-error.ts";
import type { Actor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { TransactionalDb } from "#lib/db.ts";
import { cancelPending } from "#lib/deliveries/cancel.ts";
import { forgetHealth } from "#lib/endpoint-health/commands.ts";

/**
 * Takes a channel out of service: Use webhook goes off and cannot be turned on, so what waits ends as `cancelled` and new
 * events are logged as `not_sent`; its people keep their roles and see its pages. Enabled again, Use webhook stays off until
 * one of its Admins turns it on. One already as asked stays so.
 * @throws AppError not_found
 */
export async function setChannelDisabled(
  db: TransactionalDb,
  actor: Actor,
  channelId: string,
  disabled: boolean,
): Promise<void> {
  await db.$transaction(async (tx) => {
    const [row] = await tx.$queryRaw<{ disabled: boolean; providerId: string }[]>`
      select disabled_at is not null as disabled, provider_id as "providerId" from channels where id = ${channelId} for update`;
    if (row === undefined) throw new AppError("not_found", "The channel does not exist any more.");
    if (row.disabled === disabled) return;
    const data = disabled ? { disabledAt: new Date(), useWebhook: false } : { disabledAt: null };
    await tx.channel.update({ where: { id: channelId }, data, select: { id: true } });
    const endedWebhooks = disabled ? await cancelPending(tx, channelId, { lanes: "all" }) : 0;
    if (disabled) await forgetHealth(tx, channelId);
    const action = disabled ? "channel_disabled" : "channel_enabled";
    const after = endedWebhooks === 0 ? {} : { after: { endedWebhooks } };
    await recordAudit(tx, { actor, action, channelId, providerId: row.providerId, ...after });
  });
}
