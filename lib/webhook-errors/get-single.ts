import { z } from "zod";
import { readSeen } from "#lib/causes/read-seen.ts";
import { isLikelyCause } from "#lib/causes/schema.ts";
import type { Db } from "#lib/db.ts";
import { parseJson } from "#lib/json-text/parse-json.ts";
import { acceptedAtOf } from "#lib/webhooks/webhook-id.ts";
import { harmlessAnswer } from "./harmless-answer.ts";
import { findNextSteps, questionOfRow } from "./list-singles.ts";
import { at, type ErrorQuestion } from "./question.ts";
import type { RowKey, SingleErrorDetail } from "./schema.ts";

const eventIdsMax = 20;
const phaseOrder = ["dns", "tcp", "tls", "sent", "headers", "body", "total"] as const;
const Phases = z.record(z.string(), z.number()).catch({});
const Event = z.object({ webhookEventId: z.string().max(100) });
const Body = z.object({ events: z.array(z.unknown()) });

type Row = {
  occurredAt: Date;
  statusCode: number | null;
  url: string | null;
  phases: unknown;
  likelyCause: string | null;
  seen: unknown;
  responseHeaders: unknown;
  responseBody: Uint8Array | null;
};

/** One failed attempt of a row in full, or null when the row has no such error. The answer is harmless text. */
export async function findSingleError(
  db: Db,
  question: ErrorQuestion,
  key: RowKey,
  { webhookId, attempt }: { webhookId: string; attempt: number },
): Promise<SingleErrorDetail | null> {
  const { channelId, from, to } = questionOfRow(question, key);
  const [row] = await db.$queryRaw<Row[]>`
    select e.occurred_at as "occurredAt", e.status_code as "statusCode", a.url, a.phases,
           e.likely_cause as "likelyCause", a.seen, a.response_headers as "responseHeaders",
           a.response_body as "responseBody"
      from webhook_errors e
      left join webhook_attempts a
        on a.started_at = e.occurred_at and a.webhook_id = e.webhook_id and a.attempt = e.attempt
     where e.occurred_at >= ${at(from)} and e.occurred_at < ${at(to)} and e.webhook_id = ${webhookId}::uuid
       and e.attempt = ${attempt}::int and e.channel_id = ${channelId}`;
  if (row === undefined) return null;
  const [steps, body, answer] = await Promise.all([
    findNextSteps(db, channelId, [webhookId]),
    findBody(db, channelId, webhookId),
    harmlessAnswer(row.responseHeaders, row.responseBody),
  ]);
  const phases = Phases.parse(row.phases);
  return {
    occurredAt: row.occurredAt,
    webhookId,
    attempt,
    statusCode: row.statusCode,
    url: row.url,
    phases: phaseOrder.flatMap((phase) => {
      const durationMs = phases[phase];
      return durationMs === undefined ? [] : [{ phase, durationMs }];
    }),
    next: steps.get(webhookId) ?? { state: "unknown" },
    ...eventsOf(body),
    likelyCause: isLikelyCause(row.likelyCause) ? row.likelyCause : null,
    seen: readSeen(row.seen),
    ...answer,
  };
}

async function findBody(db: Db, channelId: string, webhookId: string): Promise<string | null> {
  const [queued, ended] = await Promise.all([
    db.queuedWebhook.findFirst({ select: { body: true }, where: { id: webhookId, channelId } }),
    db.webhook.findFirst({
      select: { body: true },
      where: { acceptedAt: acceptedAtOf(webhookId), id: webhookId, channelId },
    }),
  ]);
  return queued?.body ?? ended?.body ?? null;
}

function eventsOf(body: string | null): Pick<SingleErrorDetail, "eventIds" | "eventCount"> {
  const parsed = body === null ? undefined : Body.safeParse(parseJson(body)).data;
  if (parsed === undefined) return { eventIds: [], eventCount: null };
  const eventIds = parsed.events
    .slice(0, eventIdsMax)
    .flatMap((event) => Event.safeParse(event).data?.webhookEventId ?? []);
  return { eventIds, eventCount: parsed.events.length };
}
