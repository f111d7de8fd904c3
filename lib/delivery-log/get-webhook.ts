import { z } from "zod";
import { readSeen } from "#lib/causes/read-seen.ts";
import { isLikelyCause } from "#lib/causes/schema.ts";
import type { Db } from "#lib/db.ts";
import { readDoubt } from "#lib/delivered-answers/schema.ts";
import { isErrorReason } from "#lib/transport/error-class.ts";
import { harmlessAnswer } from "#lib/webhook-errors/harmless-answer.ts";
import { acceptedAtOf } from "#lib/webhooks/webhook-id.ts";
import { findBody, scanSlice } from "./scan.ts";
import type { LoggedAttempt, WebhookDetail } from "./schema.ts";

/** Redeliveries by people make more attempts than a schedule has; the newest are shown. */
export const attemptsMax = 50;
const phaseOrder = ["dns", "tcp", "tls", "sent", "headers", "body", "total"] as const;
const Phases = z.record(z.string(), z.number()).catch({});

/**
 * A webhook of this channel with all its attempts, the newest first; null when it is not of this channel or no longer
 * kept. What bot servers answered is turned into harmless text.
 */
export async function findWebhook(
  db: Db,
  channelId: string,
  id: string,
): Promise<WebhookDetail | null> {
  const from = acceptedAtOf(id);
  const question = {
    channelId,
    from,
    to: new Date(from.getTime() + 1),
    states: null,
    eventType: null,
    eventId: null,
    doubtful: false,
  };
  // Queue and log at one moment: a webhook that moves from one to the other is found.
  const slice = await scanSlice(
    db,
    question,
    { after: null, ascending: true },
    { size: 10_000, reads: "all" },
  );
  const webhook = slice.webhooks.find((one) => one.id === id);
  if (webhook === undefined) return null;
  const [body, failed, delivered] = await Promise.all([
    findBody(db, channelId, id),
    listFailed(db, channelId, id),
    listDelivered(db, channelId, id),
  ]);
  // It moved just now: its body is where it was not looked for.
  const known = body ?? (await findBody(db, channelId, id));
  if (known === null) return null;
  const history = [...failed, ...delivered].sort((a, b) => b.attempt - a.attempt);
  return { ...webhook, body: known, history };
}

type FailedRow = {
  attempt: number;
  startedAt: Date;
  url: string;
  reason: string;
  detail: string;
  statusCode: number | null;
  phases: unknown;
  likelyCause: string | null;
  seen: unknown;
  responseHeaders: unknown;
  responseBody: Uint8Array | null;
};

/** Primary key of webhook_attempts, one probe a partition from the day on which the webhook was accepted. */
async function listFailed(db: Db, channelId: string, id: string): Promise<LoggedAttempt[]> {
  const rows = await db.$queryRaw<FailedRow[]>`
    select attempt, started_at as "startedAt", url, reason::text as reason, detail, status_code as "statusCode", phases,
           likely_cause as "likelyCause", seen, response_headers as "responseHeaders", response_body as "responseBody"
      from webhook_attempts
     where webhook_id = ${id}::uuid and channel_id = ${channelId} and started_at >= ${dayBefore(id)}::timestamptz
     order by attempt desc limit ${attemptsMax}::int`;
  return Promise.all(
    rows.map(async ({ reason, likelyCause, seen, responseHeaders, responseBody, ...row }) => ({
      ...row,
      outcome: "failed" as const,
      reason: isErrorReason(reason) ? reason : "unclassified",
      phases: phasesOf(row.phases),
      likelyCause: isLikelyCause(likelyCause) ? likelyCause : null,
      seen: readSeen(seen),
      ...(await harmlessAnswer(responseHeaders, responseBody)),
    })),
  );
}

/** The clocks of workers and of the machine that accepted it may differ. */
const dayBefore = (id: string): string =>
  new Date(acceptedAtOf(id).getTime() - 86_400_000).toISOString();

type DeliveredRow = {
  attempt: number;
  startedAt: Date;
  url: string | null;
  statusCode: number | null;
  phases: unknown;
  doubt: string | null;
  responseHeaders: unknown;
  responseBody: Uint8Array | null;
};

/**
 * The attempt that stands in the log row, and those that redeliveries superseded, with their answers where they were kept.
 * Indexes: the primary keys.
 */
async function listDelivered(db: Db, channelId: string, id: string): Promise<LoggedAttempt[]> {
  const rows = await db.$queryRaw<DeliveredRow[]>`
    select d.attempt, d.started_at as "startedAt", d.url, d.status_code as "statusCode", d.phases, d.doubt,
           a.response_headers as "responseHeaders", a.response_body as "responseBody"
      from (select attempts as attempt, started_at, url, status_code, phases, doubt
              from webhooks
             where channel_id = ${channelId} and accepted_at = ${acceptedAtOf(id).toISOString()}::timestamptz
               and id = ${id}::uuid and state = 'delivered' and started_at is not null
            union all
            (select attempt, started_at, url, status_code, phases, doubt from superseded_deliveries
              where webhook_id = ${id}::uuid and channel_id = ${channelId}
              order by attempt desc limit ${attemptsMax}::int)) d
      left join delivered_answers a
        on a.webhook_id = ${id}::uuid and a.attempt = d.attempt and a.started_at = d.started_at`;
  return Promise.all(
    rows.map(async ({ doubt, responseHeaders, responseBody, ...row }) => ({
      ...row,
      outcome: "delivered" as const,
      doubt: readDoubt(doubt),
      phases: phasesOf(row.phases),
      ...(await harmlessAnswer(responseHeaders, responseBody)),
    })),
  );
}

function phasesOf(phases: unknown): LoggedAttempt["phases"] {
  const known = Phases.parse(phases);
  return phaseOrder.flatMap((phase) => {
    const durationMs = known[phase];
    return durationMs === undefined ? [] : [{ phase, durationMs }];
  });
}
