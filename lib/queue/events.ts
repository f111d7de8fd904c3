import { type Extent, valueEnd, walkElements, walkMembers } from "#lib/json-text/scan.ts";
import { newEventId } from "./event-id.ts";

/**
 * The body of a webhook, decided once: these characters are stored, signed and sent. Each event keeps the text that it was
 * posted in; what it lacks of the required properties (docs/platform.md#events) is written behind its last one.
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
  const found: string[] = [];
  const edits: Edit[] = [];
  let end = 0;
  walkMembers(event, 0, (key, start) => {
    found.push(key);
    end =
      key === "deliveryContext"
        ? setRedelivery(event, start, false, edits)
        : valueEnd(event, start);
    return end;
  });
  let by = "";
  if (!found.includes("webhookEventId")) by += `,"webhookEventId":"${newEventId(acceptedAt)}"`;
  if (!found.includes("deliveryContext")) by += ',"deliveryContext":{"isRedelivery":false}';
  if (!found.includes("timestamp")) by += `,"timestamp":${acceptedAt.getTime()}`;
  if (!found.includes("mode")) by += ',"mode":"active"';
  edits.push({ start: end, end, by });
  return edit(event, edits);
}

/**
 * The same body with `isRedelivery: true` in each event, and nothing else changed. It does not parse: bodies that were taken
 * in before there was a limit to their nesting are marked as well.
 */
export function markRedelivery(body: string): string {
  const edits: Edit[] = [];
  const visitEvent = (key: string, start: number): number =>
    key === "deliveryContext" && body[start] === "{"
      ? setRedelivery(body, start, true, edits)
      : valueEnd(body, start);
  const visitElement = (start: number): number => walkMembers(body, start, visitEvent);
  walkMembers(body, 0, (key, start) =>
    key === "events" ? walkElements(body, start, visitElement) : valueEnd(body, start),
  );
  return edit(body, edits);
}

type Edit = Extent & { by: string };

/** Adds the edit of the context at `at`: the token alone is replaced, or becomes the first property. Returns the context's end. */
function setRedelivery(text: string, at: number, isRedelivery: boolean, edits: Edit[]): number {
  let known: Extent | undefined;
  let count = 0;
  const contextEnd = walkMembers(text, at, (key, start) => {
    const end = valueEnd(text, start);
    if (key === "isRedelivery") known = { start, end };
    count += 1;
    return end;
  });
  const first = { start: at + 1, end: at + 1 };
  const by = `"isRedelivery":${isRedelivery}${count > 0 ? "," : ""}`;
  edits.push(known === undefined ? { ...first, by } : { ...known, by: `${isRedelivery}` });
  return contextEnd;
}

/** The text with its edits, which are given in the order of their places. */
function edit(text: string, edits: readonly Edit[]): string {
  let from = 0;
  let edited = "";
  for (const { start, end, by } of edits) {
    edited += text.slice(from, start) + by;
    from = end;
  }
  return edited + text.slice(from);
}
