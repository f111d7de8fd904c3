import { valueEnd, walkMembers } from "#lib/json-text/scan.ts";

/** Of one webhook so many are kept at most: a bound for what one call can have written. */
const sourcesMax = 20;

export type SourceRow = { channelId: string; sourceId: string; webhookId: string };

/** Whether a text can be the id of a user, a group or a room; others are not kept, and not asked for. */
export const isSourceId = (text: string): boolean => /^[\w.:-]{1,64}$/.test(text);

/** Who the events of each webhook come from, each user, group and room of a webhook once. */
export function sourceRows(
  webhooks: readonly { channelId: string; webhookId: string; events: readonly string[] }[],
): SourceRow[] {
  return webhooks.flatMap(({ channelId, webhookId, events }) =>
    sourcesOf(events).map((sourceId) => ({ channelId, webhookId, sourceId })),
  );
}

/** The first 20 users, groups and rooms that events name as their source. Events are JSON objects, checked by `parseEvents`. */
export function sourcesOf(events: readonly string[]): string[] {
  const found = new Set<string>();
  for (const event of events) {
    for (const id of sourceOf(event)) {
      if (found.size === sourcesMax) return [...found];
      found.add(id);
    }
  }
  return [...found];
}

/** As `JSON.parse` has it: of members with one name the last counts. */
function sourceOf(event: string): string[] {
  const ids = new Map<string, string>();
  walkMembers(event, 0, (key, start) => {
    if (key !== "source") return valueEnd(event, start);
    ids.clear();
    return walkMembers(event, start, (name, at) => {
      const end = valueEnd(event, at);
      if (named.has(name)) {
        const id = event[at] === '"' ? String(JSON.parse(event.slice(at, end))) : "";
        if (isSourceId(id)) ids.set(name, id);
        else ids.delete(name);
      }
      return end;
    });
  });
  return [...ids.values()];
}

const named: ReadonlySet<string> = new Set(["userId", "groupId", "roomId"]);
