import { AppError } from "#lib/app-error.ts";
import type { Db } from "#lib/db.ts";
import { Prisma } from "#prisma/generated/client.ts";
import type { CannotSendReason } from "./schema.ts";

/**
 * One row with `refusal`: why nothing can be sent for a channel now, or null; no row when there is no channel. Holds the
 * channel's row until the transaction ends: a switch that is turned meanwhile waits, and then ends what was queued.
 */
export const cannotSendSql = (channelId: string): Prisma.Sql => Prisma.sql`
  select case when not c.use_webhook then 'webhook_off' when c.webhook_url is null then 'no_url'
              when h.suspended_at is not null then 'suspended' end as refusal
    from channels c left join endpoint_health h on h.channel_id = c.id
   where c.id = ${channelId} for share of c`;

const texts: Record<CannotSendReason, string> = {
  webhook_off: "Use webhook is off: nothing can be redelivered. Turn it on first.",
  no_url: "There is no Webhook URL: nothing can be redelivered. Set one first.",
  suspended: "Sending to this bot server is suspended. An Admin must resume it first.",
};

/** What `cannotSendSql` says, now or in a transaction. */
export async function findCannotSendReason(
  tx: Db,
  channelId: string,
): Promise<CannotSendReason | null> {
  const [row] = await tx.$queryRaw<{ refusal: CannotSendReason | null }[]>(
    cannotSendSql(channelId),
  );
  return row === undefined ? "webhook_off" : row.refusal;
}

/** @throws AppError conflict when nothing can be sent for the channel. */
export async function refuseUnlessSending(tx: Db, channelId: string): Promise<void> {
  const refusal = await findCannotSendReason(tx, channelId);
  if (refusal !== null)
    throw new AppError("conflict", texts[refusal], { key: `redeliver_${refusal}` });
}
