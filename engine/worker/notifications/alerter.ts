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
import type { Log } from "#lib/log.ts";
import type { DeliveryOutcome } from "#lib/transport/schema.ts";
import type { Sender } from "#lib/transport/sender.ts";

const slots = 8;

type AlerterDeps = {
  pool: Pool;
  sender: Pick<Sender, "send">;
  encryptionKey: Buffer;
  log: Log;
  /** What alerts are signed with. */
  now?: () => Date;
};

/**
 * Sends the alerts that are due, through the sender and the address guard of deliveries, until none is; returns how many. A
 * target that does not answer holds its place only. A worker that dies in between leaves them due again when their lease
 * ends, with the same id, which tells receivers that it is the same.
 */
export async function sendDueAlerts(deps: AlerterDeps): Promise<number> {
  const claimed = await claimAlerts(deps.pool, slots);
  const counts = await Promise.all(claimed.map((alert) => sendInTurn(deps, alert)));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** One alert, then one after another of those that are due. */
async function sendInTurn(deps: AlerterDeps, first: ClaimedAlert): Promise<number> {
  let count = 0;
  for (let alert: ClaimedAlert | undefined = first; alert !== undefined; count += 1) {
    await sendOne(deps, alert);
    [alert] = await claimAlerts(deps.pool, 1);
  }
  return count;
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
