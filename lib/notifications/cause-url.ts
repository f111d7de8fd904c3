import { defaultLogFilter, deliveriesHref } from "#lib/delivery-log/filter.ts";
import { defaultFilter, errorsHref } from "#lib/webhook-errors/filter.ts";
import type { NotificationContent } from "./schema.ts";

const minuteMs = 60_000;
/** What was stopped or failed within a window was accepted earlier, by the length of its redelivery schedule. */
const earlierMs = 24 * 3_600_000;
/** Outcomes are recorded a little after attempts begin. */
const recordedMs = 15_000;

/** Of a notification what decides where it leads. `isCounted`: its errors are among those that the Errors page shows. */
export type Led = Pick<
  NotificationContent,
  "type" | "channelId" | "detectedAt" | "closedAt" | "statusCode"
> & { isCounted: boolean };

/**
 * The address of what a notification counted, in whole minutes: its errors, with its status code or those without one; what was
 * stopped, in the log of deliveries; and there too what failed while errors were not counted. Of a certificate, where it is shown.
 */
export function causeUrlFor(baseUrl: string, led: Led): string {
  const { channelId, type, statusCode } = led;
  const range = wholeMinutes(led.detectedAt, led.closedAt);
  const id = encodeURIComponent(channelId);
  const earlier = { from: new Date(range.from.getTime() - earlierMs), to: range.to };
  if (type === "certificate_ends")
    return `${baseUrl}/console/channel/${id}/messaging-api#certificate`;
  if (type === "redelivery_stopped") {
    const ended = wholeMinutes(led.detectedAt, new Date(led.closedAt.getTime() + recordedMs));
    const stopped = { range: earlier, states: ["stopped"] as const, ended };
    return `${baseUrl}${deliveriesHref(id, defaultLogFilter, stopped)}`;
  }
  if (!led.isCounted) {
    const states = ["waiting", "failed", "stopped", "cancelled"] as const;
    return `${baseUrl}${deliveriesHref(id, defaultLogFilter, { range: earlier, states })}`;
  }
  const status = statusCode === null ? ("none" as const) : { from: statusCode, to: statusCode };
  const isOfWindow = type === "error_detected";
  return `${baseUrl}${errorsHref(id, defaultFilter, { range, status: isOfWindow ? status : null })}`;
}

const wholeMinutes = (from: Date, to: Date) => ({
  from: new Date(Math.floor(from.getTime() / minuteMs) * minuteMs),
  to: new Date(Math.ceil(to.getTime() / minuteMs) * minuteMs),
});
