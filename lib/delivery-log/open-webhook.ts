import type { Actor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { Db } from "#lib/db.ts";
import { countTry, type Limit } from "#lib/limits/rate-limit.ts";
import { findWebhook } from "./get-webhook.ts";
import type { WebhookDetail } from "./schema.ts";

/** A page that stays open is drawn again with each change: one entry an hour for each person and webhook tells it. */
const entries = {
  name: "audit:webhook-opened",
  max: 1,
  windowMs: 3_600_000,
} as const satisfies Limit;

/**
 * A webhook as `findWebhook` has it, for the person who reads it. What it carries is what people wrote to the bot: so it is
 * written down before it is shown.
 */
export async function openWebhook(
  db: Db,
  actor: Actor & { id: string },
  channelId: string,
  webhookId: string,
): Promise<WebhookDetail | null> {
  const webhook = await findWebhook(db, channelId, webhookId);
  if (webhook === null) return null;
  if ((await countTry(db, entries, `${actor.id}:${webhookId}`)) <= entries.max) {
    const target = { kind: "webhook" as const, id: webhookId };
    await recordAudit(db, { actor, action: "webhook_opened", channelId, target });
  }
  return webhook;
}
