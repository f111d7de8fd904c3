import type { ErrorFilter } from "#lib/webhook-errors/filter.ts";

/** What every part of the Errors page that makes links or shows times has to know. */
export type ErrorsView = { channelId: string; filter: ErrorFilter; timeZone: string };
