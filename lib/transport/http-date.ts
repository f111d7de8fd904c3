const days = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)";
const longDays = "(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)";
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const month = `(?<month>${months.join("|")})`;
// A leap second is the 60th.
const time = "(?<hour>[01]\\d|2[0-3]):(?<minute>[0-5]\\d):(?<second>[0-5]\\d|60)";
const forms = [
  new RegExp(`^${days}, (?<day>\\d{2}) ${month} (?<year>\\d{4}) ${time} GMT$`),
  // Of RFC 850, with two digits of the year.
  new RegExp(`^${longDays}, (?<day>\\d{2})-${month}-(?<year>\\d{2}) ${time} GMT$`),
  // Of C's asctime.
  new RegExp(`^${days} ${month} (?<day>[ \\d]\\d) ${time} (?<year>\\d{4})$`),
];
/** A year of two digits lies at most so many years ahead. */
const yearsAhead = 50;

/**
 * A date in one of the three forms that recipients must take (RFC 9110 section 5.6.7), in ms since 1970; null for anything
 * else, also for a day that there is not. A day of the week that does not fit is overlooked: the rest says the date. `now`
 * decides the century of a year of two digits.
 */
export function parseHttpDate(text: string, now: Date): number | null {
  for (const form of forms) {
    const found = form.exec(text)?.groups;
    if (found !== undefined) return toTime(found, now);
  }
  return null;
}

function toTime(found: Record<string, string>, now: Date): number | null {
  const { day, month = "", year = "", hour, minute, second } = found;
  const at = (fullYear: number): number | null => {
    const date = new Date(Date.UTC(fullYear, months.indexOf(month), Number(day)));
    const isDay = date.getUTCDate() === Number(day) && date.getUTCFullYear() === fullYear;
    if (!isDay) return null;
    return date.getTime() + ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1_000;
  };
  if (year.length === 4) return at(Number(year));
  const latest = new Date(now);
  latest.setUTCFullYear(now.getUTCFullYear() + yearsAhead);
  const century = Math.floor(latest.getUTCFullYear() / 100) * 100;
  const nearest = at(century + Number(year));
  if (nearest !== null && nearest <= latest.getTime()) return nearest;
  return at(century - 100 + Number(year));
}
