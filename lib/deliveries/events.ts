import { ulid } from "ulid";
import { AppError, type AppErrorDetail } from "#lib/app-error.ts";
import { eventsMax } from "./schema.ts";

/** An event as the platform hands it in: any object with a `type`. */
export type IntakeEvent = Record<string, unknown> & { type: string };

const ulidForm = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

/**
 * Checks what one intake call brought. Unknown properties are kept: they are the platform's and pass through.
 * @throws AppError `invalid` naming each wrong property.
 */
export function parseEvents(body: unknown): IntakeEvent[] {
  const events = isRecord(body) ? body.events : undefined;
  if (!Array.isArray(events))
    refuse([{ message: "must be an array of events", property: "events" }]);
  if (events.length === 0)
    refuse([{ message: "must hold at least one event", property: "events" }]);
  if (events.length > eventsMax) {
    refuse([
      {
        message: `must hold at most ${eventsMax} events (got ${events.length})`,
        property: "events",
      },
    ]);
  }
  const details = events.flatMap((event, index) => checkEvent(event, `events[${index}]`));
  if (details.length > 0) refuse(details);
  return events;
}

function checkEvent(event: unknown, path: string): AppErrorDetail[] {
  if (!isRecord(event)) return [{ message: "must be an object", property: path }];
  const details: AppErrorDetail[] = [];
  if (typeof event.type !== "string" || event.type === "") {
    details.push({ message: "must be a non-empty string", property: `${path}.type` });
  }
  const id = event.webhookEventId;
  if (id !== undefined && !(typeof id === "string" && ulidForm.test(id))) {
    details.push({ message: "must be a ULID", property: `${path}.webhookEventId` });
  }
  const { timestamp } = event;
  if (timestamp !== undefined && !(Number.isSafeInteger(timestamp) && Number(timestamp) >= 0)) {
    details.push({ message: "must be a Unix time in milliseconds", property: `${path}.timestamp` });
  }
  return details;
}

/**
 * The body of a webhook, decided once: these characters are stored, signed and sent. What an event lacks of the
 * required properties (fact sheet 5.2) is added; `deliveryContext.isRedelivery` is always the platform's own.
 */
export function composeBody(
  botUserId: string,
  events: readonly IntakeEvent[],
  acceptedAt: Date,
): string {
  const complete = events.map((event) => ({
    ...event,
    webhookEventId: event.webhookEventId ?? ulid(acceptedAt.getTime()),
    deliveryContext: { isRedelivery: false },
    timestamp: event.timestamp ?? acceptedAt.getTime(),
    mode: event.mode ?? "active",
  }));
  try {
    return JSON.stringify({ destination: botUserId, events: complete });
  } catch (cause) {
    // The only way to fail here is the depth of the call stack.
    throw new AppError("invalid", "The events are nested too deeply", { cause });
  }
}

/**
 * The same body with `isRedelivery: true`. What composeBody made survives a round trip through JSON.parse character
 * by character, so nothing else changes.
 */
export function markRedelivery(body: string): string {
  const webhook: { events: { deliveryContext: { isRedelivery: boolean } }[] } = JSON.parse(body);
  for (const event of webhook.events) event.deliveryContext.isRedelivery = true;
  return JSON.stringify(webhook);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function refuse(details: readonly AppErrorDetail[]): never {
  throw new AppError("invalid", "The request body has errors", { details });
}
