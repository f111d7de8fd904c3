import type { Db } from "#lib/db.ts";
import { acceptedAtOf } from "#lib/webhooks/webhook-id.ts";

/**
 * The body of an attempt's answer as it was received, at most the first 64 KiB, of a delivered one the first KiB where it was
 * kept; null when there is none of this channel. Primary keys of webhook_attempts and delivered_answers, one probe a
 * partition from the day on which the webhook was accepted.
 */
export async function findAnswer(
  db: Db,
  channelId: string,
  { webhookId, attempt }: { webhookId: string; attempt: number },
): Promise<Uint8Array<ArrayBuffer> | null> {
  // The clocks of workers and of the machine that accepted it may differ.
  const from = new Date(acceptedAtOf(webhookId).getTime() - 86_400_000).toISOString();
  const [row] = await db.$queryRaw<{ body: Uint8Array<ArrayBuffer> | null }[]>`
    select response_body as body
      from webhook_attempts
     where webhook_id = ${webhookId}::uuid and attempt = ${attempt}::int and channel_id = ${channelId}
       and started_at >= ${from}::timestamptz
     union all
    select response_body
      from delivered_answers
     where webhook_id = ${webhookId}::uuid and attempt = ${attempt}::int and channel_id = ${channelId}
       and started_at >= ${from}::timestamptz`;
  return row?.body ?? null;
}
