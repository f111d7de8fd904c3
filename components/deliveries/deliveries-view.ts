import type { LikelyCause } from "#lib/causes/schema.ts";
import type { LogFilter } from "#lib/delivery-log/filter.ts";

export type CauseNames = Readonly<Record<LikelyCause, string>>;

/** What every part of the Deliveries page has to know. */
export type DeliveriesView = {
  channelId: string;
  filter: LogFilter;
  timeZone: string;
  /** Their texts are not in the browser: they are long. */
  causeNames: CauseNames;
};
