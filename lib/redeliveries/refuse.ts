import { AppError } from "#lib/app-error.ts";
import type { Db } from "#lib/db.ts";
import type { CannotSendReason } from "./schema.ts";

/**
 * Why nothing can be sent for a channel now, or null. Holds the channel's row until the transaction ends: a switch that
 * is turned meanwhile waits, and then ends what was queued.
 */
export async function findCannotSendReason(
  tx: Db,
  channelId: string,
): Promise<CannotSendReason | null> {
  const [row] = await tx.$queryRaw<{ used: boolean; url: string | null; suspended: boolean }[]>`
    select c.use_webhook as used, c.webhook_url as url, h.suspended_at is not null as suspended
      from channels c left join endpoint_health h on h.channel_id = c.id
     where c.id = ${channelId} for share of c`;
  if (row === undefined || !row.used) return "webhook_off";
  if (row.url === null) return "no_url";
  return row.suspended ? "suspended" : null;
}

const texts: Record<CannotSendReason, string> = {
  webhook_off: "Use webhook is off: nothing can be redelivered. Turn it on first.",
  no_url: "There is no Webhook URL: nothing can be redelivered. Set one first.",
  suspended: "Sending to this bot server is suspended. An Admin must resume it first.",
};

/** @throws AppError conflict when nothing can be sent for the channel. */
export async function refuseUnlessSending(tx: Db, channelId: string): Promise<void> {
  const refusal = await findCannotSendReason(tx, channelId);
  if (refusal !== null)
    throw new AppError("conflict", texts[refusal], { key: `redeliver_${refusal}` });
}
