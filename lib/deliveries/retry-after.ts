const day = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)";
const month = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)";
// IMF-fixdate, the only form a sender may still write (RFC 9110 section 5.6.7).
const httpDate = new RegExp(`^${day}, \\d{2} ${month} \\d{4} \\d{2}:\\d{2}:\\d{2} GMT$`);

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
  if (!httpDate.test(value)) return null;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, at - now.getTime());
}
