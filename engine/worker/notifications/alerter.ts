import type { Pool } from "pg";
import { alertRequest } from "#lib/alerts/alert-request.ts";
import { openTarget } from "#lib/alerts/sealed-target.ts";
import {
  type AlertAnswer,
  alertAnswerMs,
  type ClaimedAlert,
  claimAlerts,
  recordAlert,
} from "#lib/alerts/send-alerts.ts";
import { harmlessText } from "#lib/answers/harmless-text.ts";
import { readText } from "#lib/answers/read-text.ts";
import { logFailure } from "#lib/database-log.ts";
import type { Log } from "#lib/log.ts";
import { createSlots, type Slots } from "#lib/slots.ts";
import type { DeliveryOutcome } from "#lib/transport/schema.ts";
import type { Sender } from "#lib/transport/sender.ts";

const slotCount = 8;

type AlerterDeps = {
  pool: Pool;
  sender: Pick<Sender, "send">;
  encryptionKey: Buffer;
  log: Log;
  /** What alerts are signed with. */
  now?: () => Date;
};

export type Alerter = {
  /** Claims what fits into the free slots and starts sending it; resolves with how many, before they are sent. */
  poll: () => Promise<number>;
  slots: Pick<Slots, "free" | "freed" | "idle">;
};

/**
 * Sends the alerts that are due, through the sender and the address guard of deliveries. A target that does not answer holds
 * its slot only. A worker that dies in between leaves them due again when their lease ends, with the same id, which tells
 * receivers that it is the same. Whoever polls decides when.
 */
export function createAlerter(deps: AlerterDeps): Alerter {
  const { pool, log } = deps;
  const slots = createSlots(slotCount);
  const begin = (alert: ClaimedAlert): void =>
    slots.begin(
      // Unrecorded, the alert becomes due again when its lease ends.
      sendOne(deps, alert).catch((error: unknown) =>
        logFailure(log, error, "alert not recorded", { alertId: alert.id }),
      ),
    );
  return {
    slots,
    poll: async () => {
      const free = slots.free();
      if (free === 0) return 0;
      const claimed = await claimAlerts(pool, free);
      for (const alert of claimed) begin(alert);
      return claimed.length;
    },
  };
}

async function sendOne(deps: AlerterDeps, alert: ClaimedAlert): Promise<void> {
  const now = deps.now ?? (() => new Date());
  // A target that no key opens must not hold up the others: it fails as any other does, and says so on the tab.
  const answer = await send(deps, alert, now()).catch(notSent);
  await recordAlert(deps.pool, alert, answer);
  const { error } = answer;
  if (error !== null) {
    deps.log.warn({ alertId: alert.id, attempts: alert.attempts, error }, "alert not accepted");
  }
}

async function send(
  { sender, encryptionKey }: { sender: Pick<Sender, "send">; encryptionKey: Buffer },
  alert: ClaimedAlert,
  now: Date,
): Promise<AlertAnswer> {
  const { url, credentials } = openTarget(encryptionKey, { ...alert, id: alert.targetId });
  const { body, headers, isTaken } = alertRequest(alert.kind, { ...alert, credentials, now });
  const outcome = await sender.send({
    ...{ url, body, headers, webhookId: alert.id, answerMs: alertAnswerMs },
    channelSecret: credentials.token,
  });
  const statusCode = outcome.state === "delivered" ? outcome.statusCode : outcome.error.statusCode;
  const isSent = outcome.state === "delivered" || isTaken(statusCode);
  return {
    statusCode,
    answer: answerText(outcome),
    error: isSent ? null : `${outcome.error.reason}: ${outcome.error.detail}`,
  };
}

const notSent = (error: unknown): AlertAnswer => ({
  statusCode: null,
  answer: null,
  error: String(error),
});

const answerLengthMax = 300;

/** The beginning of what came back, readable and harmless; null: nothing did. */
function answerText({ response }: DeliveryOutcome): string | null {
  if (response === null || response.body.length === 0) return null;
  const type = response.headers.find(([name]) => name.toLowerCase() === "content-type");
  const { text } = readText(type?.[1] ?? null, response.body.subarray(0, 4 * answerLengthMax));
  return harmlessText(text).slice(0, answerLengthMax).trim();
}
