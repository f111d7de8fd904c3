import { parseHttpDate } from "./http-date.ts";

/**
 * `Retry-After` of an answer in ms from `now`: seconds or an HTTP date (RFC 9110 section 10.2.3), a date in the past is 0.
 * Null when absent or not understood. The schedule caps it, nothing here does.
 */
export function retryAfterMs(
  headers: readonly (readonly [string, string])[],
  now: Date,
): number | null {
  const value = headers.find(([name]) => name.toLowerCase() === "retry-after")?.[1].trim();
  if (value === undefined) return null;
  if (/^\d{1,10}$/.test(value)) return Number(value) * 1_000;
  const at = parseHttpDate(value, now);
  return at === null ? null : Math.max(0, at - now.getTime());
}
