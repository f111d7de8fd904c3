import { requireOperatorRight } from "#lib/accounts/hold-actor.ts";
import { AppError } from "#lib/app-error.ts";
import type { Actor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import { takeOutOfService } from "#lib/channels/disable.ts";
import type { Db, TransactionalDb } from "#lib/db.ts";
import { databaseTime } from "#lib/time/database-time.ts";

// Few statements in all, but a row or two for each of thousands of channels: perhaps more than the five seconds that Prisma
// gives.
const timeoutMs = 120_000;

/**
 * Takes a provider out of service, and with it every channel of it that is in service, each as if it were disabled alone.
 * Until it is enabled again no channel can be created in it or enabled; reading, roles, renaming and deleting stay possible.
 * Enabled again, its channels stay disabled: which of them were so before is not known, so each is enabled by itself.
 * One already as asked stays so.
 * @throws AppError not_found; as requireOperatorRight.
 */
export async function setProviderDisabled(
  db: TransactionalDb,
  actor: Actor,
  providerId: string,
  disabled: boolean,
): Promise<void> {
  await db.$transaction(
    async (tx) => {
      // `for update`, not a weaker lock: it waits for whoever holds the provider (hold.ts), so their channels are seen below.
      const [row] = await tx.$queryRaw<{ disabled: boolean }[]>`
        select disabled_at is not null as disabled from providers where id = ${providerId} for update`;
      if (row === undefined) {
        throw new AppError("not_found", "The provider no longer exists.");
      }
      await requireOperatorRight(tx, actor);
      if (row.disabled === disabled) return;
      await tx.provider.update({
        where: { id: providerId },
        data: { disabledAt: disabled ? await databaseTime(tx) : null },
        select: { id: true },
      });
      if (disabled) await disableChannels(tx, actor, providerId);
      else await recordAudit(tx, { actor, action: "provider_enabled", providerId });
    },
    { timeout: timeoutMs },
  );
}

/** In the order of ids, so that whoever locks many channels does not block this. Index: channels (provider_id). */
async function disableChannels(tx: Db, actor: Actor, providerId: string): Promise<void> {
  const channels = await tx.$queryRaw<{ id: string; providerId: string }[]>`
    select id, provider_id as "providerId" from channels
     where provider_id = ${providerId} and disabled_at is null order by id for update`;
  const { endedCount, isEndingMore } = await takeOutOfService(tx, actor, channels);
  const ended = { endedWebhooks: endedCount, ...(isEndingMore ? { endingMore: true } : {}) };
  const after = { disabledChannels: channels.length, ...ended };
  await recordAudit(tx, { actor, action: "provider_disabled", providerId, after });
}
