const whole = new Intl.NumberFormat("en");
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 2 });

/** `950`, `1,350`, `12.25K`, `3M`: short enough for an axis, and as exact as its steps. */
export function shortCount(count: number): string {
  return count < 10_000 ? whole.format(count) : compact.format(count);
}
