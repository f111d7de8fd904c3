import { requireOperatorRight } from "#lib/accounts/hold-actor.ts";
import { AppError } from "#lib/app-error.ts";
import type { Actor } from "#lib/audit/actor.ts";
import { recordAudit, recordAudits } from "#lib/audit/record-audit.ts";
import { cancelWaiting } from "#lib/cancellations/cancel-waiting.ts";
import type { Db, TransactionalDb } from "#lib/db.ts";
import { forgetHealth } from "#lib/endpoint-health/commands.ts";
import { holdProvider } from "#lib/members/hold-provider.ts";

/** A channel whose row the transaction has locked. */
type Locked = { id: string; providerId: string };

/**
 * Takes a channel out of service: Use webhook goes off and cannot be turned on, so what waits ends as `cancelled` and new
 * events are logged as `not_sent`; its people keep their roles and see its pages. Enabled again, Use webhook stays off until
 * one of its Admins turns it on. One already as asked stays so.
 * @throws AppError not_found; conflict when it is enabled while its provider is disabled; as requireOperatorRight.
 */
export async function setChannelDisabled(
  db: TransactionalDb,
  actor: Actor,
  channelId: string,
  disabled: boolean,
): Promise<void> {
  await db.$transaction(async (tx) => {
    if (!disabled) await keepOutOfDisabledProvider(tx, channelId);
    const [row] = await tx.$queryRaw<(Locked & { disabled: boolean })[]>`
      select id, disabled_at is not null as disabled, provider_id as "providerId"
        from channels where id = ${channelId} for update`;
    if (row === undefined) throw gone();
    await requireOperatorRight(tx, actor);
    if (row.disabled === disabled) return;
    await (disabled ? takeOutOfService(tx, actor, [row]) : putIntoService(tx, actor, row));
  });
}

/**
 * Disables channels in the caller's transaction, which has locked them in the order of their ids, in few statements however
 * many they are and whatever waits for them. What waits is cancelled before health is forgotten: the record step locks in
 * that order too. Returns how many webhooks ended at once, and whether workers end more of them from now on.
 */
export async function takeOutOfService(
  tx: Db,
  actor: Actor,
  channels: readonly Locked[],
): Promise<{ endedCount: number; isEndingMore: boolean }> {
  const ids = channels.map((channel) => channel.id);
  await tx.$executeRaw`update channels set disabled_at = now(), use_webhook = false where id = any(${ids})`;
  const { ended, isEndingMore } = await cancelWaiting(tx, ids, { lanes: "all" });
  await forgetHealth(tx, ids);
  const entries = channels.map(({ id: channelId, providerId }) => {
    const endedWebhooks = ended.get(channelId) ?? 0;
    const after = endedWebhooks === 0 ? {} : { after: { endedWebhooks } };
    return { actor, action: "channel_disabled", channelId, providerId, ...after } as const;
  });
  await recordAudits(tx, entries);
  const endedCount = [...ended.values()].reduce((sum, count) => sum + count, 0);
  return { endedCount, isEndingMore };
}

async function putIntoService(tx: Db, actor: Actor, { id, providerId }: Locked): Promise<void> {
  await tx.channel.update({ where: { id }, data: { disabledAt: null }, select: { id: true } });
  await recordAudit(tx, { actor, action: "channel_enabled", channelId: id, providerId });
}

/** Holds the provider before the channel is locked, in the order in which a provider's disabling takes both. */
async function keepOutOfDisabledProvider(tx: Db, channelId: string): Promise<void> {
  const where = { id: channelId };
  const channel = await tx.channel.findUnique({ where, select: { providerId: true } });
  if (channel === null) throw gone();
  const provider = await holdProvider(tx, channel.providerId);
  if (provider?.isDisabled !== true) return;
  throw new AppError("conflict", "The channel's provider is disabled: enable the provider first.", {
    key: "provider_is_disabled_enable",
  });
}

const gone = () => new AppError("not_found", "The channel no longer exists.");
