import { decodeTime } from "ulid";
import { z } from "zod";

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
 * Texts that stand in every body that can match: bodies are written by JSON.stringify without spaces. PostgreSQL looks
 * for them without parsing, which bodies with escapes such as \u0000 would not survive there.
 */
export function needlesOf(asked: { eventType: string | null; eventId: string | null }): string[] {
  const property = (name: string, value: string | null) =>
    value === null ? [] : [`"${name}":${JSON.stringify(value)}`];
  return [...property("type", asked.eventType), ...property("webhookEventId", asked.eventId)];
}

/** When an event was made, by its id; null when the text is no ULID. */
export function eventTime(eventId: string): Date | null {
  return isEventId(eventId) ? new Date(decodeTime(eventId)) : null;
}

export const isEventId = (text: string): boolean => /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(text);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
