import { decodeTime } from "ulid";
import { z } from "zod";
import { parseJson } from "#lib/json-text/parse-json.ts";

const Events = z.object({ events: z.array(z.unknown()) });
const Event = z.object({
  type: z.string(),
  webhookEventId: z.string().optional().catch(undefined),
});

type BodyEvent = z.infer<typeof Event>;

/** The events of a webhook's body; none when it is no such body. */
export function eventsOf(body: string): BodyEvent[] {
  const parsed = Events.safeParse(parseJson(body)).data;
  return parsed?.events.flatMap((event) => Event.safeParse(event).data ?? []) ?? [];
}

/** Whether one event of the body is what is asked for: exactly, not somewhere inside it. */
export function holdsEvent(
  body: string,
  { eventType, eventId }: { eventType: string | null; eventId: string | null },
): boolean {
  return eventsOf(body).some(
    (event) =>
      (eventType === null || event.type === eventType) &&
      (eventId === null || event.webhookEventId === eventId),
  );
}

/**
 * Texts of which each stands in every body that can match, unless one of its characters is written as an escape, which
 * `escapedForm` finds. PostgreSQL looks for them without parsing, which bodies with \u0000 or 1e400 would not survive there.
 */
export function needlesOf(asked: { eventType: string | null; eventId: string | null }): string[] {
  return [asked.eventType, asked.eventId].flatMap((value) =>
    value === null ? [] : JSON.stringify(value),
  );
}

/** Begins each needless escape: the cheap question before the other. */
export const escapeStart = "\\u00";
/**
 * PostgreSQL's expression for an escape in place of one of the characters that types and ids are asked for by: ASCII letters,
 * digits and `- . : _`. Those that JSON writers are used to make (controls, `<`, `>`, `&`, `'`, Latin letters) are not among them.
 */
export const escapedForm =
  "\\\\u00(2[deDE]|3[0-9aA]|4[1-9a-fA-F]|5[0-9aAfF]|6[1-9a-fA-F]|7[0-9aA])";

/** When an event was made, by its id; null when the text is no ULID. */
export function eventTime(eventId: string): Date | null {
  return isEventId(eventId) ? new Date(decodeTime(eventId)) : null;
}

export const isEventId = (text: string): boolean => /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(text);
