import { ulid } from "ulid";
import { listElements, listMembers, type Member, type Place } from "#lib/json-text/scan.ts";

/**
 * The body of a webhook, decided once: these characters are stored, signed and sent. Each event keeps the text that it was
 * posted in; what it lacks of the required properties (fact sheet 5.2) is written behind its last one.
 * `deliveryContext.isRedelivery` is always the platform's own.
 * @param events as `parseEvents` gives them
 */
export function composeBody(
  botUserId: string,
  events: readonly string[],
  acceptedAt: Date,
): string {
  const complete = events.map((event) => completeEvent(event, acceptedAt));
  return `{"destination":${JSON.stringify(botUserId)},"events":[${complete.join(",")}]}`;
}

function completeEvent(event: string, acceptedAt: Date): string {
  const members = listMembers(event, 0);
  const context = find(members, "deliveryContext");
  const edits = context === undefined ? [] : [setRedelivery(event, context, false)];
  const lacks = (name: string) => find(members, name) === undefined;
  const added = [
    lacks("webhookEventId") && `"webhookEventId":"${ulid(acceptedAt.getTime())}"`,
    lacks("deliveryContext") && '"deliveryContext":{"isRedelivery":false}',
    lacks("timestamp") && `"timestamp":${acceptedAt.getTime()}`,
    lacks("mode") && '"mode":"active"',
  ].filter((one) => one !== false);
  const end = members.at(-1)?.end ?? 0;
  return edit(event, [...edits, { start: end, end, by: added.map((one) => `,${one}`).join("") }]);
}

/**
 * The same body with `isRedelivery: true` in each event, and nothing else changed. It does not parse: bodies that were taken
 * in before there was a limit to their nesting are marked as well.
 */
export function markRedelivery(body: string): string {
  const events = find(listMembers(body, 0), "events");
  if (events === undefined) return body;
  const edits = listElements(body, events.start).flatMap(({ start }) => {
    const context = find(listMembers(body, start), "deliveryContext");
    return context && body[context.start] === "{" ? [setRedelivery(body, context, true)] : [];
  });
  return edit(body, edits);
}

type Edit = Place & { by: string };

/** The token alone is replaced; where there is none, it becomes the first property. */
function setRedelivery(text: string, context: Place, isRedelivery: boolean): Edit {
  const members = listMembers(text, context.start);
  const known = find(members, "isRedelivery");
  if (known !== undefined) return { start: known.start, end: known.end, by: `${isRedelivery}` };
  const start = context.start + 1;
  return {
    start,
    end: start,
    by: `"isRedelivery":${isRedelivery}${members.length > 0 ? "," : ""}`,
  };
}

/** The text with its edits, which are given in the order of their places. */
function edit(text: string, edits: readonly Edit[]): string {
  let from = 0;
  const parts: string[] = [];
  for (const { start, end, by } of edits) {
    parts.push(text.slice(from, start), by);
    from = end;
  }
  return parts.join("") + text.slice(from);
}

const find = (members: readonly Member[], name: string): Member | undefined =>
  members.find(({ key }) => key === name);
