import { defaultFilter, errorSearch } from "#lib/webhook-errors/filter.ts";
import type { NotificationContent } from "./schema.ts";

const minuteMs = 60_000;

/**
 * The address of the Errors view that shows what a notification counted: its stretch of time in whole minutes, and its
 * status code. Errors without one have several reasons, so that view shows all of the time.
 */
export function errorsUrlFor(
  baseUrl: string,
  {
    channelId,
    detectedAt,
    closedAt,
    statusCode,
  }: Pick<NotificationContent, "channelId" | "detectedAt" | "closedAt" | "statusCode">,
): string {
  const search = errorSearch(defaultFilter, {
    range: {
      from: new Date(Math.floor(detectedAt.getTime() / minuteMs) * minuteMs),
      to: new Date(Math.ceil(closedAt.getTime() / minuteMs) * minuteMs),
    },
    status: statusCode === null ? null : { from: statusCode, to: statusCode },
  });
  return `${baseUrl}/console/channel/${encodeURIComponent(channelId)}/statistics/errors${search}`;
}
