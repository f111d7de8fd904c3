import type { ErrorFilter } from "#lib/webhook-errors/filter.ts";

/** What every part of the Errors page that makes links or shows times has to know. */
export type ErrorsView = {
  channelId: string;
  filter: ErrorFilter;
  timeZone: string;
  /** Clocks change within the range: each time stands with its own offset. */
  hasOffsets: boolean;
};
