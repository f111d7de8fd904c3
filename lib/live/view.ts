import { type ErrorFilter, errorSearch } from "#lib/webhook-errors/filter.ts";
import { figuresMake, type LiveTopic } from "./schema.ts";

/** What a page of Statistics > Errors shows: whoever looks at the same view of a channel sees the same figures. */
export type LiveView = { filter: ErrorFilter; timeZone: string };

/** The name of a view: what is open in the list, and where a bar was zoomed from, makes no other figures. */
export function viewKey(channelId: string, { filter, timeZone }: LiveView): string {
  const only = { row: null, error: null, wider: null, zone: timeZone };
  return `${channelId}${errorSearch({ ...filter, ...only })}`;
}

/** The address of the stream that says when something changed. */
export const liveHref = (channelId: string, topic: LiveTopic): string =>
  `/console/channel/${channelId}/statistics/live?topic=${topic}`;

/** The address of the stream that sends the figures of a view. */
export function figuresHref(channelId: string, view: LiveView): string {
  const search = viewKey(channelId, view).slice(`${channelId}?`.length);
  return `${liveHref(channelId, "errors")}&figures=${figuresMake}&${search}`;
}
