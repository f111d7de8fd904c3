import { dayMs } from "#lib/webhook-errors/range.ts";
import { acceptedAtOf } from "#lib/webhooks/webhook-id.ts";
import { eventTime } from "./events.ts";
import type { LogFilter } from "./filter.ts";
import type { LogQuestion } from "./schema.ts";

/** How far a platform's clock may be ahead of ours. */
const clockSkewMs = 60_000;

/**
 * What a filter asks of a channel's log. A webhook's id names its millisecond. An event's id tells when it was made, and it
 * was taken in then or later: it is looked for from there on, oldest first, whatever the range.
 */
export function resolveQuestion(
  channelId: string,
  filter: LogFilter,
  range: { from: Date; to: Date },
  { now, retentionDays }: { now: Date; retentionDays: number },
): { question: LogQuestion; ascending: boolean } {
  const { webhookId, eventId, states, eventType, doubtful, ended, job, outcome, sourceId } = filter;
  const question = {
    ...{ channelId, states, eventType, eventId, doubtful, ended, job, outcome, sourceId },
    ...range,
  };
  if (webhookId !== null) {
    const from = acceptedAtOf(webhookId);
    const to = new Date(from.getTime() + 1);
    return { question: { ...question, eventId: null, from, to }, ascending: false };
  }
  const made = eventId === null ? null : eventTime(eventId);
  if (made === null || made > now) return { question, ascending: false };
  const oldest = now.getTime() - (retentionDays + 1) * dayMs;
  const from = new Date(Math.max(made.getTime() - clockSkewMs, oldest));
  return { question: { ...question, from, to: now }, ascending: true };
}
