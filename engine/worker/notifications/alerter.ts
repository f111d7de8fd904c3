import type { Pool } from "pg";
import { openTarget } from "#lib/alerts/sealed-target.ts";
import { type ClaimedAlert, claimAlerts, recordAlert } from "#lib/alerts/send-alerts.ts";
import type { Log } from "#lib/log.ts";
import type { DeliveryOutcome } from "#lib/transport/schema.ts";
import type { Sender } from "#lib/transport/sender.ts";
import { standardWebhooksSignature } from "#lib/webhooks/signature.ts";

const slots = 8;

/**
 * Sends the alerts that are due, through the sender and the address guard of deliveries; returns how many. A worker that
 * dies in between leaves them due again when their lease ends, with the same `webhook-id`.
 */
export async function sendDueAlerts(deps: {
  pool: Pool;
  sender: Pick<Sender, "send">;
  encryptionKey: Buffer;
  log: Log;
  /** What alerts are signed with. */
  now?: () => Date;
}): Promise<number> {
  const now = deps.now ?? (() => new Date());
  const alerts = await claimAlerts(deps.pool, slots);
  await Promise.all(
    alerts.map(async (alert) => {
      // A target that no key opens must not hold up the others: it fails as any other does, and says so on the tab.
      const error = await send(deps, alert, now()).then(describe, String);
      await recordAlert(deps.pool, alert, error);
      if (error !== null) {
        deps.log.warn({ alertId: alert.id, attempts: alert.attempts, error }, "alert not accepted");
      }
    }),
  );
  return alerts.length;
}

async function send(
  { sender, encryptionKey }: { sender: Pick<Sender, "send">; encryptionKey: Buffer },
  alert: ClaimedAlert,
  now: Date,
): Promise<DeliveryOutcome> {
  const { url, secret } = openTarget(encryptionKey, { ...alert, id: alert.targetId });
  const body = Buffer.from(alert.body);
  return sender.send({
    url,
    body,
    webhookId: alert.id,
    channelSecret: secret ?? "",
    headers: headersOf(alert.id, secret, body, now),
  });
}

/** Signed as Standard Webhooks says where there is a secret; nothing of the platform's own headers. */
function headersOf(id: string, secret: string | null, body: Buffer, now: Date): [string, string][] {
  const timestamp = Math.floor(now.getTime() / 1_000);
  const signed: [string, string][] =
    secret === null
      ? []
      : [
          ["webhook-id", id],
          ["webhook-timestamp", String(timestamp)],
          ["webhook-signature", standardWebhooksSignature(secret, id, timestamp, body)],
        ];
  return [["content-type", "application/json"], ["user-agent", "Tocsin-Alerts/1.0"], ...signed];
}

const describe = (outcome: DeliveryOutcome): string | null =>
  outcome.state === "delivered" ? null : `${outcome.error.reason}: ${outcome.error.detail}`;
