import { formatDate, formatTime } from "#lib/format.ts";

/** `10:41:07`; with its day when that is not today's. */
export function momentText(at: Date, timeZone: string): string {
  const day = formatDate(at, timeZone);
  const time = formatTime(at, timeZone);
  return day === formatDate(new Date(), timeZone) ? time : `${day} ${time}`;
}
