import type { LogFilter } from "#lib/delivery-log/filter.ts";

/** What every part of the Deliveries page has to know. */
export type DeliveriesView = {
  channelId: string;
  filter: LogFilter;
  timeZone: string;
};
